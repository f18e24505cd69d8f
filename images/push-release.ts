import type { Mark, Release } from '../pipeline/mod.ts';
import type { CopyEvent, ImageSource, Repository } from './oci/repository/mod.ts';
import { type Destination, isRefusal, type Pushed, push } from './registries/mod.ts';
import { currentTag, imageTag, putTagged, releaseTag } from './release/mod.ts';

export interface PushReleaseOptions {
  release: Release;
  mark: Mark;
  /** The layout that it was built into. */
  from: Repository;
  /** Has the layers of the base, which the layout lacks. */
  base?: ImageSource | undefined;
  to: Pick<Destination, 'repository' | 'expires' | 'prepare'>;
  onProgress?: (event: CopyEvent) => void;
  signal?: AbortSignal | undefined;
}

/** Brings a release with its images to a registry: images first, and the release when all that it names is there. */
export async function pushRelease(options: PushReleaseOptions): Promise<Pushed> {
  const { release, mark, from, base, to, onProgress, signal } = options;
  const prepare = once(() => to.prepare());
  const current = await preparedIfRefused(() => currentTag(to.repository, release.digest, mark), prepare);
  const tag = current ?? releaseTag(release.digest, mark);
  const pushed = await push({
    from,
    base,
    to: to.repository,
    images: Object.entries(release.content.images).map(([key, digest]) => ({ digest, tags: [imageTag(tag, key)] })),
    prepare,
    platformTags: to.expires,
    ...(onProgress && { onProgress }),
    signal,
  });
  await putTagged(to.repository, release, { tag, at: mark.at });
  return pushed;
}

/** Where nobody may know of what is not there, the registry refuses as if it were: it is made then, and asked for again. */
async function preparedIfRefused<T>(read: () => Promise<T>, prepare: () => Promise<void>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await prepare();
    return read();
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
