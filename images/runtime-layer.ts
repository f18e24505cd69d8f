import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { imageFile, settings } from './esbuild.ts';
import type { ImageFile } from './files.ts';

/** The runtime, bundled once for all processes of an application. */
export interface RuntimeLayer {
  files: ImageFile[];
  /** What an import of the runtime becomes in an image: `encore.dev/api` → `./runtime/api.mjs`. */
  modules: ReadonlyMap<string, string>;
}

/**
 * Bundles every module of the runtime package in `directory`, apart from any application, so that it can be done while
 * the application is still analyzed. What several modules share is in files of its own.
 */
export async function bundleRuntime(directory: string): Promise<RuntimeLayer> {
  const entries = await entriesOf(directory);
  const { outputFiles } = await build({
    ...settings,
    absWorkingDir: directory,
    entryPoints: Object.fromEntries(entries.map(({ name, path }) => [`runtime/${name}`, path])),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'runtime/shared/[hash]',
  });
  return {
    files: renumber(outputFiles.map((file) => imageFile(file, directory, 'fairlead/runtime/'))),
    modules: new Map(entries.map(({ specifier, name }) => [specifier, `./runtime/${name}.mjs`])),
  };
}

async function entriesOf(directory: string) {
  const { exports } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  return Object.entries(exports).map(([path, { default: file }]) => ({
    specifier: `encore.dev${path.slice(1)}`,
    name: path === '.' ? 'mod' : path.slice(2),
    path: join(directory, file),
  }));
}

/**
 * The hashes in the names of shared files are of more than their contents: of where the packages are installed. Numbers
 * as long as the hashes take their place, which moves no column of a source map.
 */
function renumber(files: ImageFile[]): ImageFile[] {
  const hashes = files.flatMap(({ path }) => path.match(/(?<=\/shared\/)\w{8}(?=\.mjs$)/) ?? []);
  const numbers = new Map(hashes.map((hash, index) => [hash, String(index).padStart(hash.length, '0')]));
  if (numbers.size === 0) return files;
  const anyHash = new RegExp(`\\b(?:${[...numbers.keys()].join('|')})(?=\\.mjs)`, 'g');
  const replace = (text: string) => text.replace(anyHash, (hash) => numbers.get(hash)!);
  return files.map(({ path, bytes }) => ({
    path: replace(path),
    bytes: path.endsWith('.map') ? bytes : Buffer.from(replace(Buffer.from(bytes).toString())),
  }));
}
