import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundledInputs } from '../oci/image/mod.ts';
import { loadersByName } from './by-name.ts';
import { packageDirectoryOf, packageNameOf } from './location.ts';
import type { Installed } from './manifest.ts';
import { addOnLoaders, isNative } from './native.ts';

/** A bundle, to be looked at. */
export interface Made {
  /** What paths in `metafile` and `map` are relative to. */
  root: string;
  metafile: Metafile;
  code: string;
  /** The source map, as JSON. */
  map: () => string;
}

/**
 * The packages, by their directories, that do not work from within this bundle: those with native add-ons, those of which
 * code is in it that looks for its own files, and those that load others by name.
 */
export function findUnfit(made: Made, installed: Installed): Set<string> {
  const inputs = bundledInputs(made.metafile);
  const native = inputs.flatMap((path) => nativeOf(path, made));
  const directories = new Set(packagesOf(inputs, made.root));
  const built = [...directories].filter((directory) => isNative(directory, installed.manifest(directory)));
  const installedFiles = inputs
    .filter((path) => path.includes('node_modules/'))
    .map((path) => resolve(made.root, path));
  const loaders = loadersByName(installedFiles, installed);
  return new Set([...native, ...built, ...loaders, ...packagesOf(readers(made), made.root)]);
}

/** The directories of the packages that files are of; nothing for the application's own. */
export function packagesOf(paths: Iterable<string>, root: string): string[] {
  return Array.from(paths).flatMap((path) => packageDirectoryOf(resolve(root, path)) ?? []);
}

/** Both sides of an import that leads to an add-on, and who has it found by another package. */
function nativeOf(path: string, { root, metafile }: Made): string[] {
  return (metafile.inputs[path]?.imports ?? []).flatMap((imported) => {
    if (imported.path.endsWith('.node')) return packagesOf([path, imported.path], root);
    return addOnLoaders.has(packageNameOf(imported.original ?? '') ?? '') ? packagesOf([path], root) : [];
  });
}

/** What gives code its own place. The bundler leaves these names as they are; comments are gone. */
const places = /\b__dirname\b|\b__filename\b|\bimport\.meta\b|\brequire\.resolve\b|\bprocess\.dlopen\b/g;

/** The sources of all code in a bundle that asks where it is. */
function readers({ root, code, map }: Made): Set<string> {
  // The first statements are the same in all bundles, and define these names.
  const start = code.indexOf('import.meta.dirname;') + 'import.meta.dirname;'.length;
  const hits = [...code.slice(start).matchAll(places)].map(({ index }) => start + index);
  if (hits.length === 0) return new Set();
  const sources = new SourceMap(JSON.parse(map()));
  const at = positions(code, hits);
  return new Set(
    at.flatMap(({ line, column }) => {
      const entry = sources.findEntry(line, column);
      return 'originalSource' in entry ? [join(root, entry.originalSource)] : [];
    }),
  );
}

/** Lines and columns from 0, of ascending offsets. */
function positions(text: string, offsets: readonly number[]): { line: number; column: number }[] {
  let [line, start] = [0, 0];
  return offsets.map((offset) => {
    for (let end = text.indexOf('\n', start); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: offset - start };
  });
}

/** The specifiers in a bundle that lead from elsewhere into these packages. */
export function specifiersInto(
  directories: ReadonlySet<string>,
  { root, metafile }: Pick<Made, 'root' | 'metafile'>,
): Set<string> {
  const inside = (path: string) => {
    const directory = packageDirectoryOf(resolve(root, path));
    return directory !== undefined && directories.has(directory) ? directory : undefined;
  };
  const found = Object.entries(metafile.inputs).flatMap(([path, { imports }]) =>
    imports.flatMap(({ path: target, original }) => {
      const directory = inside(target);
      return original === undefined || directory === undefined || directory === inside(path) ? [] : [original];
    }),
  );
  return new Set(found);
}
