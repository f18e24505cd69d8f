import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Layer, type LayerFile, layerOf, readTree } from '../../images/oci/image/mod.ts';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { pushBase } from '../../test/images/oci/support/node-base.ts';

const node = 'usr/local/bin/node';
const npm = 'usr/local/lib/node_modules/npm';
const certificates = 'etc/ssl/certs/ca-certificates.crt';

/** Where a stage of a Dockerfile finds npm. */
export const npmScript = `/${npm}/bin/npm-cli.js`;

/** Makes npm ask the network for packages and nothing else. */
export const quietNpm = { NPM_CONFIG_AUDIT: 'false', NPM_CONFIG_FUND: 'false', NPM_CONFIG_UPDATE_NOTIFIER: 'false' };

/** What an image to build on has, and nothing else: this Node, npm, a shell, the libraries they load, and certificates. */
export async function baseLayer(directory: string): Promise<Layer> {
  const programs = { [node]: process.execPath, 'bin/sh': '/bin/sh', 'usr/bin/env': '/usr/bin/env' };
  const libraries = Object.values(programs).flatMap((program) => librariesOf(program));
  const files = await Promise.all([
    ...Object.entries(programs).map(([path, file]) => fileFrom(path, file, 0o755)),
    ...[...new Set(libraries)].map((file) => fileFrom(file.slice(1), file, 0o755)),
    ...(existsSync(`/${certificates}`) ? [fileFrom(certificates, `/${certificates}`, 0o644)] : []),
  ]);
  return layerOf([...files, ...(await npmFiles())], { directory, allowed: [`${npm}/`] });
}

/** Puts an image of that layer into the registry; its name. */
export async function putBase(host: string, layer: Layer): Promise<string> {
  const registry = openRegistry(host);
  try {
    await pushBase(registry.repository('base/node'), '24', layer, {
      entrypoint: [`/${node}`],
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        ...quietNpm,
        ...(existsSync(`/${certificates}`) && { NODE_EXTRA_CA_CERTS: `/${certificates}` }),
      },
      user: '0:0',
      workingDirectory: '/',
    });
    return `${host}/base/node:24`;
  } finally {
    await registry.close();
  }
}

function librariesOf(program: string): string[] {
  const text = execFileSync('ldd', [program], { encoding: 'utf8' });
  return Array.from(text.matchAll(/(\/\S+) \(0x/g), ([, path]) => path!);
}

async function npmFiles(): Promise<LayerFile[]> {
  const command = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const files = await readTree(resolve(await realpath(command), '../..'));
  return files.map((file) => ({ ...file, path: `${npm}/${file.path}` }));
}

async function fileFrom(path: string, link: string, mode: 0o644 | 0o755): Promise<LayerFile> {
  const file = await realpath(link);
  return { path, mode, content: { file, size: (await stat(file)).size } };
}
