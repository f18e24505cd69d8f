import { relative, resolve, sep } from 'node:path';
import type { BuildOptions, OutputFile } from 'esbuild';
import type { ImageFile } from '../files.ts';

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
  // Node shows the line of an error that nobody caught.
  lineLimit: 200,
  // Names of errors and functions are read in logs.
  keepNames: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  banner: { js: banner },
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * What esbuild made in `root`, a directory without symbolic links, as part of an image: the same bytes on every machine.
 * To a source map the sources lie beside it.
 */
export function imageFile({ path, text, contents }: OutputFile, root: string): ImageFile {
  const name = slashes(relative(root, path));
  if (!name.endsWith('.map')) return { path: name, bytes: contents };
  const { version, sources, names, mappings } = JSON.parse(text) as Record<string, unknown> & { sources: string[] };
  const normal = sources.map((source) => normalizeSource(source, root));
  return { path: name, bytes: Buffer.from(JSON.stringify({ version, sources: normal, names, mappings })) };
}

/** `orders/orders.ts`, and `node_modules/pg/lib/client.js` wherever the package is installed. */
function normalizeSource(source: string, root: string): string {
  const virtual = /^(?:generated|runtime|carried):(.*)/.exec(source);
  if (virtual) return virtual[1]!;
  const path = slashes(relative(root, resolve(root, source)));
  const installed = path.lastIndexOf('node_modules/');
  return installed === -1 ? path : path.slice(installed);
}

export function slashes(path: string): string {
  return path.replaceAll(sep, '/');
}
