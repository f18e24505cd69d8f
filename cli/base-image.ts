import { homedir } from 'node:os';
import { join } from 'node:path';
import { type BaseInput, baseRegistries, pinnedBase, resolveBase } from '../images/base/mod.ts';
import type { Bases } from '../images/mod.ts';
import type { Repository } from '../images/oci/repository/mod.ts';
import type { Context } from './context.ts';

/** Where a build finds the image that others lie on. */
export interface BaseFinder {
  find(platforms: readonly string[]): Promise<Bases>;
  /** Where its layers are; undefined before it was found. */
  repository(): Repository | undefined;
  close(): Promise<void>;
}

/**
 * Finds what `lock` and `config` ask for, with the user's own credentials. Nothing is asked before it is needed.
 * @throws UserError FL2501 when no digest is pinned
 */
export function openBase(
  { cacheDirectory }: Pick<Context, 'cacheDirectory'>,
  wanted: Pick<BaseInput, 'lock' | 'config'>,
): BaseFinder {
  pinnedBase(wanted);
  const { open, close } = baseRegistries(process.env, homedir());
  let found: Repository | undefined;
  return {
    async find(platforms) {
      const cache = cacheDirectory && join(cacheDirectory, 'base');
      const { repository, image, digest, entrypoint, bases } = await resolveBase({ ...wanted, platforms, open, cache });
      found = repository;
      return { image: { image, digest }, entrypoint, platforms: [...bases.values()] };
    },
    repository: () => found,
    close,
  };
}
