import type { ManifestSchema } from '../wire.ts';
import { arrayCodec } from './array.ts';
import { type Codec, tooDeepToRead, tooDeepToWrite, unlessTooDeep } from './codec.ts';
import { objectCodec } from './object.ts';
import { withRules } from './rules.ts';
import { literalCodec, scalarCodec } from './scalars.ts';
import { textCodec } from './text-types.ts';
import { unionCodec } from './union.ts';

export type Schemas = Record<string, ManifestSchema>;

const compiled = new WeakMap<Schemas, WeakMap<object, Codec>>();

/** The codec of a schema, compiled at its first use. */
export function codecFor(schema: ManifestSchema, schemas: Schemas): Codec {
  const known = compiled.get(schemas) ?? new WeakMap<object, Codec>();
  compiled.set(schemas, known);
  const codec = known.get(schema) ?? compile(schema, schemas);
  known.set(schema, codec);
  return codec;
}

/** Follows references to what they name. @throws Error when the manifest lacks it: a broken build */
export function resolve(schema: ManifestSchema, schemas: Schemas): ManifestSchema {
  let at = schema;
  while (typeof at.$ref === 'string') {
    const key = at.$ref.slice('#/schemas/'.length);
    const next = Object.hasOwn(schemas, key) ? schemas[key] : undefined;
    if (!next) throw new Error(`the manifest has no schema ${at.$ref}`);
    at = next;
  }
  return at;
}

function compile(schema: ManifestSchema, schemas: Schemas): Codec {
  const of = (inner: unknown): Codec => codecFor(inner as ManifestSchema, schemas);
  if (typeof schema.$ref === 'string') return reference(schema, schemas);
  if (Array.isArray(schema.anyOf)) {
    const branching = (schema.anyOf as ManifestSchema[]).filter(mayHoldOthers).length > 1;
    const targets = (schema.anyOf as ManifestSchema[]).map((member) => resolve(member, schemas));
    return unionCodec(schema.anyOf.map(of), branching, !branching && targets.every(isOfJson));
  }
  const base = withRules(typed(schema, of), schema);
  if ('const' in schema) return literalCodec(base, [schema.const]);
  if (Array.isArray(schema.enum)) return literalCodec(base, schema.enum);
  return base;
}

/** Whether values of a schema may have other values in them. */
function mayHoldOthers({ type, $ref, anyOf }: ManifestSchema): boolean {
  return type === 'object' || type === 'array' || $ref !== undefined || anyOf !== undefined;
}

/** Whether values of a schema are in code what they are in JSON, but for what they hold. */
function isOfJson(schema: ManifestSchema): boolean {
  return schema.type !== undefined && schema['x-type'] === undefined && schema.anyOf === undefined;
}

function typed(schema: ManifestSchema, of: (schema: unknown) => Codec): Codec {
  if (schema['x-type'] !== undefined) return textCodec(String(schema['x-type']));
  if (schema.type === 'object') return objectCodec(schema, of);
  if (schema.type === 'array') return arrayCodec(schema, of);
  return scalarCodec(schema);
}

/** Named types may refer to themselves, so what a reference names is looked up when a value comes, and values may go deeper than the stack. */
function reference(schema: ManifestSchema, schemas: Schemas): Codec {
  let target: Codec | undefined;
  const get = (): Codec => {
    target ??= codecFor(resolve(schema, schemas), schemas);
    return target;
  };
  return {
    decode(value, path) {
      try {
        return get().decode(value, path);
      } catch (error) {
        throw unlessTooDeep(error, tooDeepToRead);
      }
    },
    encode(value) {
      try {
        return get().encode(value);
      } catch (error) {
        throw unlessTooDeep(error, tooDeepToWrite);
      }
    },
    is: (value) => get().is(value),
    isDecoded: (value) => get().isDecoded(value),
    isEncoded: (value) => get().isEncoded(value),
  };
}
