import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { APIError } from '../../../api/error.ts';
import { resolveEnv } from '../../../infra/config.ts';
import type { ObjectUrls, ServedBucket } from '../../../wire.ts';
import type { Opened } from './object-file.ts';
import { DiskStore } from './store.ts';
import { isSigned, type ObjectRequest, type ObjectTarget, readObjectUrl } from './urls.ts';

/** As S3 has it. Bytes. */
const largestUpload = 5 * 1024 ** 3;

const stores = new Map<string, DiskStore>();

/**
 * Answers a request for an object by a URL: GET and HEAD, for a bucket that is public or a URL that was signed, and PUT for one
 * that was signed. Resolves when the response has ended.
 * @throws APIError when there is no such object, or the URL does not allow it
 */
export async function serveObject(urls: ObjectUrls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = readObjectUrl(request.url ?? '');
  const bucket = target && Object.hasOwn(urls.buckets, target.bucket) ? urls.buckets[target.bucket] : undefined;
  if (!target || !bucket) throw APIError.notFound('endpoint not found');
  if (bucket.signed) addCors(request, response);
  if (request.method === 'OPTIONS') return void response.end();
  const method = ({ GET: 'GET', HEAD: 'GET', PUT: 'PUT' } as const)[request.method ?? ''];
  if (!method) throw APIError.notFound('no route for method');
  if (!isAllowed(urls, bucket, method, target)) throw APIError.permissionDenied('the URL is not valid, or no longer');
  const store = stores.get(bucket.directory) ?? new DiskStore(bucket);
  stores.set(bucket.directory, store);
  if (method === 'PUT') return upload(store, target, request, response);
  const opened = await store.open(target);
  if (!opened) throw APIError.notFound('object not found');
  try {
    await send(opened, request, response);
  } finally {
    await opened.handle.close();
  }
}

function isAllowed(
  urls: ObjectUrls,
  bucket: ServedBucket,
  method: ObjectRequest['method'],
  target: ObjectTarget,
): boolean {
  if (bucket.public && method === 'GET' && target.signature === undefined) return target.version === undefined;
  if (!bucket.signed || urls.key === undefined) return false;
  return isSigned({ ...target, method }, target, resolveEnv(urls.key, 'the key for URLs of objects'), Date.now());
}

/** A signed URL is all the permission there is: pages of any origin may use one they were given. */
function addCors({ method, headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'ETag, Content-Range, Accept-Ranges');
  if (method !== 'OPTIONS') return;
  response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*');
  response.setHeader('access-control-max-age', '3600');
}

async function upload(
  store: DiskStore,
  { name }: ObjectTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const contentType = request.headers['content-type'];
  const options = contentType === undefined ? {} : { contentType };
  const { etag } = await store.upload(name, limited(request), options).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ECONNRESET' ? APIError.aborted('the upload broke off', error) : error;
  });
  response.setHeader('etag', etag);
  response.end();
}

async function* limited(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const tooLarge = () => APIError.invalidArgument(`an object has at most ${largestUpload} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > largestUpload) throw tooLarge();
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestUpload) throw tooLarge();
    yield chunk;
  }
}

async function send(
  { header, handle, start }: Opened,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size, etag, contentType = 'application/octet-stream' } = header;
  response.setHeader('content-type', contentType);
  response.setHeader('etag', etag);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('cache-control', 'no-cache');
  // What users have uploaded is shown at the application's own address: it is not to act in its name.
  response.setHeader('content-security-policy', 'sandbox allow-scripts');
  response.setHeader('x-content-type-options', 'nosniff');
  if (isCurrent(headers['if-none-match'], etag)) {
    response.statusCode = 304;
    return void response.end();
  }
  const stale = headers['if-range'] !== undefined && headers['if-range'] !== etag;
  const range = stale ? undefined : rangeOf(headers.range, size);
  if (range === 'beyond') {
    response.statusCode = 416;
    response.setHeader('content-range', `bytes */${size}`);
    return void response.end();
  }
  if (range) {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${range.first}-${range.last}/${size}`);
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  response.setHeader('content-length', last - first + 1);
  if (method === 'HEAD' || last < first) return void response.end();
  const content = handle.createReadStream({ start: start + first, end: start + last, autoClose: false });
  // A client that goes is no failure of ours.
  await pipeline(content, response).catch((error: Error) => {
    if (!response.destroyed) throw error;
  });
}

function isCurrent(condition: string | undefined, etag: string): boolean {
  return condition?.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim())) ?? false;
}

/** One range of bytes; undefined for anything else, which is answered in full. */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } | 'beyond' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '')
    return to === '0' || size === 0 ? 'beyond' : { first: Math.max(0, size - Number(to)), last: size - 1 };
  const [first, last] = [Number(from), Math.min(to === '' ? size - 1 : Number(to), size - 1)];
  if (to !== '' && Number(to) < first) return undefined;
  return first >= size ? 'beyond' : { first, last };
}
