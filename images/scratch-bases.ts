import { scratch } from './oci/image/mod.ts';
import type { Bases } from './write-image.ts';

/** Nothing to lie on: for a machine that has Node itself. */
export async function scratchBases(platforms: readonly string[]): Promise<Bases> {
  return {
    entrypoint: ['node'],
    platforms: platforms.map((platform) => {
      const [os = '', architecture = ''] = platform.split('/');
      return scratch({ os, architecture });
    }),
  };
}
