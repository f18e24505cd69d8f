import { crypto } from '../../../node.ts';
import { objectsRoute } from './route.ts';

/** What a URL is for. A URL for GET is one for HEAD, too. */
export interface ObjectRequest {
  method: 'GET' | 'PUT';
  bucket: string;
  name: string;
  /** @default the latest */
  version?: string;
}

/** What a URL says: besides the object, until when it counts and what proves it. */
export interface ObjectTarget extends Omit<ObjectRequest, 'method'> {
  /** Seconds since 1970. */
  expires?: number;
  signature?: string;
}

/** The URL of an object that everybody may read. */
export function publicObjectUrl(base: string, bucket: string, name: string): string {
  return locate(base, { bucket, name }).href;
}

/** A URL for one kind of request until a time, given as seconds since 1970. */
export function signedObjectUrl(base: string, request: ObjectRequest, expires: number, key: string): string {
  const url = locate(base, request);
  if (request.version !== undefined) url.searchParams.set('version', request.version);
  url.searchParams.set('expires', String(expires));
  url.searchParams.set('signature', sign(request, expires, key));
  return url.href;
}

/** Undefined when the path, with its query, is that of no object. */
export function readObjectUrl(path: string): ObjectTarget | undefined {
  const [, place = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(path) ?? [];
  const [, bucket, rest = ''] = /^([^/]+)\/(.*)$/s.exec(place.slice(objectsRoute.length)) ?? [];
  const parameters = new URLSearchParams(query);
  const name = parameters.get('name') ?? decode(rest);
  if (!place.startsWith(objectsRoute) || bucket === undefined || !name) return undefined;
  const [version, expires, signature] = ['version', 'expires', 'signature'].map((one) => parameters.get(one));
  return {
    bucket,
    name,
    ...(version != null && { version }),
    ...(expires != null && { expires: /^\d{1,12}$/.test(expires) ? Number(expires) : 0 }),
    ...(signature != null && { signature }),
  };
}

/** Whether a URL was made with the key for this very request, and its time is not over. */
export function isSigned(
  request: ObjectRequest,
  { expires, signature }: ObjectTarget,
  key: string,
  now: number,
): boolean {
  if (expires === undefined || signature === undefined || now >= expires * 1000) return false;
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(request, expires, key))];
  return given.length === expected.length && crypto.timingSafeEqual(given, expected);
}

/** HMAC-SHA256 over everything that the URL is for, in base64url. */
function sign({ method, bucket, name, version }: ObjectRequest, expires: number, key: string): string {
  const text = JSON.stringify(['fairlead object', method, bucket, name, version ?? null, expires]);
  return crypto.createHmac('sha256', key).update(text).digest('base64url');
}

/** A name that clients or proxies would tidy up, such as `a/../b`, is a parameter. */
function locate(base: string, { bucket, name }: Pick<ObjectRequest, 'bucket' | 'name'>): URL {
  const segments = name.split('/');
  const tidied = segments.some((segment) => ['', '.', '..'].includes(segment));
  const path = tidied ? '' : segments.map(encodeURIComponent).join('/');
  const url = new URL(`${base.replace(/\/$/, '')}${objectsRoute}${encodeURIComponent(bucket)}/${path}`);
  if (tidied) url.searchParams.set('name', name);
  return url;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
