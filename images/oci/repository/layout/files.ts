import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { isMissing, systemCode } from '../../../files.ts';
import type { ByteStream } from '../repository.ts';

/** The files of a layout. Each appears under its name whole or not at all. */
export class LayoutFiles {
  readonly directory: string;
  readonly index: string;
  readonly lock: string;
  readonly referrersLock: string;
  readonly drafts: string;
  readonly blobs: string;
  readonly #marker: string;

  constructor(directory: string) {
    this.directory = directory;
    this.index = join(directory, 'index.json');
    this.#marker = join(directory, 'oci-layout');
    this.lock = join(directory, '.lock');
    this.referrersLock = join(directory, '.referrers.lock');
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

  /** Replaces what has the name. Whatever goes wrong, nothing of the new content stays. */
  async write(path: string, content: ByteStream | Iterable<Uint8Array>): Promise<void> {
    await this.#place(path, async (draft) => {
      const file = await open(draft, 'wx');
      try {
        for await (const chunk of content) await file.writeFile(chunk);
      } finally {
        await file.close();
      }
    });
  }

  /** Takes over a file of another layout: shares it where the system can, else copies. */
  async adopt(path: string, from: string): Promise<void> {
    await this.#place(path, (draft) => link(from, draft).catch(() => copyFile(from, draft)));
  }

  async #place(path: string, make: (draft: string) => Promise<void>): Promise<void> {
    const draft = join(this.drafts, randomUUID());
    try {
      await make(draft);
      await mkdir(dirname(path), { recursive: true });
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}

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

export function readStream(path: string): ByteStream {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}

/** Somebody counts on it being there: what collects garbage leaves alone what is new. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch((error: unknown) => {
    if (!['ENOENT', 'EROFS', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
  });
}

function isAbsent(error: unknown): boolean {
  return isMissing(error) || systemCode(error) === 'ENOTDIR';
}
