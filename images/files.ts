import { createHash } from 'node:crypto';
import { canonicalDigest, type Digest } from '../pipeline/mod.ts';

/** One file of an image. `path` is relative to the image, with `/`. */
export interface ImageFile {
  path: string;
  bytes: Uint8Array;
}

/** A file's path and the SHA-256 of its bytes in hex. */
export interface FileHash {
  path: string;
  hash: string;
}

export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One digest for a set of files: paths and contents count, nothing else of them does. */
export function digestOfFiles(files: Iterable<FileHash>): Digest {
  return canonicalDigest(Object.fromEntries(Array.from(files, ({ path, hash }) => [path, hash])));
}

/** Whether the system said that a file or directory is not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

/** The system's name for what went wrong, such as `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
