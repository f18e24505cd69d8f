import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { analyze, generateClients } from '../../analyzer/mod.ts';
import { createEntry } from '../../images/bundle/entry.ts';
import { processesOf } from '../../pipeline/mod.ts';
import { inKit } from '../shop.ts';
import { npmScript, quietNpm } from './base.ts';
import { measureCommand } from './measure-command.ts';

const run = promisify(execFile);
const runtime = 'encore.dev.tgz';

/**
 * The shop as its team would ship it without Fairlead: the same sources, a lock file, and a Dockerfile as one should be.
 * The dependencies come before the sources, so that a change of these installs nothing; stages do not wait for each other;
 * what is shipped has production dependencies only and does not run as root. The runtime is an installed package here. What
 * Fairlead makes from the sources, the entry and the clients, lies there as files.
 */
export async function writePeerApplication(directory: string): Promise<void> {
  const shop = inKit('examples/shop');
  const filter = (path: string) => !/node_modules|encore\.gen|\.secrets/.test(path);
  await cp(shop, directory, { recursive: true, filter });
  const { graph, diagnostics } = await analyze({ root: shop, runtime: inKit('runtime') });
  if (graph === undefined) throw new Error(JSON.stringify(diagnostics));
  const [whole] = processesOf(graph, 'all-in-one');
  const files = {
    ...Object.fromEntries(generateClients(graph).map(({ path, text }) => [path, text])),
    'main.js': createEntry(graph, whole!),
    'package.json': `${JSON.stringify(await packageOfPeer(), null, 2)}\n`,
    '.dockerignore': '.git\nnode_modules\nDockerfile\n.dockerignore\n',
    Dockerfile: dockerfile(graph.databases.flatMap(({ migrations }) => migrations?.directory ?? [])),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  await packRuntime(directory);
  await run('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: directory });
}

/** Milliseconds that the installation of the dependencies takes from the registry of packages. */
export async function measureInstall(application: string, directory: string): Promise<number> {
  await cp(application, directory, { recursive: true });
  const argv = ['npm', 'ci', '--ignore-scripts', '--cache', join(directory, '.npm')];
  const { wall } = await measureCommand(argv, { cwd: directory, env: quietNpm });
  await rm(directory, { recursive: true });
  return wall;
}

async function packageOfPeer(): Promise<object> {
  const shop = JSON.parse(await readFile(inKit('examples/shop/package.json'), 'utf8'));
  const { dependencies } = JSON.parse(await readFile(inKit('package.json'), 'utf8'));
  const esbuild =
    'esbuild main.js --bundle --packages=external --platform=node --format=esm --minify --sourcemap --outfile=dist/main.mjs';
  return {
    ...shop,
    scripts: { build: esbuild, 'build-checked': `tsc --noEmit && ${esbuild}` },
    dependencies: { 'encore.dev': `file:${runtime}` },
    devDependencies: { ...shop.devDependencies, esbuild: dependencies.esbuild },
  };
}

/** The runtime as a package, without what is in it for Fairlead's own images only. */
async function packRuntime(directory: string): Promise<void> {
  const copy = join(directory, '.runtime');
  const filter = (path: string) => !path.startsWith(inKit('runtime/dist/layer'));
  await mkdir(copy);
  await cp(inKit('runtime/dist'), join(copy, 'dist'), { recursive: true, filter });
  await cp(inKit('runtime/package.json'), join(copy, 'package.json'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: copy });
  await cp(join(directory, stdout.trim()), join(directory, runtime));
  await rm(join(directory, stdout.trim()));
  await rm(copy, { recursive: true });
}

function dockerfile(migrations: string[]): string {
  const npm = (...args: string[]) => `RUN ${JSON.stringify(['node', npmScript, ...args])}`;
  return `ARG BASE
FROM $BASE AS dependencies
WORKDIR /app
COPY package.json package-lock.json ${runtime} ./
${npm('ci', '--omit=dev')}

FROM $BASE AS build
WORKDIR /app
COPY package.json package-lock.json ${runtime} ./
${npm('ci')}
COPY . .
ARG SCRIPT=build
RUN node ${npmScript} run "$SCRIPT"

FROM $BASE
ENV NODE_ENV=production
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.mjs"]
COPY --from=dependencies /app/node_modules node_modules
${migrations.map((path) => `COPY --from=build /app/${path} ${path}`).join('\n')}
COPY --from=build /app/dist dist
`;
}
