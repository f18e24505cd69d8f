import type { RegularFile } from './layer-file.ts';
import { readContent, sizeOf } from './read-content.ts';

/** How many files are read before they are asked for, and up to which size in bytes; larger ones are read in pieces. */
const ahead = { files: 16, size: 1 << 18 };

/**
 * Gives the contents of files that are asked for in this order. Small ones are read several at a time: waiting for each
 * by itself would take longer than all else.
 */
export function readAhead(files: readonly RegularFile[]): (file: RegularFile) => AsyncIterable<Uint8Array> {
  const started = new Map<RegularFile, Promise<Uint8Array[]>>();
  const small = files.filter((file) => !(file.content instanceof Uint8Array) && sizeOf(file) <= ahead.size);
  let next = 0;
  return async function* read(file) {
    while (next < small.length && started.size < ahead.files) {
      const work = readWhole(small[next]!);
      // Who asks for the file hears of it; nobody may ask any more.
      work.catch(() => {});
      started.set(small[next]!, work);
      next += 1;
    }
    const whole = started.get(file);
    if (whole === undefined) return yield* readContent(file);
    started.delete(file);
    yield* await whole;
  };
}

async function readWhole(file: RegularFile): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(file)) chunks.push(chunk);
  return chunks;
}
