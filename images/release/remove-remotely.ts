import type { Digest } from '../../pipeline/mod.ts';
import { tryParseManifest } from '../oci/repository/content.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { codeOf } from './errors.ts';
import { readTags } from './list.ts';
import type { Removal } from './remove.ts';

/**
 * Removes releases and images from a registry, where nothing can be done at once and nobody can be kept out. So releases
 * go before their images, and before each removal it is looked whether somebody has just given a tag to what goes: who
 * keeps a release gives its images their tags first and looks for them again afterwards. An end in between leaves what
 * the next time finds by its tags. Blobs, and manifests that have lost their last tag, are the registry's to clear.
 */
export async function removeRemotely(repository: Repository, { doomed, tags, needed, images }: Removal): Promise<void> {
  const known = new Set(tags.map(({ tag }) => tag));
  const wanted = new Set(needed);
  const look = async (): Promise<void> => {
    for (const { tag } of (await readTags(repository)).filter((one) => !known.has(one.tag))) {
      known.add(tag);
      const digest = (await repository.manifest(tag))?.descriptor.digest;
      if (digest) for (const one of [digest, ...(await partsOf(repository, digest))]) wanted.add(one);
    }
  };
  for (const release of doomed.releases) {
    await look();
    if (!wanted.has(release)) await removeWithReferrers(repository, release);
  }
  if (images.length > 0)
    for (const image of needed) for (const part of await partsOf(repository, image)) wanted.add(part);
  for (const image of images) {
    await look();
    if (wanted.has(image)) continue;
    const own = (await partsOf(repository, image)).filter((part) => !wanted.has(part));
    for (const part of own) await removeReferrers(repository, part);
    await removeWithReferrers(repository, image);
    // After what names them, so that an image that is there is whole.
    for (const part of own) await repository.remove(part);
  }
  await removeTags(repository, doomed.tags);
}

async function removeWithReferrers(repository: Repository, digest: Digest): Promise<void> {
  await removeReferrers(repository, digest);
  await repository.remove(digest);
}

async function removeReferrers(repository: Repository, digest: Digest): Promise<void> {
  for (const referrer of await repository.referrers(digest)) await removeWithReferrers(repository, referrer.digest);
}

/** The images for the platforms that an index has. */
async function partsOf(repository: Repository, image: Digest): Promise<Digest[]> {
  const found = await repository.manifest(image);
  return ((found && tryParseManifest(found.bytes)?.manifests) ?? []).map(({ digest }) => digest);
}

/** Those of images that stay, and in some registries all: they have no more to say. Many registries remove no tags. */
async function removeTags(repository: Repository, tags: ReadonlySet<string>): Promise<void> {
  for (const { tag } of (await readTags(repository)).filter((one) => tags.has(one.tag))) {
    try {
      await repository.remove(tag);
    } catch (error) {
      if (codeOf(error) !== 'FL2207') throw error;
      return;
    }
  }
}
