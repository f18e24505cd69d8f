import type { ManifestSchema } from '../wire.ts';
import { at, type Codec, DecodeError, never, wrongType } from './codec.ts';

/** Arrays and tuples: `prefixItems` come first, `items` describes the rest, `false` allows none. */
export function arrayCodec(schema: ManifestSchema, of: (schema: unknown) => Codec): Codec {
  const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems.map(of) : [];
  const closed = schema.items === false;
  const rest = of(schema.items && schema.items !== true ? schema.items : {});
  // Of a list, as opposed to a tuple, it is a rule.
  const minimum = schema.prefixItems && typeof schema.minItems === 'number' ? schema.minItems : 0;
  const codecAt = (index: number): Codec => fixed[index] ?? rest;
  const fits = (length: number): boolean => length >= minimum && !(closed && length > fixed.length);
  const amount = !closed
    ? `at least ${counted(minimum)}`
    : minimum === fixed.length
      ? counted(minimum)
      : `${minimum} to ${counted(fixed.length)}`;
  const all = (kind: 'isDecoded' | 'isEncoded') => {
    if ([...fixed, rest].some((codec) => codec[kind] === never)) return never;
    return (value: unknown): boolean => {
      if (!Array.isArray(value) || !fits(value.length) || 'toJSON' in value) return false;
      for (let index = 0; index < value.length; index++) if (!codecAt(index)[kind](value[index])) return false;
      return true;
    };
  };
  return {
    decode(value, path) {
      if (!Array.isArray(value)) throw wrongType(path, 'an array', value);
      if (!fits(value.length)) {
        throw new DecodeError(path, `${at(path)}expected ${amount}, got ${value.length}`);
      }
      return value.map((item, index) => codecAt(index).decode(item, `${path}[${index}]`));
    },
    encode: (value) => (Array.isArray(value) ? value.map((item, index) => codecAt(index).encode(item)) : value),
    is: (value) => Array.isArray(value) && fits(value.length) && value.every((item, index) => codecAt(index).is(item)),
    isDecoded: all('isDecoded'),
    isEncoded: all('isEncoded'),
  };
}

function counted(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
