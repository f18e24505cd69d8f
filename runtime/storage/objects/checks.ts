import { InvalidArgument } from './errors.ts';
import type { ByteSource, SignedUrlOptions } from './options.ts';

/** Bytes; the least that any backend allows. */
const longestName = 1024;

/** Seconds. */
const [defaultTtl, longestTtl] = [3600, 7 * 24 * 3600];

/** @throws InvalidArgument when no object can have this name */
export function checkName(name: string): string {
  if (typeof name !== 'string' || name === '') throw new InvalidArgument('the name of an object is not empty');
  if (Buffer.byteLength(name) > longestName)
    throw new InvalidArgument(`the name of an object is not longer than ${longestName} bytes`);
  // Another name would be in its place.
  if (!name.isWellFormed())
    throw new InvalidArgument(`the name of an object is no Unicode text: ${JSON.stringify(name)}`);
  return name;
}

/** Something else in their place would be passed over in silence, such as the version of an object to remove. @throws InvalidArgument */
export function checkOptions<T extends object>(options: T): T {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options;
  throw new InvalidArgument(`options are an object, not ${describe(options)}`);
}

/** @throws InvalidArgument */
export function checkVersion(version: string): string {
  if (typeof version === 'string') return version;
  throw new InvalidArgument(`\`version\` is text, not ${describe(version)}`);
}

/** @throws InvalidArgument */
export function checkPrefix(prefix: string): string {
  if (typeof prefix === 'string') return prefix;
  throw new InvalidArgument(`\`prefix\` is text, not ${describe(prefix)}`);
}

/** @throws InvalidArgument */
export function checkData(data: Uint8Array): void {
  if (!(data instanceof Uint8Array))
    throw new InvalidArgument(`what is uploaded is bytes, as in a Buffer, not ${describe(data)}`);
}

/** @throws InvalidArgument */
export function checkSource(source: ByteSource): void {
  const iterable =
    typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!iterable)
    throw new InvalidArgument(
      `what is uploaded as a stream is what \`for await\` reads bytes from, not ${describe(source)}`,
    );
}

/** @throws InvalidArgument */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof (signal as AbortSignal | null)?.throwIfAborted === 'function') return;
  throw new InvalidArgument(`\`signal\` is an AbortSignal, not ${describe(signal)}`);
}

/** In a few words: what was given may be large, or have no text. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** Seconds. @throws InvalidArgument */
export function ttlOf({ ttl = defaultTtl }: SignedUrlOptions): number {
  if (!(typeof ttl === 'number' && ttl >= 1 && ttl <= longestTtl))
    throw new InvalidArgument(`\`ttl\` is from 1 to ${longestTtl} seconds: ${String(ttl)}`);
  return Math.floor(ttl);
}

/** The object is served with it: what no header can hold is said at once, not to who asks for it. @throws InvalidArgument */
export function checkContentType(contentType: string | undefined): void {
  if (contentType !== undefined && typeof contentType !== 'string')
    throw new InvalidArgument(`\`contentType\` is text, not ${describe(contentType)}`);
  if (contentType !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(contentType))
    throw new InvalidArgument(
      `\`contentType\` has a character that no header can have: ${JSON.stringify(contentType)}`,
    );
}

/** @throws InvalidArgument */
export function checkMaxSize(maxSize: number | undefined): void {
  if (maxSize !== undefined && !(typeof maxSize === 'number' && maxSize >= 0))
    throw new InvalidArgument(`\`maxSize\` is a number of bytes, not negative: ${String(maxSize)}`);
}

/** @throws InvalidArgument */
export function checkLimit(limit: number | undefined): void {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new InvalidArgument(`\`limit\` is a whole number, not negative: ${String(limit)}`);
}
