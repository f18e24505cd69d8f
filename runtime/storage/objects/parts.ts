/** Bytes that a part has before it grows. */
const small = 256 * 1024;

/**
 * The same bytes in parts of these sizes, but for the last one, which may be less, and is empty only when it is the first. Chunks are
 * copied: a source may use its memory again.
 * @param sizeOf of the part of an index, in bytes
 */
export async function* partsOf(
  bytes: AsyncIterable<Uint8Array>,
  sizeOf: (index: number) => number,
): AsyncGenerator<Buffer<ArrayBuffer>, void, undefined> {
  let index = 0;
  let size = sizeOf(0);
  let part = Buffer.allocUnsafeSlow(Math.min(small, size));
  let filled = 0;
  for await (const chunk of bytes)
    for (let at = 0; at < chunk.byteLength; ) {
      if (filled === size) {
        yield part;
        size = sizeOf(++index);
        part = Buffer.allocUnsafeSlow(size);
        filled = 0;
      }
      if (filled === part.length) part = grown(part, Math.min(size, part.length * 4));
      const taken = Math.min(chunk.byteLength - at, part.length - filled);
      part.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  yield part.subarray(0, filled);
}

function grown(part: Buffer, size: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(size);
  part.copy(larger);
  return larger;
}

/** The parts of these bytes, or all of them where they fit in one: that takes one request. */
export async function partsOrWhole(
  bytes: AsyncIterable<Uint8Array>,
  sizeOf: (index: number) => number,
): Promise<Buffer<ArrayBuffer> | AsyncIterable<Buffer<ArrayBuffer>>> {
  const parts = partsOf(bytes, sizeOf);
  const [first, second] = [await parts.next(), await parts.next()];
  return second.done ? first.value! : joined(first.value!, second.value, parts);
}

async function* joined(
  first: Buffer<ArrayBuffer>,
  second: Buffer<ArrayBuffer>,
  rest: AsyncIterable<Buffer<ArrayBuffer>>,
): AsyncGenerator<Buffer<ArrayBuffer>, void, undefined> {
  yield first;
  yield second;
  yield* rest;
}
