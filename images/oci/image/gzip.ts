import { crc32 } from 'node:zlib';
import { Deflate } from 'fflate';

/** Half the time of level 6 for bytes that are 4 % more. */
const level = 4;

/** What decides the bytes that come out: another one may make others of the same tar. */
export const compressor = `fflate-0.8.3-level-${level}`;

/** What the compressor is given at a time. Its output may depend on this, so it does not depend on how bytes arrive. */
const blockSize = 1 << 17;

/** Method deflate, no flags, no time, no extra flags, no known system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/**
 * Compresses to gzip. The same bytes give the same bytes on every machine: the compressor is JavaScript of a fixed
 * version, since what zlib makes differs with its build, and the header says nothing of where or when.
 */
export async function* gzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let made: Uint8Array[] = [header];
  const deflate = new Deflate({ level }, (chunk) => {
    made.push(chunk);
  });
  let [sum, length] = [0, 0];
  for await (const block of blocksOf(chunks)) {
    sum = crc32(block, sum);
    length += block.length;
    deflate.push(block);
    yield* made;
    made = [];
  }
  deflate.push(new Uint8Array(0), true);
  yield* made;
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, sum, true);
  trailer.setUint32(4, length % 2 ** 32, true);
  yield new Uint8Array(trailer.buffer);
}

/** The same bytes in blocks of one size; the last may be smaller. A block is valid until the next is asked for. */
async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(blockSize);
  let filled = 0;
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, blockSize - filled);
      block.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
      if (filled < blockSize) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
