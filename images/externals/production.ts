import type { Installed, Manifest } from './manifest.ts';

/**
 * The packages, by their directories, that an installation without development dependencies would have. Undefined where no
 * package.json says what an application depends on.
 * @param roots the directories whose package.json count as the application's own
 */
export function productionPackages(roots: Iterable<string>, installed: Installed): Set<string> | undefined {
  const own = [...new Set(roots)].filter((directory) => installed.manifest(directory) !== undefined);
  if (own.length === 0) return undefined;
  const found = new Set<string>();
  const rest = [...own];
  for (let directory = rest.pop(); directory !== undefined; directory = rest.pop()) {
    for (const name of neededBy(installed.manifest(directory))) {
      const target = installed.lookUp(name, directory);
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      rest.push(target);
    }
  }
  return found;
}

function neededBy(manifest: Manifest | undefined): string[] {
  if (manifest === undefined) return [];
  return [...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies];
}
