import type { ManifestSchema } from '../wire.ts';
import {
  at,
  type Codec,
  DecodeError,
  never,
  tooDeepToRead,
  tooDeepToWrite,
  unlessTooDeep,
  wrongType,
} from './codec.ts';

/** What JSON has of its own, and `{}` for anything. */
export function scalarCodec(schema: ManifestSchema): Codec {
  switch (schema.type) {
    case 'string':
      return check('a string', (value) => typeof value === 'string');
    case 'number':
      // JSON's numbers end nowhere: one that is too large is read as infinite, and would be written as null.
      return {
        ...check('a number', Number.isFinite),
        is: (value) => typeof value === 'number',
        isDecoded: Number.isFinite,
      };
    case 'integer':
      return check('a whole number', Number.isInteger);
    case 'boolean':
      return check('a boolean', (value) => typeof value === 'boolean');
    case 'null':
      return check('null', (value) => value === null);
    default:
      return schema.not ? nothing : anything;
  }
}

/** Narrows a codec to some values, given as JSON. */
export function literalCodec(base: Codec, literals: readonly unknown[]): Codec {
  const allowed = new Set(literals);
  const names = literals.map((literal) => JSON.stringify(literal)).join(', ');
  return {
    decode(value, path) {
      const decoded = base.decode(value, path);
      // A big integer may be written as a number, too.
      if (allowed.has(value) || allowed.has(base.encode(decoded))) return decoded;
      const expected = literals.length === 1 ? names : `one of ${names}`;
      throw new DecodeError(path, `${at(path)}expected ${expected}`, true);
    },
    encode: base.encode,
    is: (value) => base.is(value) && allowed.has(base.encode(value)),
    isDecoded: base.isDecoded === never ? never : (value) => base.isDecoded(value) && allowed.has(value),
    isEncoded: base.isEncoded,
  };
}

/** What is nested deeper could be read and not be written again. */
const deepest = 500;

const anything: Codec = {
  decode(value, path) {
    admit(value, path, deepest);
    return value;
  },
  encode(value) {
    try {
      return plain(value);
    } catch (error) {
      throw unlessTooDeep(error, tooDeepToWrite);
    }
  },
  is: (value) => value !== undefined,
  isDecoded: never,
  isEncoded: isScalar,
};

/** Refuses what is JSON and could not be written again: what is nested too deeply, and numbers without end. */
function admit(value: unknown, path: string, depth: number): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw wrongType(path, 'a number', value);
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw tooDeepToRead();
  for (const inner of Array.isArray(value) ? value : Object.values(value)) admit(inner, path, depth - 1);
}

const nothing: Codec = {
  decode(_value, path) {
    throw new DecodeError(path, `${at(path)}expected no value`);
  },
  encode: () => undefined,
  is: () => false,
  isDecoded: never,
  isEncoded: never,
};

function check(name: string, is: (value: unknown) => boolean): Codec {
  return {
    decode(value, path) {
      if (is(value)) return value;
      throw wrongType(path, name, value);
    },
    encode: plain,
    is,
    isDecoded: is,
    isEncoded: isScalar,
  };
}

/** What JSON writes alike wherever it is. */
function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null;
}

/** Numbers too large for JSON become text; everything else says itself how it is written. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
