import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { Answer } from '../rest/answer.ts';

export interface Blob {
  content: Uint8Array;
  type: string;
}

const container = '/_blobs/results';

/**
 * What artifacts and caches are uploaded to and downloaded from: as much of Azure's Blob service as the clients speak.
 * https://learn.microsoft.com/en-us/rest/api/storageservices/put-blob, put-block, put-block-list, get-blob
 * Its addresses are signed, for reading or for writing, and for a while.
 */
export class Blobs {
  readonly #clock: Clock;
  readonly #origin: () => string;
  readonly #blobs = new Map<string, Blob>();
  readonly #blocks = new Map<string, Uint8Array>();

  constructor(clock: Clock, origin: () => string) {
    this.#clock = clock;
    this.#origin = origin;
  }

  get(name: string): Blob | undefined {
    return this.#blobs.get(name);
  }

  /** @returns the name */
  put(name: string, content: Uint8Array, type: string): string {
    this.#blobs.set(name, { content, type });
    return name;
  }

  /** An address to write to, for an hour. */
  upload(name: string): string {
    return this.#sign(name, 'w', 60);
  }

  /** An address to read from, for ten minutes. */
  download(name: string, minutes = 10): string {
    return this.#sign(name, 'r', minutes);
  }

  answer(method: string, url: URL, headers: Headers, body: Uint8Array): Answer {
    const name = decodeURIComponent(url.pathname.slice(container.length + 1));
    const right = method === 'PUT' ? 'w' : 'r';
    const expiry = url.searchParams.get('se') ?? '';
    const valid = url.searchParams.get('sig') === signature(name, right, expiry);
    if (!valid || Date.parse(expiry) < this.#clock.now().getTime()) return failure(403, 'AuthenticationFailed');
    if (method === 'PUT') return this.#write(name, url.searchParams, headers, body);
    const blob = this.#blobs.get(name);
    return blob ? read(blob, headers.get('x-ms-range') ?? headers.get('range')) : failure(404, 'BlobNotFound');
  }

  #write(name: string, query: URLSearchParams, headers: Headers, body: Uint8Array): Answer {
    const type = headers.get('x-ms-blob-content-type') ?? headers.get('content-type') ?? 'application/octet-stream';
    if (query.get('comp') === 'block') this.#blocks.set(`${name} ${query.get('blockid')}`, body);
    else if (query.get('comp') === 'blocklist') {
      const ids = [
        ...Buffer.from(body)
          .toString()
          .matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g),
      ].map(([, id]) => id);
      const blocks = ids.map((id) => this.#blocks.get(`${name} ${id}`));
      if (blocks.some((block) => block === undefined)) return failure(400, 'InvalidBlockList');
      this.put(name, Buffer.concat(blocks as Uint8Array[]), type);
    } else if (headers.get('x-ms-blob-type') === 'BlockBlob') this.put(name, body, type);
    else return failure(400, 'MissingRequiredHeader');
    return { status: 201, headers: { etag: '"0x1"', 'x-ms-request-id': 'fake', 'x-ms-version': '2025-01-05' } };
  }

  #sign(name: string, right: 'r' | 'w', minutes: number): string {
    const expiry = new Date(this.#clock.now().getTime() + minutes * 60_000).toISOString();
    const query = new URLSearchParams({ se: expiry, sp: right, sig: signature(name, right, expiry) });
    return `${this.#origin()}${container}/${encodeURIComponent(name)}?${query}`;
  }
}

function read({ content, type }: Blob, range: string | null): Answer {
  const headers = {
    'content-type': type,
    'accept-ranges': 'bytes',
    etag: '"0x1"',
    'x-ms-blob-type': 'BlockBlob',
    'last-modified': 'Mon, 02 Nov 2026 09:00:00 GMT',
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined)
    return { status: 200, body: content, headers: { ...headers, 'content-length': String(content.length) } };
  const part = content.subarray(Number(from), to ? Number(to) + 1 : undefined);
  const span = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`;
  return {
    status: 206,
    body: part,
    headers: { ...headers, 'content-range': span, 'content-length': String(part.length) },
  };
}

function failure(status: number, code: string): Answer {
  return {
    status,
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  };
}

const key = createHash('sha256').update('the key of a fake storage account').digest();
const signature = (...parts: string[]) => createHmac('sha256', key).update(parts.join('\n')).digest('base64');
