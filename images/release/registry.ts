import { canonicalDigest, type Digest, type PrunableRegistry } from '../../pipeline/mod.ts';
import type { Repository } from '../oci/repository/mod.ts';
import type { BuildRecord } from './artifact.ts';
import { findRelease } from './find.ts';
import { listReleases } from './list.ts';
import { putRelease } from './put.ts';
import { readBuilds, readContent } from './read.ts';
import { removeReleases } from './remove.ts';

/** The releases of one application in one repository, beside their images. */
export interface ReleaseRegistry extends PrunableRegistry {
  /** What a release was built from, the newest first. Empty where somebody removed the records. */
  builds(digest: Digest): Promise<BuildRecord[]>;
  /**
   * The release that a digest, or at least six of its hex digits, stands for.
   * @throws UserError FL2105 when there is none, FL2106 when there are several
   */
  find(text: string): Promise<Digest>;
}

/**
 * Every call throws FL2101 when something is not there that should be, FL2102 when it is damaged, FL2103 when a newer
 * Fairlead wrote it, and what the repository throws.
 */
export function createReleaseRegistry(repository: Repository): ReleaseRegistry {
  return {
    put: (release, mark) => putRelease(repository, release, mark),
    get: async (digest) => {
      const content = await readContent(repository, digest);
      if (!content) return undefined;
      const [newest] = await readBuilds(repository, digest);
      // The records are not needed to run a release, and registries are tidied by all sorts of tools.
      return { digest, content, source: newest?.source ?? { hash: canonicalDigest(content.inputs) } };
    },
    list: (environment) => listReleases(repository, environment),
    builds: (digest) => readBuilds(repository, digest),
    find: (text) => findRelease(repository, text),
    remove: (releases, options) => removeReleases(repository, releases, options),
  };
}
