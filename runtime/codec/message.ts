import type { ManifestMessage, ManifestSchema } from '../wire.ts';
import type { Codec } from './codec.ts';
import { codecFor, resolve, type Schemas } from './compile.ts';

export type Field = ManifestMessage['encodings'][number]['fields'][number];

/** A request or a response, ready to be coded. */
export interface MessageCodec {
  /** Of the whole message, wherever its fields travel. */
  codec: Codec;
  schemas: Schemas;
  /** The body may have properties that no field names. */
  open: boolean;
  /** The fields as they travel with a method. */
  fields(method: string): Field[];
  /** Those of them that are not in the body. */
  outsideBody(method: string): Field[];
  schemaOf(field: Field): ManifestSchema;
}

const compiled = new WeakMap<ManifestMessage, MessageCodec>();

/** The codec of a message, compiled at its first use. */
export function messageCodec(message: ManifestMessage, schemas: Schemas): MessageCodec {
  const known = compiled.get(message);
  if (known) return known;
  const codec = compile(message, schemas);
  compiled.set(message, codec);
  return codec;
}

function compile(message: ManifestMessage, schemas: Schemas): MessageCodec {
  const all = message.encodings.flatMap(({ fields }) => fields);
  const cookies = new Set(all.filter((field) => field.in === 'cookie').map(({ name }) => name));
  const schema = cookies.size > 0 ? withCookies(message.schema, cookies, schemas) : message.schema;
  const found = new Map(all.map(({ name }) => [name, propertySchema(schema, name, schemas)]));
  const byMethod = new Map(
    message.encodings.flatMap(({ methods, fields }) => methods.map((method) => [method, fields])),
  );
  const fallback = message.encodings[0]?.fields ?? [];
  const fieldsOf = (method: string) =>
    byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined) ?? fallback;
  const outside = new Map<Field[], Field[]>(
    [...byMethod.values(), fallback].map((fields) => [fields, fields.filter((field) => field.in !== 'body')]),
  );
  return {
    codec: codecFor(schema, schemas),
    schemas,
    open: members(message.schema, schemas).some(({ additionalProperties }) => Boolean(additionalProperties)),
    fields: fieldsOf,
    outsideBody: (method) => outside.get(fieldsOf(method))!,
    schemaOf: ({ name }) => found.get(name) ?? {},
  };
}

/** The schema of a property in any member of a union. */
function propertySchema(schema: ManifestSchema, name: string, schemas: Schemas): ManifestSchema {
  const found = members(schema, schemas).flatMap(({ properties }) => {
    const inner = (properties as Record<string, ManifestSchema> | undefined)?.[name];
    return inner ? [inner] : [];
  });
  return found.length > 1 ? { anyOf: found } : (found[0] ?? {});
}

/** The schema describes a cookie's value; the field in code is an object around it. */
function withCookies(schema: ManifestSchema, cookies: Set<string>, schemas: Schemas): ManifestSchema {
  const wrapped = members(schema, schemas).map((member) => ({
    ...member,
    properties: Object.fromEntries(
      Object.entries((member.properties ?? {}) as Record<string, ManifestSchema>).map(([name, inner]) => [
        name,
        cookies.has(name) ? cookieSchema(inner) : inner,
      ]),
    ),
  }));
  return wrapped.length === 1 && wrapped[0] ? wrapped[0] : { anyOf: wrapped };
}

function members(schema: ManifestSchema, schemas: Schemas): ManifestSchema[] {
  const target = resolve(schema, schemas);
  return Array.isArray(target.anyOf) ? target.anyOf.flatMap((member) => members(member, schemas)) : [target];
}

function cookieSchema(value: ManifestSchema): ManifestSchema {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }];
  return {
    type: 'object',
    required: ['value'],
    properties: {
      value,
      expires: { type: 'string', 'x-type': 'date' },
      sameSite: text,
      domain: text,
      path: text,
      maxAge: { type: 'number' },
      secure: flag,
      httpOnly: flag,
      partitioned: flag,
    },
  };
}
