import { CacheError } from './errors.ts';

/** How values of a keyspace are kept as text. */
export interface ValueCodec<V> {
  encode(value: V): string;
  decode(text: string): V;
}

export const text: ValueCodec<string> = { encode: (value) => value, decode: (value) => value };

export const float: ValueCodec<number> = { encode: encodeFloat, decode: Number };

/** What is written has no fraction. */
export const int: ValueCodec<number> = { encode: encodeInt, decode: Number };

/** Every object as JSON. */
export function json<V extends object>(): ValueCodec<V> {
  return { encode: (value) => JSON.stringify(value), decode: (value) => parse(value) as V };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CacheError(`what is kept is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return String(value);
}

function encodeInt(value: number): string {
  const whole = Math.floor(value);
  if (!Number.isSafeInteger(whole)) throw new RangeError(`not a whole number that can be kept exactly: ${value}`);
  return String(whole);
}
