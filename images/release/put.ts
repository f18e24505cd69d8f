import { type Digest, type Mark, type Release, type Source, shortDigest } from '../../pipeline/mod.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { codeOf } from '../oci/repository/errors.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { createPool } from '../oci/repository/pool.ts';
import { type BuildRecord, buildArtifact, releaseArtifact, type Sealed } from './artifact.ts';
import { absentPart } from './errors.ts';
import { isLayout } from './list.ts';
import { readBuilds } from './read.ts';
import { imageTag, parseTag, releaseTag } from './tags.ts';

/** Requests at the same time. */
const concurrency = 8;

/**
 * Keeps a release. Its images get their tags first, which is what keeps a prune at the same time from them; the release
 * gets its own last of all, so that whoever finds a release finds all of it. What was kept a moment ago is not kept twice.
 */
export async function putRelease(repository: Repository, release: Release, mark: Mark): Promise<void> {
  const { digest, content } = release;
  const current = await currentTag(repository, digest, mark);
  const tag = current ?? releaseTag(digest, mark);
  if (current === undefined) await tagImages(repository, digest, tag, content.images);
  await putTagged(repository, release, { tag, at: mark.at });
}

/** Keeps a release under a tag that its images have already. */
export async function putTagged(
  repository: Repository,
  { digest, content, source }: Release,
  { tag, at }: { tag: string; at: Date },
): Promise<void> {
  const sealed = releaseArtifact(content);
  const { descriptor, bytes } = sealed.manifest;
  if (descriptor.digest !== digest) throw new Error(`the release ${digest} is not the digest of its content`);
  // What is in a directory already is looked at when it is written, and mended where it is damaged.
  const there = !isLayout(repository) && (await repository.manifest(tag))?.descriptor.digest === digest;
  if (!there) await writeBlobs(repository, sealed);
  await putBuild(repository, descriptor, source, at);
  if (!there) await repository.putManifest(bytes, descriptor.mediaType, tag);
}

/** How long a tag stands for the next ones, in milliseconds: half of what a prune spares. */
const fresh = 1_800_000;

/** The tag under which the environment has this very release as its newest, since a short time. */
export async function currentTag(repository: Repository, digest: Digest, mark: Mark): Promise<string | undefined> {
  const [newest] = (await repository.tags())
    .flatMap((tag) => parseTag(tag) ?? [])
    .filter(({ ofImage, environment }) => !ofImage && environment === mark.environment)
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  if (newest?.digits !== shortDigest(digest) || mark.at.getTime() - Date.parse(newest.at) > fresh) return undefined;
  return newest.tag;
}

async function tagImages(
  repository: Repository,
  release: Digest,
  tag: string,
  images: Readonly<Record<string, Digest>>,
): Promise<void> {
  const pool = createPool(concurrency);
  const each = (work: (key: string, image: Digest) => Promise<void>) =>
    Promise.all(Object.entries(images).map(([key, image]) => pool(() => work(key, image))));
  const look = () =>
    each(async (key, image) => {
      if (!(await repository.manifest(image))) throw missingImage(repository, release, key, image);
    });
  try {
    if (isLayout(repository)) {
      const tags = Object.entries(images).map(([key, image]) => [imageTag(tag, key), image] as const);
      return await repository.tagAll(new Map(tags));
    }
    await each((key, image) => repository.tag(image, imageTag(tag, key)));
  } catch (error) {
    if (codeOf(error) === 'FL2203') await look();
    throw error;
  }
  // Without a lock a prune that had not seen the tags yet may have removed an image after it got its tag.
  await look();
}

/** One more only where the newest says something else: the same release comes from many builds of the same sources. */
async function putBuild(repository: Repository, release: Descriptor, source: Source, at: Date): Promise<void> {
  const newest = await newestBuild(repository, release.digest);
  const known = newest?.source.hash === source.hash && newest.source.commit === source.commit;
  if (known && !isLayout(repository)) return;
  const time = known ? newest.at : at.toISOString().replace(/\.\d+Z$/, 'Z');
  const record = buildArtifact({ source, at: time }, release);
  await writeBlobs(repository, record);
  const { descriptor, bytes } = record.manifest;
  await repository.putManifest(bytes, descriptor.mediaType);
}

/** Undefined, too, where a directory has lost it: it is about to be mended. */
async function newestBuild(repository: Repository, release: Digest): Promise<BuildRecord | undefined> {
  try {
    return (await readBuilds(repository, release))[0];
  } catch (error) {
    if (isLayout(repository) && codeOf(error) === 'FL2204') return undefined;
    throw error;
  }
}

async function writeBlobs(repository: Repository, { blobs }: Sealed): Promise<void> {
  for (const { descriptor, bytes } of blobs) await repository.writeBlob(descriptor, () => bytes);
}

function missingImage({ place }: Repository, release: Digest, key: string, image: Digest): Error {
  return absentPart(release, `its image ${key} (${image})`, place);
}
