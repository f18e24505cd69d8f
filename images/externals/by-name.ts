import { readFileSync } from 'node:fs';
import { ownerOf } from './keep-out.ts';
import type { Installed } from './manifest.ts';
import { resolveEntry } from './resolve.ts';

/**
 * Packages that load others by names which only they know when they run: Sequelize its driver, Nest its platform. No bundler and no
 * trace can tell which. They declare them, though, as peers that may be missing.
 */

/** The packages by their directories, of those with code among these files, that do so and find such a package installed. */
export function loadersByName(files: Iterable<string>, installed: Installed): Set<string> {
  const byPackage = Map.groupBy(files, (file) => ownerOf(file, installed) ?? '');
  const found = [...byPackage].filter(
    ([directory, own]) => partnersOf(directory, installed).length > 0 && own.some(loadsByName),
  );
  return new Set(found.map(([directory]) => directory));
}

/** What is loaded of the packages that may be missing, where they are there: in whichever way they are loaded. */
export function partnerEntries(directory: string, installed: Installed): string[] {
  const manifestOf = (file: string) => installed.manifest(ownerOf(file, installed) ?? '');
  return partnersOf(directory, installed).flatMap((name) =>
    (['import', 'require'] as const).flatMap((means) => resolveEntry(name, directory, means, manifestOf)?.file ?? []),
  );
}

function partnersOf(directory: string, installed: Installed): string[] {
  const names = installed.manifest(directory)?.optionalPeers ?? [];
  return names.filter((name) => installed.lookUp(name, directory) !== undefined);
}

/** A call whose first argument is no literal. */
const computed = /\b(?:require|import)\s*\(\s*(?:\/\*(?:[^*]|\*(?!\/))*\*\/\s*)*[^"'`\s)/]/;

function loadsByName(file: string): boolean {
  return /\.[cm]?js$/.test(file) && computed.test(readFileSync(file, 'utf8'));
}
