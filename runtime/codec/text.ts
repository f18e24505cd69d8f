import type { ManifestSchema } from '../wire.ts';
import { codecFor, resolve, type Schemas } from './compile.ts';

/** The text is not of any type that its place allows. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

/** `Number` alone would also take `0x10`, ` 1` and nothing at all. */
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * Text of a path, query string, header or cookie as the JSON that its schema describes.
 * @throws TextError such as `not a valid number`
 */
export function fromText(text: string, schema: ManifestSchema, schemas: Schemas): unknown {
  const target = resolve(schema, schemas);
  if (Array.isArray(target.anyOf)) return firstFitting(text, target.anyOf, schemas);
  switch (target.type) {
    case 'number':
    case 'integer': {
      const number = Number(text);
      if (!jsonNumber.test(text) || !Number.isFinite(number)) throw new TextError('not a valid number');
      return number;
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new TextError('not a valid boolean');
      return text === 'true';
    default:
      return text;
  }
}

/** Several texts under one key: a list where the schema is one, else the first. */
export function fromTexts(texts: string[], schema: ManifestSchema, schemas: Schemas): unknown {
  const list = arraySchema(schema, schemas);
  if (list) return texts.map((text) => fromText(text, (list.items ?? {}) as ManifestSchema, schemas));
  return texts[0] === undefined ? undefined : fromText(texts[0], schema, schemas);
}

export function arraySchema(schema: ManifestSchema, schemas: Schemas): ManifestSchema | undefined {
  const target = resolve(schema, schemas);
  const members = Array.isArray(target.anyOf) ? (target.anyOf as ManifestSchema[]) : [target];
  return members.map((member) => resolve(member, schemas)).find(({ type }) => type === 'array');
}

/** What is narrower than text comes first, so that `5` is a number where both are allowed. */
function firstFitting(text: string, members: ManifestSchema[], schemas: Schemas): unknown {
  const isText = (schema: ManifestSchema) => resolve(schema, schemas).type === 'string';
  const ordered = [...members.filter((member) => !isText(member)), ...members.filter(isText)];
  let failure = new TextError('not a valid value');
  for (const member of ordered) {
    try {
      const value = fromText(text, member, schemas);
      codecFor(member, schemas).decode(value, '');
      return value;
    } catch (error) {
      if (error instanceof TextError) failure = error;
    }
  }
  throw ordered.length === 1 ? failure : new TextError('not a valid value');
}
