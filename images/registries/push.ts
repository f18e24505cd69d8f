import { type Digest, UserError } from '../../pipeline/mod.ts';
import type { Descriptor, Platform } from '../oci/descriptor.ts';
import { manifestTypes, parseManifest } from '../oci/repository/content.ts';
import { missing } from '../oci/repository/errors.ts';
import {
  type CopyEvent,
  copyAll,
  type ImageSource,
  type Repository,
  type StoredManifest,
} from '../oci/repository/mod.ts';
import { createPool, type Pool } from '../oci/repository/pool.ts';
import { registryError } from './errors.ts';
import { withBase } from './with-base.ts';

/** An image, an index or an artifact, and the tags that it is to have. */
export interface PushedImage {
  digest: Digest;
  tags: readonly string[];
}

export interface PushOptions {
  /** A layout with the images, which may lack the layers of their base. */
  from: Repository;
  /** Has the layers of the base. */
  base?: ImageSource | undefined;
  to: Repository;
  images: readonly PushedImage[];
  /** Called once, before anything is written. */
  prepare?: (() => Promise<void>) | undefined;
  /** Gives the images of an index tags of their own, so that rules which go by tags reach them. @default false */
  platformTags?: boolean;
  /** Requests at the same time. @default 8 */
  concurrency?: number;
  onProgress?: ((event: CopyEvent) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Pushed {
  /** Of content that the registry did not have: blobs and manifests that were sent. Content without a new tag counts nothing. */
  bytesPushed: number;
  blobs: { present: number; mounted: number; copied: number };
}

/**
 * Brings images to a registry: what is there already is not sent, layers of the base are taken over from a repository
 * of the same registry or pass straight through, referrers go along, and tags come when everything is there. Where all
 * tags are right, nothing but them is asked for.
 * @throws UserError FL2219 when a tag names something else, since tags are never moved; FL2220 when the base lost a layer.
 */
export async function push(options: PushOptions): Promise<Pushed> {
  const { from, base, to, signal, prepare } = options;
  const pool = createPool(options.concurrency ?? 8);
  const tally = createTally(options.onProgress);
  const images = await imagesToPush(options, pool);
  if (images.length === 0) return tally.pushed;
  await prepare?.();
  await copyAll(
    base ? withBase(from, base) : from,
    to,
    images.map(({ digest }) => digest),
    {
      referrers: true,
      ...(base && { origin: async (digest) => ((await from.hasBlob(digest)) ? from : base) }),
      concurrency: options.concurrency ?? 8,
      onProgress: tally.count,
      signal,
    },
  );
  await all(images.map((image) => tagImage(image, options, pool)));
  return tally.pushed;
}

/** Those of which a tag is missing, with the missing tags only. An image without tags is looked for by its digest. */
async function imagesToPush({ images, to, signal }: PushOptions, pool: Pool): Promise<PushedImage[]> {
  const found = await Promise.all(
    images.map(async ({ digest, tags }) => {
      const references = tags.length > 0 ? tags : [digest];
      const there = await Promise.all(
        references.map((reference) => pool(() => isThere(to, digest, reference, { signal }))),
      );
      return { image: { digest, tags: tags.filter((_, index) => !there[index]) }, whole: there.every(Boolean) };
    }),
  );
  return found.filter(({ whole }) => !whole).map(({ image }) => image);
}

async function isThere(
  to: Repository,
  digest: Digest,
  reference: string,
  options: { signal: AbortSignal | undefined },
): Promise<boolean> {
  const found = await to.manifest(reference, options);
  if (found && found.descriptor.digest !== digest) throw taken(to, reference, found.descriptor.digest, digest);
  return found !== undefined;
}

/** An image's own tags come last: who finds one finds the others, too. */
async function tagImage({ digest, tags }: PushedImage, options: PushOptions, pool: Pool): Promise<void> {
  const { from, signal } = options;
  if (tags.length === 0) return;
  const image = await stored(from, digest, signal);
  const parts = options.platformTags ? parseManifest(image.bytes, from.place).manifests : [];
  await all(
    parts.flatMap((part) =>
      tags.map((tag) =>
        pool(async () => putTag(await stored(from, part.digest, signal), platformTag(tag, part), options)),
      ),
    ),
  );
  await all(tags.map((tag) => pool(() => putTag(image, tag, options))));
}

/** Waits for all to end whatever happens, so that nothing goes on behind an error. */
async function all(works: Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(works);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function stored(from: Repository, digest: Digest, signal: AbortSignal | undefined): Promise<StoredManifest> {
  const found = await from.manifest(digest, { signal });
  if (!found) throw missing(`manifest ${digest}`, from.place);
  return found;
}

/** Another push may have given the tag meanwhile; a registry whose tags cannot be moved refuses to give it again. */
async function putTag({ descriptor, bytes }: StoredManifest, tag: string, { to, signal }: PushOptions): Promise<void> {
  try {
    await to.putManifest(bytes, descriptor.mediaType, tag, { signal });
  } catch (error) {
    if (!isRefusal(error) || !(await isThere(to, descriptor.digest, tag, { signal }))) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof UserError && error.diagnostics.some(({ code }) => code === 'FL2207');
}

const longestTag = 128;

/** `TAG.linux-arm64`; the digest stands for what would make it too long. */
function platformTag(tag: string, { platform, digest }: Descriptor): string {
  const readable = `${tag}.${platform ? nameOf(platform) : shortened(digest)}`;
  return readable.length <= longestTag ? readable : `${tag.slice(0, longestTag - 33)}.${shortened(digest)}`;
}

function nameOf({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('-').replace(/[^\w.-]/g, '_');
}

function shortened(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 32);
}

function createTally(onProgress: PushOptions['onProgress']) {
  const pushed: Pushed = { bytesPushed: 0, blobs: { present: 0, mounted: 0, copied: 0 } };
  return {
    pushed,
    count(event: CopyEvent) {
      const { descriptor, state } = event;
      if (state === 'copied') pushed.bytesPushed += descriptor.size;
      if (state !== 'copying' && !manifestTypes.includes(descriptor.mediaType)) pushed.blobs[state] += 1;
      onProgress?.(event);
    },
  };
}

function taken(to: Repository, reference: string, found: Digest, wanted: Digest): UserError {
  return registryError(
    'FL2219',
    `${to.place}:${reference} names ${found} already, and should name ${wanted}`,
    'Tags are never moved. Remove the tag there if it is not needed, or build again, which makes a new one.',
  );
}
