import { type Digest, type Registry, type Release, UserError } from '../pipeline/mod.ts';
import { type ImageFile, systemCode } from './files.ts';
import { ImageStore } from './image-store.ts';
import { ReleaseStore } from './release-store.ts';

/** Releases and the images they name, in one directory of this machine that any number of processes may share. */
export interface Store extends Registry {
  /** Adds an image whole or not at all; the same files give the same digest. A damaged one is mended. */
  putImage(files: readonly ImageFile[]): Promise<Digest>;
  /** The directory of an image, whether it is there or not. */
  imagePath(digest: Digest): string;
  /** @throws UserError FL2101 when the image is not there, FL2102 when its files are not those it was made of. */
  verify(digest: Digest): Promise<void>;
  /**
   * Removes the releases that are not to be kept and the images that no release refers to any more. What was added in
   * the last hour stays, since its release may be about to follow.
   */
  prune(keep: (release: Release) => boolean): Promise<{ releases: Digest[]; images: Digest[] }>;
}

const grace = 3_600_000;

/** Keeps everything under `directory`, which is made when it is needed. Every method throws FL2104 when the system refuses. */
export function createStore(directory: string): Store {
  const images = new ImageStore(directory);
  const releases = new ReleaseStore(directory);
  const guarded = <T>(work: Promise<T>): Promise<T> => work.catch((error) => Promise.reject(refusal(error, directory)));

  async function list(application: string): Promise<Release[]> {
    const all = (await releases.list()).map(({ release }) => release);
    return all.filter(({ content }) => content.graph.application === application);
  }

  async function prune(keep: (release: Release) => boolean): Promise<{ releases: Digest[]; images: Digest[] }> {
    const all = await releases.list();
    const stays = ({ added, release }: (typeof all)[number]) => added > Date.now() - grace || keep(release);
    const dropped = all.filter((entry) => !stays(entry)).map(({ release }) => release.digest);
    for (const digest of dropped) await releases.remove(digest);
    const needed = new Set(all.filter(stays).flatMap(({ release }) => imagesOf(release)));
    return { releases: dropped, images: await images.removeAllBut(needed, grace) };
  }

  return {
    put: (release) => guarded(releases.put(release)),
    get: (digest) => guarded(releases.get(digest)),
    list: (application) => guarded(list(application)),
    putImage: (files) => guarded(images.put(files)),
    imagePath: (digest) => images.path(digest),
    verify: (digest) => guarded(images.verify(digest)),
    prune: (keep) => guarded(prune(keep)),
  };
}

function imagesOf({ content }: Release): Digest[] {
  return [...Object.values(content.images), ...(content.migrate === undefined ? [] : [content.migrate])];
}

/** What the system says when a disk is full or a place is not ours to write. */
const refusals: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file is where a directory should be',
};

function refusal(error: unknown, directory: string): unknown {
  const reason = refusals[systemCode(error) ?? ''];
  if (reason === undefined) return error;
  return new UserError(
    {
      code: 'FL2104',
      severity: 'error',
      message: `the store at ${directory} cannot be used: ${reason}`,
      help: 'Make room, give the permission, or name another place with FAIRLEAD_STATE_DIR.',
    },
    { cause: error },
  );
}
