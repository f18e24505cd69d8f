import type { Digest, Removed } from '../../pipeline/mod.ts';
import { codeOf } from '../oci/repository/errors.ts';
import type { Layout, Repository } from '../oci/repository/mod.ts';
import { createPool } from '../oci/repository/pool.ts';
import { type Doomed, doomedBy } from './doomed.ts';
import { isLayout, readTags, resolveTags } from './list.ts';
import { readContent } from './read.ts';
import { removeRemotely } from './remove-remotely.ts';
import type { Tag } from './tags.ts';

/** What goes from a repository. */
export interface Removal {
  doomed: Doomed;
  /** All that there were when it was decided. */
  tags: readonly Tag[];
  /** Images of releases that stay, and of those that somebody is about to keep. */
  needed: ReadonlySet<Digest>;
  /** Images that nothing else names than what goes. */
  images: readonly Digest[];
}

/** Requests at the same time. */
const concurrency = 8;

/** Removes releases with all that refers to them, and then the images that no other release names. */
export async function removeReleases(
  repository: Repository,
  gone: readonly Digest[],
  { now, dryRun }: { now: Date; dryRun: boolean },
): Promise<Removed> {
  const tags = await readTags(repository);
  const releaseTags = tags.filter(({ ofImage }) => !ofImage);
  const resolved = await resolveTags(repository, releaseTags);
  const digests = new Map(resolved.map(({ tag, digest }) => [tag.tag, digest]));
  const doomed = doomedBy(gone, tags, digests, now);
  const images = new ImagesOf(repository, tags, digests);
  // Images alone have tags where somebody is about to keep a release.
  const needed = await images.of(
    tags.filter(({ tag, ofImage, release }) => !doomed.tags.has(tag) && !(ofImage && digests.has(release))),
  );
  const left = await images.of(tags.filter(({ tag }) => doomed.tags.has(tag)));
  const removal: Removal = { doomed, tags, needed, images: [...left].filter((image) => !needed.has(image)).sort() };
  const removed: Removed = { releases: doomed.releases, spared: doomed.spared, images: [...removal.images] };
  if (isLayout(repository)) return { ...removed, bytes: await removeFromLayout(repository, removal, dryRun) };
  if (!dryRun) await removeRemotely(repository, removal);
  return removed;
}

/**
 * All at once, under the layout's lock. A tag that came since it was decided what goes is not among that, and stays with
 * all that belongs to it. Returns the bytes that are free now.
 */
async function removeFromLayout(layout: Layout, { doomed, needed }: Removal, dryRun: boolean): Promise<number> {
  const { bytes } = await layout.prune(
    ({ tag, descriptor }) => (tag === undefined ? needed.has(descriptor.digest) : !doomed.tags.has(tag)),
    { dryRun },
  );
  return bytes;
}

/** Finds the images that belong to tags. */
class ImagesOf {
  readonly #repository: Repository;
  readonly #digests: ReadonlyMap<string, Digest>;
  readonly #ofImages: ReadonlyMap<string, Tag[]>;
  readonly #pool = createPool(concurrency);

  constructor(repository: Repository, tags: readonly Tag[], digests: ReadonlyMap<string, Digest>) {
    [this.#repository, this.#digests] = [repository, digests];
    this.#ofImages = Map.groupBy(
      tags.filter(({ ofImage }) => ofImage),
      ({ release }) => release,
    );
  }

  /** Of a release, those that its content names; where that cannot be read, and of images alone, those that have the tags. */
  async of(tags: readonly Tag[]): Promise<Set<Digest>> {
    const releases = Map.groupBy(tags, ({ release }) => this.#digests.get(release));
    const all = [...releases].map(async ([release, ofRelease]) => {
      const named = release && (await this.#pool(() => imagesIn(this.#repository, release)));
      if (named) return named;
      const names = new Set(ofRelease.map((tag) => tag.release));
      return this.#tagged([...names].flatMap((name) => this.#ofImages.get(name) ?? []));
    });
    return new Set((await Promise.all(all)).flat());
  }

  async #tagged(tags: readonly Tag[]): Promise<Digest[]> {
    const known = isLayout(this.#repository) ? await this.#repository.tagged() : undefined;
    const found = tags.map(({ tag }) =>
      known
        ? known.get(tag)
        : this.#pool(() => this.#repository.manifest(tag)).then((manifest) => manifest?.descriptor.digest),
    );
    return (await Promise.all(found)).filter((digest) => digest !== undefined);
  }
}

/** Undefined when the release cannot be read. */
async function imagesIn(repository: Repository, release: Digest): Promise<Digest[] | undefined> {
  try {
    const content = await readContent(repository, release);
    return content && Object.values(content.images);
  } catch (error) {
    if (['FL2101', 'FL2102', 'FL2103'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
