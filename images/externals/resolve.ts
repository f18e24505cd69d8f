import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { moduleResolve } from 'import-meta-resolve';
import { packageNameOf } from './location.ts';
import type { Manifest } from './manifest.ts';

/** What Node would load for a specifier. */
export interface Entry {
  file: string;
  /** How it has to be loaded for that. */
  by: 'import' | 'require';
}

/**
 * Those that Node has without flags, whichever runs the build: one with other conditions, by its version or by NODE_OPTIONS,
 * would carry other files.
 */
export const conditions = ['node', 'module-sync', 'node-addons'];

const conditionsOf = { import: new Set([...conditions, 'import']), require: new Set([...conditions, 'require']) };

/**
 * What Node would load in place of what was bundled. An `import` of commonjs becomes a `require`, which loads the same
 * file: so all its exports can be imported by name, as from a bundle, and not only those that Node foresees.
 * @param directory where the importing file lies
 * @param kind how it is imported
 */
export function resolveEntry(
  specifier: string,
  directory: string,
  kind: 'import' | 'require',
  manifestOf: (file: string) => Manifest | undefined,
): Entry | undefined {
  const importer = join(directory, 'importer.js');
  const resolve = (by: Entry['by']) =>
    attempt(() => fileURLToPath(moduleResolve(specifier, pathToFileURL(importer), conditionsOf[by])));
  // By this Node's conditions, which count where a package.json has any.
  const plain = attempt(() => createRequire(importer).resolve(specifier));
  const hasConditions = packageNameOf(specifier) !== undefined && (plain === undefined || manifestOf(plain)?.exports);
  const required = hasConditions || specifier.startsWith('#') ? resolve('require') : plain;
  if (kind === 'require') return required === undefined ? undefined : { file: required, by: 'require' };
  const imported = resolve('import');
  const same = imported === undefined || imported === required;
  if (same && required !== undefined && isCommonjs(required, manifestOf)) return { file: required, by: 'require' };
  return imported === undefined ? undefined : { file: imported, by: 'import' };
}

function isCommonjs(file: string, manifestOf: (file: string) => Manifest | undefined): boolean {
  const extension = extname(file);
  if (extension === '.mjs') return false;
  return extension !== '.js' || manifestOf(file)?.type !== 'module';
}

function attempt(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    // Nothing is there for this way of loading it; why does not matter.
    return undefined;
  }
}
