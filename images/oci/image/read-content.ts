import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Diagnostic, UserError } from '../../../pipeline/mod.ts';
import { systemCode } from '../../files.ts';
import type { DiskFile, RegularFile } from './layer-file.ts';

const chunkSize = 1 << 18;

/** Not through a link that took the file's place, and without waiting at a pipe. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export function sizeOf({ content }: RegularFile): number {
  return content instanceof Uint8Array ? content.length : content.size;
}

/**
 * The bytes of a file: exactly those that were meant.
 * @throws UserError FL2304 when they are others or change meanwhile, FL2306 when it is no regular file, FL2307 when the
 * system refuses to read it
 */
export async function* readContent({ path, content }: RegularFile): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield content;
    return;
  }
  try {
    const handle = await open(content.file, flags);
    try {
      yield* readSteadily(handle, path, content);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw refusal(path, error);
  }
}

/** The beginning of a file as text, up to a megabyte. */
export async function readText(file: RegularFile): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of readContent(file)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= 1 << 20) break;
  }
  return text;
}

async function* readSteadily(handle: FileHandle, path: string, expected: DiskFile): AsyncGenerator<Uint8Array> {
  const before = await handle.stat({ bigint: true });
  if (!before.isFile()) throw new UserError(notRegular(path));
  if (before.size !== BigInt(expected.size)) throw new UserError(changed(path));
  const hash = createHash('sha256');
  let read = 0;
  for (let ended = false; !ended; ) {
    // A byte more than there should be, so that one read tells whether the file ends there.
    const length = Math.min(chunkSize, expected.size - read + 1);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, read);
    ended = bytesRead < length;
    read += bytesRead;
    if (read > expected.size) throw new UserError(changed(path));
    const chunk = buffer.subarray(0, bytesRead);
    if (expected.hash !== undefined) hash.update(chunk);
    yield chunk;
  }
  const after = await handle.stat({ bigint: true });
  const touched = after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs;
  const other = expected.hash !== undefined && hash.digest('hex') !== expected.hash;
  if (read !== expected.size || touched || other) throw new UserError(changed(path));
}

export function notRegular(path: string): Diagnostic {
  return {
    code: 'FL2306',
    severity: 'error',
    message: `${JSON.stringify(path)} cannot go into an image: it is neither a file, a directory nor a link`,
    help: 'Remove the device, pipe or socket, or leave it out of what is shipped.',
  };
}

function changed(path: string): Diagnostic {
  return {
    code: 'FL2304',
    severity: 'error',
    message: `${JSON.stringify(path)} changed while the image was made`,
    help: 'Run the command again when the files are at rest.',
  };
}

/** What to tell a user who wants the file: FL2304, FL2306 or FL2307. Anything else stays what it is. */
export function refusal(path: string, error: unknown): unknown {
  const code = systemCode(error);
  // ELOOP: a link took the file's place. ENXIO: a socket did.
  if (code === 'ENXIO') return new UserError(notRegular(path), { cause: error });
  if (code === 'ENOENT' || code === 'ELOOP') return new UserError(changed(path), { cause: error });
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EIO') return error;
  return new UserError(
    {
      code: 'FL2307',
      severity: 'error',
      message: `${JSON.stringify(path)} cannot be read: ${code === 'EIO' ? 'the disk fails' : 'permission is denied'}`,
      help: 'Give the permission to read it, or leave it out of what is shipped.',
    },
    { cause: error },
  );
}
