import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../../pipeline/mod.ts';
import { type Descriptor, mediaTypes } from '../descriptor.ts';
import { type Arranged, arrange } from './arrange.ts';
import { gzip } from './gzip.ts';
import { isLink, type LayerFile } from './layer-file.ts';
import { readAhead } from './read-ahead.ts';
import { sizeOf } from './read-content.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** Files as an image carries them: a tar in gzip. */
export interface Layer {
  descriptor: Descriptor;
  /** The digest of the tar. */
  diffId: Digest;
  /** The bytes, or the file on this machine that has them. Absent in what `find` answered without them. */
  content?: Uint8Array | { file: string };
}

export interface LayerOptions {
  /** The directory of the image that the paths are relative to, such as `app`. @default its root */
  prefix?: string;
  /** Paths that may go in although they look as if they held secrets; one that ends in `/` is a directory. @default none */
  allowed?: readonly string[];
  /** A directory for the layer's file, which is named by its digest. @default the bytes stay in memory */
  directory?: string;
  /** A layer that was made before, by the digest of its tar: compressing takes far longer than finding that out. */
  find?: (diffId: Digest) => Promise<Layer | undefined>;
}

/**
 * Makes a layer. The same files give the same bytes, wherever and whenever: everything belongs to root and is readable by
 * all, so that a process that is not root can change none of it; every time is 1970-01-01.
 * @throws UserError with all that cannot go in (FL2301, FL2302, FL2303, FL2305) or cannot be read (FL2304, FL2306, FL2307)
 */
export async function layerOf(files: Iterable<LayerFile>, options: LayerOptions = {}): Promise<Layer> {
  const { prefix, allowed = [], directory, find } = options;
  const entries = under(await arrange([...files], allowed), prefix);
  const known = await find?.(await digestOfChunks(tar(entries)));
  if (known !== undefined) return known;
  const sink = directory === undefined ? memory() : await fileIn(directory);
  try {
    return await pack(tar(entries), sink);
  } catch (error) {
    await sink.drop();
    throw error;
  }
}

/** Opens a layer for reading, from its start, as often as it is called. */
export function openLayer({ content, diffId }: Layer): () => AsyncIterable<Uint8Array> | Uint8Array {
  if (content === undefined) throw new Error(`the layer ${diffId} is not at hand`);
  return () => (content instanceof Uint8Array ? content : createReadStream(content.file));
}

async function pack(chunks: AsyncIterable<Uint8Array>, sink: Sink): Promise<Layer> {
  const [plain, packed] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  for await (const chunk of gzip(tapped(chunks, plain))) {
    packed.update(chunk);
    size += chunk.length;
    await sink.write(chunk);
  }
  const digest = `sha256:${packed.digest('hex')}` as const;
  const descriptor = { mediaType: mediaTypes.layer, digest, size };
  return { descriptor, diffId: `sha256:${plain.digest('hex')}`, content: await sink.end(digest) };
}

/** Moved into a directory of the image, which is an entry itself, as are those it is in. */
function under(entries: Arranged[], prefix: string | undefined): Arranged[] {
  if (prefix === undefined) return entries;
  const above = prefix.split('/').map((_, at, names) => names.slice(0, at + 1).join('/'));
  return [
    ...above.map((path) => ({ path, directory: true }) as const),
    ...entries.map((entry) => ({ ...entry, path: `${prefix}/${entry.path}` })),
  ];
}

async function* tar(entries: readonly Arranged[]): AsyncGenerator<Uint8Array> {
  const read = readAhead(entries.filter((entry) => 'content' in entry));
  for (const entry of entries) {
    const { path } = entry;
    if ('directory' in entry) yield tarHeader({ type: 'directory', path, mode: 0o755, size: 0 });
    else if (isLink(entry)) yield tarHeader({ type: 'link', path, mode: 0o777, size: 0, target: entry.link });
    else {
      const size = sizeOf(entry);
      yield tarHeader({ type: 'file', path, mode: entry.mode ?? 0o644, size });
      yield* read(entry);
      yield tarPadding(size);
    }
  }
  yield tarEnd;
}

async function* tapped(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function digestOfChunks(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** Where the bytes of a layer go. */
interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  end(digest: Digest): Promise<NonNullable<Layer['content']>>;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

function memory(): Sink {
  const chunks: Uint8Array[] = [];
  return {
    write: async (chunk) => {
      chunks.push(chunk);
    },
    end: async () => Buffer.concat(chunks),
    drop: async () => {},
  };
}

/** Written under another name first: what has a digest as its name is whole. */
async function fileIn(directory: string): Promise<Sink> {
  await mkdir(directory, { recursive: true });
  const draft = join(directory, `draft-${randomUUID()}`);
  const handle = await open(draft, 'wx');
  return {
    write: async (chunk) => handle.writeFile(chunk),
    end: async (digest) => {
      await handle.close();
      const file = join(directory, digest.replace(':', '-'));
      await rename(draft, file);
      return { file };
    },
    drop: async () => {
      await handle.close();
      await rm(draft, { force: true });
    },
  };
}
