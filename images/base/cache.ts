import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../pipeline/mod.ts';
import { systemCode } from '../files.ts';
import { digestOf } from '../oci/descriptor.ts';

/** Small content by its digest, kept in a directory: what is found is right, whoever wrote it. */
export interface ContentCache {
  /** Undefined when it is not there, or damaged. */
  read(digest: Digest): Promise<Buffer | undefined>;
  /** Nothing is kept where the directory cannot be written. */
  write(digest: Digest, bytes: Uint8Array): Promise<void>;
}

export function contentCache(directory: string): ContentCache {
  const pathOf = (digest: Digest): string => join(directory, digest.replace(':', '-'));
  return {
    async read(digest) {
      const bytes = await unlessRefused(() => readFile(pathOf(digest)));
      return bytes && digestOf(bytes) === digest ? bytes : undefined;
    },
    async write(digest, bytes) {
      const draft = join(directory, randomUUID());
      await unlessRefused(async () => {
        await mkdir(directory, { recursive: true });
        await writeFile(draft, bytes);
        await rename(draft, pathOf(digest));
      });
      await unlessRefused(() => rm(draft, { force: true }));
    },
  };
}

export const noCache: ContentCache = { read: async () => undefined, write: async () => undefined };

/** A cache is no reason to fail: whatever the system says of it, the content comes from its origin. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
