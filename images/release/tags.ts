import { createHash } from 'node:crypto';
import { type Digest, type Mark, shortDigest } from '../../pipeline/mod.ts';

/** What a tag of ours says. */
export interface Tag {
  tag: string;
  /** The tag of the release; of an image's, the release it was kept for. */
  release: string;
  environment?: string;
  /** ISO 8601 in UTC, to the second. */
  at: string;
  /** The first 12 hex digits of the release. */
  digits: string;
  /** Whether it is an image's. */
  ofImage: boolean;
}

/** Where no environment is named. */
const none = 'build';

/** The longest tag that registries take. */
const longest = 128;

/** `production-20260131t235959z-0123456789ab`: the environment, when, and which release. Never moved. */
export function releaseTag(digest: Digest, { environment = none, at }: Mark): string {
  const time = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')
    .toLowerCase();
  return `${environment}-${time}-${shortDigest(digest)}`;
}

/** The tag of an image that a release names; `key` is its key there. */
export function imageTag(tag: string, key: string): string {
  const plain = `${tag}.${key.replaceAll('/', '.')}`;
  if (plain.length <= longest && /^[\w.-]+$/.test(plain)) return plain;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${plain.replaceAll(/[^\w.-]/g, '-').slice(0, longest - hash.length - 1)}-${hash}`;
}

const form = /^(([a-z0-9-]+)-(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})z-([0-9a-f]{12}))(\..+)?$/;

/** Undefined when it is none of ours. */
export function parseTag(tag: string): Tag | undefined {
  const match = form.exec(tag);
  if (!match) return undefined;
  const [, release, name, year, month, day, hour, minute, second, digits, rest] = match;
  const at = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  if (Number.isNaN(Date.parse(at))) return undefined;
  return {
    tag,
    release: release!,
    ...(name !== none && { environment: name! }),
    at,
    digits: digits!,
    ofImage: rest !== undefined,
  };
}
