import { dirname, relative, resolve, sep } from 'node:path';
import type { BuildOptions, OutputFile } from 'esbuild';
import type { ImageFile } from './files.ts';

/**
 * Commonjs packages call `require` and look for their own directory. The names cannot clash: all others are minified.
 */
const banner = [
  `import{createRequire as __createRequire}from'node:module';`,
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

/** How everything in an image is bundled. Minifying leaves out the comments and keys that name a directory. */
export const settings = {
  write: false,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  charset: 'utf8',
  minify: true,
  // Names of errors and functions are read in logs.
  keepNames: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  banner: { js: banner },
  logLevel: 'silent',
} satisfies BuildOptions;

/** The namespace of generated modules. */
export const generatedNamespace = 'generated';

/**
 * What esbuild made in `root`, a directory without symbolic links, as part of an image: the same bytes on every machine.
 * To a source map, the sources lie where the image is: those in `root` under `prefix`.
 */
export function imageFile({ path, text, contents }: OutputFile, root: string, prefix = ''): ImageFile {
  const name = slashes(relative(root, path));
  if (!name.endsWith('.map')) return { path: name, bytes: contents };
  const { version, sources, names, mappings } = JSON.parse(text) as Record<string, unknown> & { sources: string[] };
  const up = '../'.repeat(name.split('/').length - 1);
  const normal = sources.map((source) => up + normalizeSource(source, dirname(path), root, prefix));
  return { path: name, bytes: Buffer.from(JSON.stringify({ version, sources: normal, names, mappings })) };
}

/** `orders/orders.ts`, and `node_modules/pg/lib/client.js` wherever the package is installed. */
function normalizeSource(source: string, directory: string, root: string, prefix: string): string {
  if (source.startsWith(`${generatedNamespace}:`)) return source.slice(generatedNamespace.length + 1);
  const path = slashes(relative(root, resolve(directory, source)));
  const installed = path.lastIndexOf('node_modules/');
  return installed === -1 ? prefix + path : path.slice(installed);
}

export function slashes(path: string): string {
  return path.replaceAll(sep, '/');
}
