import type { NativePackage } from '../base/mod.ts';
import { type CarriedPackage, isForWasm, wholes } from './platforms.ts';

/**
 * The packages that need a C library, with all that there are parts for: by what the package.json of a part says, else by
 * what its compiled files are linked with. Those that also have a part without are left out.
 */
export function nativePackages(packages: readonly CarriedPackage[]): NativePackage[] {
  return wholes(packages).flatMap(({ owner, parts }) => {
    const libcs = new Set([owner, ...parts].flatMap(libcsOf));
    if (libcs.size === 0 || libcs.has('any')) return [];
    const { name = owner.directory, version = '0' } = owner.manifest ?? {};
    return [{ name, version, libc: [...libcs].sort() }];
  });
}

function libcsOf({ manifest, targets }: CarriedPackage): readonly string[] {
  if (isForWasm(manifest)) return ['any'];
  return manifest?.libc ?? targets.filter(({ os }) => os === 'linux').map(({ libc = 'any' }) => libc);
}
