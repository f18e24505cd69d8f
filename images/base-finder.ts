import { join } from 'node:path';
import { type BaseInput, pinnedBase, resolveBase } from './base/mod.ts';
import type { ImageSource } from './oci/repository/mod.ts';
import { openSources } from './registries/mod.ts';
import type { Bases } from './write-image.ts';

/** Where a build finds the image that others lie on. */
export interface BaseFinder {
  find(platforms: readonly string[]): Promise<Bases>;
  /** Where its layers are; undefined before it was found. */
  repository(): ImageSource | undefined;
  close(): Promise<void>;
}

/**
 * Finds what `lock` and `config` ask for, with the credentials that `env` leads to. Nothing is asked before it is needed.
 * @throws UserError FL2501 when no digest is pinned
 */
export function openBase(
  { cacheDirectory, env }: { cacheDirectory?: string | undefined; env: Readonly<Record<string, string | undefined>> },
  wanted: Pick<BaseInput, 'lock' | 'config'>,
): BaseFinder {
  pinnedBase(wanted);
  const { open, close } = openSources({ env });
  let found: ImageSource | undefined;
  return {
    async find(platforms) {
      const cache = cacheDirectory && join(cacheDirectory, 'base');
      const { repository, image, digest, entrypoint, libc, bases } = await resolveBase({
        ...wanted,
        platforms,
        open,
        cache,
      });
      found = repository;
      return { image: { image, digest }, entrypoint, libc, platforms: [...bases.values()] };
    },
    repository: () => found,
    close,
  };
}
