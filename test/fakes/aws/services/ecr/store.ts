import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Blobs on disk, by digest. Repositories of one registry share them, as layers that are mounted do. */
export interface BlobStore {
  /** Undefined: there is none. Bytes. */
  size(digest: string): Promise<number | undefined>;
  read(digest: string): Readable;
  /** Takes what an upload has gathered. False: it is not what the digest says. */
  keep(upload: string, digest: string): Promise<boolean>;
  /** Adds to an upload; answers how many bytes it has. */
  append(upload: string, from: Readable): Promise<number>;
  discard(upload: string): Promise<void>;
  dispose(): void;
}

export function createBlobStore(): BlobStore {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-ecr-'));
  const fileOf = (digest: string) => join(directory, digest.replace(':', '-'));
  const uploadOf = (id: string) => join(directory, `upload-${id}`);
  const sizeOf = async (file: string) => (await stat(file).catch(() => undefined))?.size;
  return {
    size: (digest) => sizeOf(fileOf(digest)),
    read: (digest) => createReadStream(fileOf(digest)),
    async append(upload, from) {
      await pipeline(from, createWriteStream(uploadOf(upload), { flags: 'a' }));
      return (await sizeOf(uploadOf(upload))) ?? 0;
    },
    async keep(upload, digest) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(uploadOf(upload)), hash);
      if (`sha256:${hash.digest('hex')}` !== digest) return false;
      await rename(uploadOf(upload), fileOf(digest));
      return true;
    },
    discard: (upload) => rm(uploadOf(upload), { force: true }),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
