/** A `package-lock.json` of version 3, as far as it is read here. */
export interface PackageLock {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  version?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  dev?: boolean;
  /** It comes within the tarball of the package that it is below. */
  inBundle?: boolean;
  [other: string]: unknown;
}

/** Where npm looks for tarballs unless another registry is configured, which then takes its place. */
const registry = 'https://registry.npmjs.org';

/**
 * The part of a lock that one package needs, with what `npm ci` installs it from: the same versions, by the same digests. It says
 * where tarballs are, so that npm takes one that it has by its digest, and asks nobody.
 */
export function lockSubset(lock: PackageLock, name: string): { manifest: object; lock: PackageLock } {
  const path = `node_modules/${name}`;
  const version = lock.packages[path]?.version;
  if (version === undefined) throw new Error(`package-lock.json has no ${name}`);
  const manifest = { name: 'fairlead-packages', version: '0.0.0', private: true, dependencies: { [name]: version } };
  const packages = Object.fromEntries([
    ['', manifest],
    ...[...closure(lock, path)].sort().map((one) => [one, tidied(one, lock.packages[one]!)] as const),
  ]);
  return { manifest, lock: { ...manifest, lockfileVersion: 3, packages } };
}

function closure({ packages }: PackageLock, start: string): Set<string> {
  const found = new Set<string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
      peerDependenciesMeta = {},
    } = packages[path]!;
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of new Set([...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])) {
      const at = ancestors(path).find((directory) => `${directory}node_modules/${name}` in packages);
      if (at !== undefined) add(`${at}node_modules/${name}`);
      else if (!(name in optionalDependencies)) throw new Error(`package-lock.json has no ${name} for ${path}`);
    }
  };
  add(start);
  return found;
}

/** Where packages of a package are looked for: below it, then upwards. */
function ancestors(path: string): string[] {
  const at = path.lastIndexOf('/node_modules/');
  const above = at === -1 ? [''] : ancestors(path.slice(0, at));
  return [`${path}/`, ...above];
}

function tidied(path: string, { dev: _, ...entry }: LockedPackage): LockedPackage {
  if (entry.inBundle) return entry;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const file = `${name.slice(name.lastIndexOf('/') + 1)}-${entry.version}.tgz`;
  return { resolved: `${registry}/${name}/-/${file}`, ...entry };
}
