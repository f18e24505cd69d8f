import type { ManifestSchema } from '../wire.ts';
import { type Codec, DecodeError, isObject, wrongType } from './codec.ts';

interface Property {
  name: string;
  codec: Codec;
  required: boolean;
}

/** Objects: declared properties, and with `additionalProperties` all others by one schema. */
export function objectCodec(schema: ManifestSchema, of: (schema: unknown) => Codec): Codec {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, unknown>).map(
    ([name, inner]): Property => ({ name, codec: of(inner), required: required.has(name) }),
  );
  const { additionalProperties } = schema;
  const others = additionalProperties ? of(additionalProperties === true ? {} : additionalProperties) : undefined;
  const declared = new Set(properties.map(({ name }) => name));
  const undeclared = (value: object): [string, unknown][] =>
    others ? Object.entries(value).filter(([key]) => !declared.has(key)) : [];

  return {
    decode(value, path) {
      if (!isObject(value)) throw wrongType(path, 'an object', value);
      const own = properties.flatMap((property) => decodeProperty(property, value, path));
      const more = undeclared(value).map(([key, inner]) => [key, others?.decode(inner, join(path, key))]);
      return Object.fromEntries([...own, ...more]);
    },
    encode(given) {
      const value = written(given);
      if (!isObject(value)) return value;
      const entries = [
        ...properties.map(({ name, codec }) => [name, value[name], codec] as const),
        ...undeclared(value).map(([key, inner]) => [key, inner, others as Codec] as const),
      ];
      return Object.fromEntries(
        entries
          .filter(([, inner]) => inner !== undefined)
          .map(([name, inner, codec]) => [name, inner === null ? null : codec.encode(inner)]),
      );
    },
    is(given) {
      const value = written(given);
      return (
        isObject(value) &&
        properties.every(({ name, codec, required }) =>
          value[name] === undefined ? !required : codec.is(value[name]),
        ) &&
        undeclared(value).every(([, inner]) => inner === undefined || others?.is(inner))
      );
    },
  };
}

/** What JSON writes of a value: what its `toJSON()` gives, if it has one. The schema is of that. */
function written(value: unknown): unknown {
  return isObject(value) && typeof value.toJSON === 'function' ? value.toJSON() : value;
}

/** An optional property may also be `null` on the wire, which many clients write for "not there". */
function decodeProperty(
  { name, codec, required }: Property,
  value: Record<string, unknown>,
  path: string,
): [string, unknown][] {
  const inner = Object.hasOwn(value, name) ? value[name] : undefined;
  const place = join(path, name);
  if (inner === undefined) {
    if (required) throw new DecodeError(place, `missing field ${place}`);
    return [];
  }
  if (inner === null && !required && !codec.is(null)) return [];
  return [[name, codec.decode(inner, place)]];
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
