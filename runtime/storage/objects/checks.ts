import { InvalidArgument } from './errors.ts';
import type { SignedUrlOptions } from './options.ts';

/** Bytes; the least that any backend allows. */
const longestName = 1024;

/** Seconds. */
const [defaultTtl, longestTtl] = [3600, 7 * 24 * 3600];

/** @throws InvalidArgument when no object can have this name */
export function checkName(name: string): string {
  if (typeof name !== 'string' || name === '') throw new InvalidArgument('the name of an object is not empty');
  if (Buffer.byteLength(name) > longestName)
    throw new InvalidArgument(`the name of an object is not longer than ${longestName} bytes`);
  return name;
}

/** Seconds. @throws InvalidArgument */
export function ttlOf({ ttl = defaultTtl }: SignedUrlOptions): number {
  if (!(ttl >= 1 && ttl <= longestTtl)) throw new InvalidArgument(`\`ttl\` is from 1 to ${longestTtl} seconds: ${ttl}`);
  return Math.floor(ttl);
}

/** The object is served with it: what no header can hold is said at once, not to who asks for it. @throws InvalidArgument */
export function checkContentType(contentType: string | undefined): void {
  if (contentType !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(contentType))
    throw new InvalidArgument(
      `\`contentType\` has a character that no header can have: ${JSON.stringify(contentType)}`,
    );
}

/** @throws InvalidArgument */
export function checkMaxSize(maxSize: number | undefined): void {
  if (maxSize !== undefined && !(maxSize >= 0))
    throw new InvalidArgument(`\`maxSize\` is a number of bytes, not negative: ${maxSize}`);
}

/** @throws InvalidArgument */
export function checkLimit(limit: number | undefined): void {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new InvalidArgument(`\`limit\` is a whole number, not negative: ${limit}`);
}
