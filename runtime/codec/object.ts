import type { ManifestSchema } from '../wire.ts';
import { type Codec, DecodeError, isObject, never, wrongType } from './codec.ts';

interface Property {
  name: string;
  codec: Codec;
  required: boolean;
  /** Every object has something by that name, which is none of its data: `constructor`. */
  inherited: boolean;
}

/** Objects: declared properties, and with `additionalProperties` all others by one schema. */
export function objectCodec(schema: ManifestSchema, of: (schema: unknown) => Codec): Codec {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, unknown>).map(
    ([name, inner]): Property => ({
      name,
      codec: of(inner),
      required: required.has(name),
      inherited: name in Object.prototype,
    }),
  );
  const { additionalProperties } = schema;
  const others = additionalProperties ? of(additionalProperties === true ? {} : additionalProperties) : undefined;
  const declared = new Map(properties.map(({ name, codec }) => [name, codec]));
  const undeclared = (value: object): [string, unknown][] =>
    others ? Object.entries(value).filter(([key]) => !declared.has(key)) : none;

  // Plain loops: this runs for each object of each request, and lists of entries would be most of its time.
  return {
    decode(value, path) {
      if (!isObject(value)) throw wrongType(path, 'an object', value);
      const decoded: Record<string, unknown> = {};
      for (const property of properties) decodeProperty(property, value, path, decoded);
      for (const [key, inner] of undeclared(value)) put(decoded, key, others?.decode(inner, join(path, key)));
      return inOrderOf(value, decoded);
    },
    encode(given) {
      const value = written(given);
      if (!isObject(value)) return value;
      const encoded: Record<string, unknown> = {};
      for (const property of properties) encodeProperty(encoded, property.name, read(value, property), property.codec);
      for (const [key, inner] of undeclared(value)) encodeProperty(encoded, key, inner, others as Codec);
      return inOrderOf(value, encoded);
    },
    is(given) {
      const value = written(given);
      return (
        isObject(value) &&
        properties.every((property) => {
          const inner = read(value, property);
          const absent = inner === undefined || (inner === null && !property.required);
          return absent ? !property.required : property.codec.is(inner);
        }) &&
        undeclared(value).every(([, inner]) => inner === undefined || others?.is(inner))
      );
    },
    isDecoded:
      others || properties.some(({ codec, inherited }) => inherited || codec.isDecoded === never) ? never : isDecoded,
    isEncoded:
      others || properties.some(({ codec, inherited }) => inherited || codec.isEncoded === never) ? never : isEncoded,
  };

  function isDecoded(value: unknown): boolean {
    if (!isObject(value)) return false;
    let known = 0;
    for (const { name, codec, required } of properties) {
      const inner = value[name];
      if (inner === undefined) {
        if (required) return false;
      } else if (codec.isDecoded(inner)) known++;
      else return false;
    }
    return known === countKeys(value);
  }

  function isEncoded(value: unknown): boolean {
    if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype || value.toJSON !== undefined)
      return false;
    let known = 0;
    for (const key in value) {
      const codec = declared.get(key);
      if (!codec) return false;
      const inner = value[key];
      if (inner === undefined) continue;
      if (inner !== null && !codec.isEncoded(inner)) return false;
      known++;
    }
    // What is declared and cannot be enumerated would not be written.
    for (const { name } of properties) if (value[name] !== undefined) known--;
    return known === 0;
  }
}

/** What JSON writes of a value: what its `toJSON()` gives, if it has one. The schema is of that. */
function written(value: unknown): unknown {
  return isObject(value) && typeof value.toJSON === 'function' ? value.toJSON() : value;
}

/** A property, also one that a class has a getter for. */
function read(value: Record<string, unknown>, { name, inherited }: Property): unknown {
  return inherited && !Object.hasOwn(value, name) ? undefined : value[name];
}

const none: [string, unknown][] = [];

/** The same properties as `given` has them, whether anything had to be copied or not; then what it has by getters of its class. */
function inOrderOf(given: object, made: Record<string, unknown>): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const key in given) if (Object.hasOwn(made, key)) put(ordered, key, made[key]);
  for (const key in made) if (!Object.hasOwn(ordered, key)) put(ordered, key, made[key]);
  return ordered;
}

/** Without a list of them. */
function countKeys(value: object): number {
  let count = 0;
  for (const _ in value) count++;
  return count;
}

/** An optional property may also be `null` on the wire, which many clients write for "not there". */
function decodeProperty(
  { name, codec, required }: Property,
  value: Record<string, unknown>,
  path: string,
  decoded: Record<string, unknown>,
): void {
  const inner = Object.hasOwn(value, name) ? value[name] : undefined;
  const place = join(path, name);
  if (inner === undefined) {
    if (required) throw new DecodeError(place, `missing field ${place}`);
    return;
  }
  if (inner === null && !required && !codec.is(null)) return;
  put(decoded, name, codec.decode(inner, place));
}

function encodeProperty(encoded: Record<string, unknown>, name: string, value: unknown, codec: Codec): void {
  if (value !== undefined) put(encoded, name, value === null ? null : codec.encode(value));
}

/** A property like any other, also by the name of the one that would change the prototype. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
