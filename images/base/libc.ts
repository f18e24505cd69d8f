import type { Diagnostic } from '../../pipeline/mod.ts';
import type { ResolvedBase } from './resolve.ts';

/** A package with native parts. */
export interface NativePackage {
  name: string;
  version: string;
  /** The C libraries that it has parts for: `glibc`, `musl`. */
  libc: readonly string[];
}

/** A warning for native packages that were made for another C library than the base image seems to have. */
export function libcWarnings(
  { image, libc }: Pick<ResolvedBase, 'image' | 'libc'>,
  packages: readonly NativePackage[],
): Diagnostic[] {
  const strangers = packages.filter(({ libc: made }) => !made.includes(libc));
  if (strangers.length === 0) return [];
  const names = [...new Set(strangers.map(({ name, version }) => `${name}@${version}`))].sort();
  return [
    {
      code: 'FL2511',
      severity: 'warning',
      message: `the base image ${image} seems to have ${libc}, for which ${names.join(', ')} ${names.length > 1 ? 'were' : 'was'} not made`,
      help: `Install the packages for ${libc}, or name a base image with ${libc === 'musl' ? 'glibc' : 'musl'} in \`build.base\` of fairlead.json.`,
    },
  ];
}
