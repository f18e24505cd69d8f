import type { WireRequest } from './message.ts';

/**
 * The content of a body in the frames of `aws-chunked`; as it is when it has none. "Signature calculations for the Authorization
 * header: transferring payload in multiple chunks", by which S3 also leaves the frames out of the encoding that it keeps.
 */
export function unchunk(headers: Record<string, string>, raw: Buffer): Pick<WireRequest, 'body' | 'contentEncoding'> {
  const encodings = headers['content-encoding']?.split(',').map((one) => one.trim()) ?? [];
  const others = encodings.filter((one) => one !== 'aws-chunked').join(',');
  const framed = encodings.includes('aws-chunked') || headers['x-amz-content-sha256']?.startsWith('STREAMING-');
  return { body: framed ? contentOf(raw) : raw, ...(others && { contentEncoding: others }) };
}

function contentOf(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const end = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.toString('latin1', at, end), 16);
    if (!(size > 0)) break;
    parts.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
