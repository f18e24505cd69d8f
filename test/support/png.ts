import { crc32, deflateSync, inflateSync } from 'node:zlib';

/**
 * The same picture in fewer bytes: rows of flat colours pack best as they are, while browsers write each as the difference to what
 * is beside it.
 * @param png eight bits for each of red, green and blue, not interlaced
 */
export function packed(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')!;
  if (header.body.readUInt32BE(8) !== 0x08020000) throw new Error('not a picture of this kind');
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body)));
  const body = deflateSync(withoutFilters(data, header.body.readUInt32BE(0) * 3), { level: 9, memLevel: 9 });
  return Buffer.concat([png.subarray(0, 8), chunk(header), chunk({ type: 'IDAT', body }), chunk(end)]);
}

/** Rows of a filter's number and `width` bytes, each with the filter that does nothing. */
function withoutFilters(data: Buffer, width: number): Buffer {
  const out = Buffer.alloc(data.length);
  for (let row = 0; row < data.length; row += width + 1) {
    const filter = data[row]!;
    for (let at = row + 1; at <= row + width; at++) {
      const left = at - row > 3 ? out[at - 3]! : 0;
      const up = row > 0 ? out[at - width - 1]! : 0;
      const corner = row > 0 && at - row > 3 ? out[at - width - 4]! : 0;
      out[at] = data[at]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter < 3) return [0, left, up][filter]!;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(guess - one)) as [number, number, number];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

interface Chunk {
  type: string;
  body: Buffer;
}

const end: Chunk = { type: 'IEND', body: Buffer.alloc(0) };

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk({ type, body }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
