import { CacheError } from './errors.ts';

/** How values of a keyspace are kept as text. */
export interface ValueCodec<V> {
  encode(value: V): string;
  decode(text: string): V;
}

export const text: ValueCodec<string> = { encode: encodeText, decode: (value) => value };

export const float: ValueCodec<number> = { encode: encodeFloat, decode: Number };

/** What is written has no fraction. */
export const int: ValueCodec<number> = { encode: encodeInt, decode: Number };

/** Every object as JSON. */
export function json<V extends object>(): ValueCodec<V> {
  return { encode: encodeJson, decode: (value) => parse(value) as V };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CacheError(`what is kept is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function encodeText(value: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`not text: ${String(value)}`);
}

function encodeJson(value: object): string {
  const json = typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined;
  // A method `toJSON` may give nothing.
  if (json === undefined) throw new TypeError(`not an object: ${String(value)}`);
  return json;
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${String(value)}`);
  return String(value);
}

function encodeInt(value: number): string {
  const whole = typeof value === 'number' ? Math.floor(value) : Number.NaN;
  if (!Number.isSafeInteger(whole))
    throw new RangeError(`not a whole number that can be kept exactly: ${String(value)}`);
  return String(whole);
}
