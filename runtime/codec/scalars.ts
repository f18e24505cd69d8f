import type { ManifestSchema } from '../wire.ts';
import { at, type Codec, DecodeError, wrongType } from './codec.ts';

/** What JSON has of its own, and `{}` for anything. */
export function scalarCodec(schema: ManifestSchema): Codec {
  switch (schema.type) {
    case 'string':
      return check('a string', (value) => typeof value === 'string');
    case 'number':
      return check('a number', (value) => typeof value === 'number');
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
      if (allowed.has(value)) return decoded;
      const expected = literals.length === 1 ? names : `one of ${names}`;
      throw new DecodeError(path, `${at(path)}expected ${expected}`, true);
    },
    encode: base.encode,
    is: (value) => base.is(value) && allowed.has(base.encode(value)),
  };
}

const anything: Codec = { decode: (value) => value, encode: plain, is: (value) => value !== undefined };

const nothing: Codec = {
  decode(_value, path) {
    throw new DecodeError(path, `${at(path)}expected no value`);
  },
  encode: () => undefined,
  is: () => false,
};

function check(name: string, is: (value: unknown) => boolean): Codec {
  return {
    decode(value, path) {
      if (is(value)) return value;
      throw wrongType(path, name, value);
    },
    encode: plain,
    is,
  };
}

/** Numbers too large for JSON become text; everything else says itself how it is written. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
