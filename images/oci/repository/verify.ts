import { createHash } from 'node:crypto';
import type { ByteStream, Content } from './repository.ts';

/**
 * Passes a stream on and holds its last bytes back until digest and size are known to be right.
 * `wrong` makes the error from what is wrong with it.
 */
export async function* verified(stream: ByteStream, expected: Content, wrong: (how: string) => Error): ByteStream {
  const hash = createHash('sha256');
  let size = 0;
  const check = () => {
    const digest = `sha256:${hash.digest('hex')}`;
    if (digest !== expected.digest) throw wrong(`its digest is ${digest}`);
  };
  for await (const chunk of stream) {
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > expected.size) throw wrong(`it has more than ${expected.size} bytes`);
    hash.update(chunk);
    if (size === expected.size) check();
    yield chunk;
  }
  if (size < expected.size) throw wrong(`it has ${size} bytes instead of ${expected.size}`);
  if (size === 0) check();
}

/** As much as a write passes on at once, in bytes: a stalled peer is noticed, and progress is seen. */
const pieceSize = 256 * 1024;

export async function* pieces(content: ByteStream | Uint8Array): ByteStream {
  if (!(content instanceof Uint8Array)) return yield* content;
  for (let start = 0; start < content.length; start += pieceSize) yield content.subarray(start, start + pieceSize);
}

/** All of a stream, or undefined when it has more than `limit` bytes, of which no more is read then. */
export async function readAll(stream: ByteStream, limit: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
