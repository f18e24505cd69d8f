import { createHash } from 'node:crypto';
import { AwsError } from '../../model.ts';

export interface Bucket {
  name: string;
  account: string;
  region: string;
  createdAt: number;
  versioning?: 'Enabled' | 'Suspended';
  /** A document. */
  policy?: unknown;
  publicAccess?: Record<string, boolean>;
  tags: Record<string, string>;
  /** Versions by key, the newest first. */
  keys: Map<string, Version[]>;
  uploads: Map<string, Upload>;
  /** What else a template says of it, by its words. */
  settings: Record<string, unknown>;
}

export interface Version {
  /** `null` where versions are not kept. */
  id: string;
  at: number;
  /** A delete marker; it has no content. */
  marker: boolean;
  body: Buffer;
  etag: string;
  headers: ObjectHeaders;
}

/** What is given back with the content as it came. */
export interface ObjectHeaders {
  ContentType?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  Metadata?: Record<string, string>;
}

export interface Upload {
  id: string;
  key: string;
  at: number;
  headers: ObjectHeaders;
  parts: Map<number, { body: Buffer; etag: string; at: number }>;
}

export const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

export function headersOf(input: ObjectHeaders): ObjectHeaders {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata } = input;
  const given = { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Amazon S3 User Guide, "Retaining multiple versions of objects": kept beside the others, or in the place of the version `null`. */
export function add(bucket: Bucket, key: string, version: Omit<Version, 'id'>, id: () => string): Version {
  const kept = bucket.versioning === 'Enabled';
  const added: Version = { ...version, id: kept ? id() : 'null' };
  const before = (bucket.keys.get(key) ?? []).filter((one) => kept || one.id !== 'null');
  bucket.keys.set(key, [added, ...before]);
  return added;
}

/** The newest, or the one that is named. Undefined: there is none, or it was deleted. */
export function find(bucket: Bucket, key: string, versionId?: string): Version | undefined {
  const versions = bucket.keys.get(key) ?? [];
  if (versionId === undefined) return versions[0]?.marker ? undefined : versions[0];
  const found = versions.find(({ id }) => id === versionId);
  if (found?.marker)
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  return found;
}

/** "Deleting object versions": with an id that version goes for good; without, a marker comes on top where versions are kept. */
export function remove(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  at: number,
  id: () => string,
): { VersionId?: string; DeleteMarker?: boolean } {
  const versions = bucket.keys.get(key) ?? [];
  if (versionId !== undefined) {
    const gone = versions.find((one) => one.id === versionId);
    const left = versions.filter((one) => one !== gone);
    if (left.length > 0) bucket.keys.set(key, left);
    else bucket.keys.delete(key);
    return { VersionId: versionId, ...(gone?.marker && { DeleteMarker: true }) };
  }
  if (!bucket.versioning) {
    bucket.keys.delete(key);
    return {};
  }
  const marker = add(bucket, key, { at, marker: true, body: Buffer.alloc(0), etag: '', headers: {} }, id);
  return { VersionId: marker.id, DeleteMarker: true };
}

export interface Listing<T> {
  items: T[];
  prefixes: string[];
  /** The last one that was listed, where there are more. */
  next?: string;
}

/** "Organizing objects using prefixes": in the order of their UTF-8 bytes, a thousand at most, those with a delimiter rolled up. */
export function list<T>(
  entries: { key: string; item: T }[],
  options: { prefix?: string; delimiter?: string; after?: string; most?: number },
): Listing<T> {
  const { prefix = '', delimiter, after, most = 1000 } = options;
  const sorted = entries
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const items: T[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const { key, item } of sorted) {
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const rolled = delimiter && cut >= 0 ? key.slice(0, cut + delimiter.length) : undefined;
    const name = rolled ?? key;
    if (rolled !== undefined && rolled === prefixes.at(-1)) continue;
    if (after !== undefined && Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0) continue;
    if (items.length + prefixes.length === Math.min(most, 1000))
      return { items, prefixes, ...(last !== undefined && { next: last }) };
    if (rolled === undefined) items.push(item);
    else prefixes.push(rolled);
    last = name;
  }
  return { items, prefixes };
}
