import type { ManifestSchema } from '../wire.ts';
import { codecFor, resolve, type Schemas } from './compile.ts';

/** The text is not of any type that its place allows. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

/** Texts of a path, query string, header or cookie as the JSON that a schema describes. */
export interface TextParser {
  /** @throws TextError such as `not a valid number` */
  one(text: string): unknown;
  /** Of several texts under one key; undefined where the schema is no list, and the first one counts. @throws TextError */
  list: ((texts: string[]) => unknown[]) | undefined;
}

export function textParser(schema: ManifestSchema, schemas: Schemas): TextParser {
  const list = arraySchema(schema, schemas);
  const item = list && parserOf((list.items ?? {}) as ManifestSchema, schemas);
  return { one: parserOf(schema, schemas), list: item && ((texts) => texts.map((text) => item(text))) };
}

type Parse = (text: string) => unknown;

function parserOf(schema: ManifestSchema, schemas: Schemas): Parse {
  const target = resolve(schema, schemas);
  if (Array.isArray(target.anyOf)) return firstFitting(target.anyOf, schemas);
  if (target.type === 'number' || target.type === 'integer') return parseNumber;
  if (target.type === 'boolean') return parseBoolean;
  return (text) => text;
}

/** `Number` alone would also take `0x10`, ` 1` and nothing at all. */
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

function parseNumber(text: string): number {
  const number = Number(text);
  if (!jsonNumber.test(text) || !Number.isFinite(number)) throw new TextError('not a valid number');
  return number;
}

function parseBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new TextError('not a valid boolean');
  return text === 'true';
}

function arraySchema(schema: ManifestSchema, schemas: Schemas): ManifestSchema | undefined {
  const target = resolve(schema, schemas);
  const members = Array.isArray(target.anyOf) ? (target.anyOf as ManifestSchema[]) : [target];
  return members.map((member) => resolve(member, schemas)).find(({ type }) => type === 'array');
}

/** What is narrower than text comes first, so that `5` is a number where both are allowed. */
function firstFitting(members: ManifestSchema[], schemas: Schemas): Parse {
  const isText = (schema: ManifestSchema) => resolve(schema, schemas).type === 'string';
  const ordered = [...members.filter((member) => !isText(member)), ...members.filter(isText)].map((member) => ({
    parse: parserOf(member, schemas),
    codec: codecFor(member, schemas),
  }));
  return (text) => {
    let failure = new TextError('not a valid value');
    for (const { parse, codec } of ordered) {
      try {
        const value = parse(text);
        codec.decode(value, '');
        return value;
      } catch (error) {
        if (error instanceof TextError) failure = error;
      }
    }
    throw ordered.length === 1 ? failure : new TextError('not a valid value');
  };
}
