import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { isMissing, systemCode } from '../../../files.ts';
import { digestOf } from '../../descriptor.ts';
import { isDigest } from '../name.ts';
import type { ByteStream, Content } from '../repository.ts';
import { verified } from '../verify.ts';

/** What is read at once, in bytes: that is faster than a stream. */
const atOnce = 1 << 20;

/**
 * The files of a layout. Each appears under its name whole or not at all, as long as the machine runs; what shall be
 * whole after a power loss, too, is settled.
 */
export class LayoutFiles {
  readonly directory: string;
  readonly index: string;
  readonly lock: string;
  readonly drafts: string;
  readonly blobs: string;
  readonly #marker: string;

  constructor(directory: string) {
    this.directory = directory;
    this.index = join(directory, 'index.json');
    this.#marker = join(directory, 'oci-layout');
    this.lock = join(directory, '.lock');
    this.drafts = join(directory, '.drafts');
    this.blobs = join(directory, 'blobs', 'sha256');
  }

  blob(digest: Digest): string {
    return join(this.blobs, digest.slice('sha256:'.length));
  }

  /** Makes what is missing of an empty layout. */
  async prepare(): Promise<void> {
    await mkdir(this.blobs, { recursive: true });
    await mkdir(this.drafts, { recursive: true });
    if ((await sizeOf(this.#marker)) === undefined)
      await this.write(this.#marker, [Buffer.from('{"imageLayoutVersion":"1.0.0"}')]);
  }

  /** Undefined when there is no layout; its text when there is. */
  marker(): Promise<Buffer | undefined> {
    return readIfThere(this.#marker);
  }

  /** Of all blobs, in alphabetical order. */
  async digests(): Promise<Digest[]> {
    return (await namesIn(this.blobs)).map((name) => `sha256:${name}`).filter(isDigest);
  }

  /** Whether the blob is there and its bytes are those of its digest. */
  async isIntact(content: Content): Promise<boolean> {
    const path = this.blob(content.digest);
    if ((await sizeOf(path)) !== content.size) return false;
    if (content.size <= atOnce) {
      const bytes = await readIfThere(path);
      return bytes !== undefined && digestOf(bytes) === content.digest;
    }
    try {
      for await (const _ of verified(readStream(path), content, (how) => new NotIntact(how)));
      return true;
    } catch (error) {
      if (error instanceof NotIntact || isAbsent(error)) return false;
      throw error;
    }
  }

  /** Replaces what has the name. Whatever goes wrong, nothing of the new content stays. */
  write(path: string, content: ByteStream | Iterable<Uint8Array>): Promise<void> {
    return this.#place(path, async (file) => {
      for await (const chunk of content) await file.writeFile(chunk);
    });
  }

  /** The same for what nothing could replace: a power loss leaves what was there or what comes, whole. */
  writeDurably(path: string, content: Uint8Array): Promise<void> {
    return this.#place(path, async (file) => {
      await file.writeFile(content);
      await file.datasync();
    });
  }

  /** Waits until the disk has what was written. Many at the same time cost it little more than one. */
  async settle(path: string): Promise<void> {
    let file: FileHandle;
    try {
      file = await open(path, 'r+');
    } catch (error) {
      // Of others, or gone: whoever needs it hears of that.
      if (isAbsent(error) || unwritable(error)) return;
      throw error;
    }
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async #place(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
    const draft = join(this.drafts, randomUUID());
    try {
      const file = await open(draft, 'wx');
      try {
        await fill(file);
      } finally {
        await file.close();
      }
      await mkdir(dirname(path), { recursive: true });
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}

class NotIntact extends Error {}

/** In bytes; undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** In alphabetical order; none where there is no such directory. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function readStream(path: string): ByteStream {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}

/** Somebody counts on it being there: what collects garbage leaves alone what is new. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch((error: unknown) => {
    if (!isAbsent(error) && !unwritable(error)) throw error;
  });
}

function isAbsent(error: unknown): boolean {
  return isMissing(error) || systemCode(error) === 'ENOTDIR';
}

function unwritable(error: unknown): boolean {
  return ['EROFS', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '');
}
