// Compiles the runtime, the only part of the repository that applications import: JavaScript and declarations under
// runtime/dist, and the bundles of it that go into images. Everything else runs from its sources.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${root}runtime/dist`, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}runtime`], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const { bundleRuntime, writeRuntimeLayer } = await import('./images/bundle/runtime-layer.ts');
await writeRuntimeLayer(`${root}runtime`, await bundleRuntime(`${root}runtime`));
const { bundleProvisioner } = await import('./images/bundle/provisioner.ts');
const { keepProvisioner } = await import('./images/bundle/kept-provisioner.ts');
await keepProvisioner(`${root}runtime`, await bundleProvisioner(`${root}runtime`));
