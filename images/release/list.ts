import type { Digest, KeptRelease } from '../../pipeline/mod.ts';
import type { Layout, Repository } from '../oci/repository/mod.ts';
import { createPool } from '../oci/repository/pool.ts';
import { parseTag, type Tag } from './tags.ts';

/** A release that has a tag. */
export interface Kept {
  tag: Tag;
  digest: Digest;
}

/** Requests at the same time. */
const concurrency = 8;

/** The tags of releases and of their images. */
export async function readTags(repository: Repository): Promise<Tag[]> {
  return (await repository.tags()).flatMap((tag) => parseTag(tag) ?? []);
}

/**
 * The releases that tags name. In a registry that is a request for each release, however often it was kept; a layout
 * knows at once.
 */
export async function resolveTags(repository: Repository, tags: readonly Tag[]): Promise<Kept[]> {
  const known = isLayout(repository) ? await repository.tagged() : undefined;
  const pool = createPool(concurrency);
  const digests = new Map<string, Promise<Digest | undefined>>();
  for (const { tag, digits } of tags) {
    if (digests.has(digits)) continue;
    const found = known
      ? Promise.resolve(known.get(tag))
      : pool(() => repository.manifest(tag)).then((manifest) => manifest?.descriptor.digest);
    digests.set(digits, found);
  }
  const all = await Promise.all(tags.map(async (tag) => ({ tag, digest: await digests.get(tag.digits) })));
  // A tag that somebody moved to something else is none of ours.
  return all.filter((one): one is Kept => one.digest?.startsWith(`sha256:${one.tag.digits}`) ?? false);
}

/** Newest first; of one environment, or all. */
export async function listReleases(repository: Repository, environment?: string): Promise<KeptRelease[]> {
  const tags = (await readTags(repository)).filter(
    (tag) => !tag.ofImage && (environment === undefined || tag.environment === environment),
  );
  return (await resolveTags(repository, tags))
    .sort((a, b) => (a.tag.at < b.tag.at ? 1 : a.tag.at > b.tag.at ? -1 : 0))
    .map(({ tag, digest }) => ({
      digest,
      ...(tag.environment !== undefined && { environment: tag.environment }),
      at: tag.at,
    }));
}

export function isLayout(repository: Repository): repository is Layout {
  return 'tagged' in repository;
}
