import type { ManifestMessage, ManifestSchema } from '../wire.ts';
import type { Codec } from './codec.ts';
import { codecFor, resolve, type Schemas } from './compile.ts';
import { type TextParser, textParser } from './text.ts';

/** A field, and where it travels. */
export type Field = ManifestMessage['encodings'][number]['fields'][number] &
  TextParser & {
    /** Whether a message may be without it. */
    optional: boolean;
  };

/** The fields of a message as they travel with a method. */
export interface Encoding {
  fields: readonly Field[];
  outsideBody: readonly Field[];
  /** Whether anything of the message may be in the body. */
  body: boolean;
}

/** A request or a response, ready to be coded. */
export interface MessageCodec {
  /** Of the whole message, wherever its fields travel. */
  codec: Codec;
  /** How a method has it travel. */
  encoding(method: string): Encoding;
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
  // The body may have properties that no field names.
  const open = members(message.schema, schemas).some(({ additionalProperties }) => Boolean(additionalProperties));
  const encodings = message.encodings.map(({ methods, fields: wired }) => {
    const fields = wired.map((field): Field => {
      const inner = propertySchema(schema, field.name, schemas);
      const parser = textParser(field.in === 'cookie' ? cookieValue(inner) : inner, schemas);
      return { ...field, ...parser, optional: isOptional(schema, field.name, schemas) };
    });
    const outsideBody = fields.filter((field) => field.in !== 'body');
    return { methods, encoding: { fields, outsideBody, body: open || outsideBody.length < fields.length } };
  });
  const byMethod = new Map(encodings.flatMap(({ methods, encoding }) => methods.map((method) => [method, encoding])));
  const fallback = encodings[0]?.encoding ?? { fields: [], outsideBody: [], body: open };
  return {
    codec: codecFor(schema, schemas),
    encoding: (method) => byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined) ?? fallback,
  };
}

/** Of a cookie, which in code is an object around its value. */
function cookieValue(cookie: ManifestSchema): ManifestSchema {
  return (cookie.properties as Record<string, ManifestSchema> | undefined)?.value ?? {};
}

/** The schema of a property in any member of a union. */
function propertySchema(schema: ManifestSchema, name: string, schemas: Schemas): ManifestSchema {
  const found = members(schema, schemas).flatMap(({ properties }) => {
    const inner = (properties as Record<string, ManifestSchema> | undefined)?.[name];
    return inner ? [inner] : [];
  });
  return found.length > 1 ? { anyOf: found } : (found[0] ?? {});
}

/** Whether any member of a union that has a property may be without it. */
function isOptional(schema: ManifestSchema, name: string, schemas: Schemas): boolean {
  return members(schema, schemas).some(
    ({ properties, required }) =>
      Object.hasOwn(properties ?? {}, name) && !(required as string[] | undefined)?.includes(name),
  );
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
