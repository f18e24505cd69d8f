import { build } from 'esbuild';
import { bundledInputs } from '../oci/image/mod.ts';
import { imageFile, settings } from './esbuild.ts';
import type { Provisioner } from './kept-provisioner.ts';
import { renumber, shippedBy } from './runtime-layer.ts';

const program = 'provision.mjs';

/** Bundles it from the runtime package in `directory`. It is no part of any application's image. */
export async function bundleProvisioner(directory: string): Promise<Provisioner> {
  const { outputFiles, metafile } = await build({
    ...settings,
    sourcemap: false,
    tsconfigRaw: {},
    metafile: true,
    entryPoints: [{ in: './dist/provision/main.js', out: 'provision' }],
    splitting: true,
    chunkNames: 'provision/[hash]',
    absWorkingDir: directory,
    outdir: directory,
  });
  const files = renumber(
    outputFiles.map((one) => imageFile(one, directory)),
    'provision',
  );
  return {
    program: files.find(({ path }) => path === program)!,
    driver: files.filter(({ path }) => path !== program),
    packages: await shippedBy(directory, bundledInputs(metafile)),
  };
}
