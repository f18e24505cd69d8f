import type { Digest } from '../../pipeline/mod.ts';
import { tryParseManifest } from '../oci/repository/content.ts';
import { codeOf } from '../oci/repository/errors.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { readTags } from './list.ts';
import type { Removal } from './remove.ts';

/**
 * Removes releases and images from a registry, where nothing can be done at once and nobody can be kept out. So releases
 * go before their images, and right before each removal it is looked whether somebody has given a tag to what goes. Who
 * keeps a release gives its images their tags first and looks for them again afterwards: between those two there are
 * more requests than between this look and its removal. An end in between leaves what the next time finds by its tags.
 * Blobs, and manifests that have lost what named them, are the registry's to clear.
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
  const remove = async (digest: Digest, parts: readonly Digest[] = []): Promise<void> => {
    const referrers = (await Promise.all([digest, ...parts].map((one) => referrersOf(repository, one)))).flat();
    await look();
    if (wanted.has(digest)) return;
    await repository.remove(digest);
    // After what names them, so that an image that is there is whole.
    for (const one of [...parts.filter((part) => !wanted.has(part)), ...referrers]) await repository.remove(one);
  };
  for (const release of doomed.releases) await remove(release);
  if (images.length > 0)
    for (const image of needed) for (const part of await partsOf(repository, image)) wanted.add(part);
  for (const image of images) {
    await remove(
      image,
      (await partsOf(repository, image)).filter((part) => !wanted.has(part)),
    );
  }
  await removeTags(repository, doomed.tags);
}

/** With what refers to those in turn, such as signatures. */
async function referrersOf(repository: Repository, digest: Digest): Promise<Digest[]> {
  const referrers = (await repository.referrers(digest)).map((one) => one.digest);
  const more = await Promise.all(referrers.map((referrer) => referrersOf(repository, referrer)));
  return [...referrers, ...more.flat()];
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
