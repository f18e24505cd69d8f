import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonSchema } from '../../../analyzer/graph.ts';
import { Decimal } from '../../../runtime/types/mod.ts';
import type { Drawn } from './codec-cases.ts';

const ajv = new Ajv2020({ strict: false, validateSchema: false, ownProperties: true, strictNumbers: true });
addFormats.default(ajv, ['email', 'uri', 'date-time']);

/** Limits of text count bytes. */
for (const [keyword, fits] of Object.entries({
  'x-minBytes': (limit: number, text: string) => new TextEncoder().encode(text).length >= limit,
  'x-maxBytes': (limit: number, text: string) => new TextEncoder().encode(text).length <= limit,
})) {
  ajv.addKeyword({ keyword, type: 'string', validate: fits });
}

const isRfc3339 = ajv.compile({ type: 'string', format: 'date-time' });

/** What JSON carries as text: numbers as they are, too. */
const forms: Record<string, (value: unknown) => boolean> = {
  // A space in the place of the T is what RFC 3339 leaves to applications, and the length holds ajv's format to whole lines.
  date: (value) => isRfc3339(value) && /^\S+$/.test(value as string),
  bigint: (value) => isWhole(value) && /^-?[0-9]+$/.test(String(value)),
  decimal: (value) => isWritten(value) && /^[+-]?(?=\.?\d)\d*\.?\d*(?:[eE][+-]?\d{1,3})?$/.test(String(value)),
  bytes: (value) => typeof value === 'string' && isBase64(value),
};
ajv.addKeyword({ keyword: 'x-form', validate: (form: string, value: unknown) => forms[form]!(value) });

/** Anything, but for numbers that JSON can say and nobody can write again. */
const anything = { 'x-finite': true };
ajv.addKeyword({ keyword: 'x-finite', validate: (_: true, value: unknown) => hasNoInfinity(value) });

function hasNoInfinity(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasNoInfinity);
}

function isWritten(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function isWhole(value: unknown): boolean {
  return typeof value === 'string' || Number.isInteger(value);
}

/** RFC 4648, 4, whose padding may be left out. */
function isBase64(text: string): boolean {
  const digits = text.replace(/=+$/, '');
  const padding = text.length - digits.length;
  const wanted = (4 - (digits.length % 4)) % 4;
  return /^[A-Za-z0-9+/]*$/.test(digits) && wanted < 3 && (padding === 0 || padding === wanted);
}

/** What a reference says of JSON by a schema. */
export interface Judge {
  accepts(value: unknown): boolean;
  /** What has to come of JSON that is accepted. */
  decode(value: unknown): unknown;
}

export function judgeOf({ schema, schemas }: Drawn): Judge & { [Symbol.dispose](): void } {
  const ids = Object.keys(schemas).map(idOf);
  for (const [name, inner] of Object.entries(schemas)) ajv.addSchema({ $id: idOf(name), ...translate(inner) });
  const validators = new Map<unknown, ValidateFunction>();
  const accepts = (inner: JsonSchema, value: unknown): boolean => {
    let validator = validators.get(inner);
    if (!validator) {
      const translated = translate(inner);
      validator = ajv.compile(translated);
      ajv.removeSchema(translated);
      validators.set(inner, validator);
    }
    return validator(value) as boolean;
  };
  return {
    accepts: (value) => accepts(schema, value),
    decode: (value) => decode(schema, value, schemas, accepts),
    [Symbol.dispose]: () => void ids.map((id) => ajv.removeSchema(id)),
  };
}

function idOf(name: string): string {
  return `urn:schemas:${name}`;
}

/** In the standard's own words, where the Graph has its own. */
function translate(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return anything as JsonSchema;
  const { $ref, anyOf, allOf, properties, additionalProperties, items, prefixItems, minLength, maxLength, ...rest } =
    schema;
  const form = rest['x-type'];
  const of = (inner: JsonSchema | boolean): JsonSchema | boolean =>
    typeof inner === 'boolean' ? inner && (anything as JsonSchema) : translate(inner);
  // An optional property may be null, for "not there".
  const property = (name: string, inner: JsonSchema): JsonSchema =>
    schema.required?.includes(name) ? translate(inner) : { anyOf: [translate(inner), { type: 'null' }] };
  const { type, const: literal, enum: literals, ...others } = rest;
  return {
    ...others,
    ...($ref !== undefined && { $ref: idOf($ref.slice('#/schemas/'.length)) }),
    ...(anyOf && { anyOf: anyOf.map(translate) }),
    ...(Array.isArray(allOf) && { allOf: allOf.map(translate) }),
    ...(form === undefined ? type !== undefined && { type } : { 'x-form': form }),
    ...(literals !== undefined && { enum: literals }),
    // A big integer is the same as text and as a number.
    ...('const' in rest && (form ? { enum: [literal, `0${literal}`, Number(literal)] } : { const: literal })),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, property(name, inner)])),
    }),
    ...(additionalProperties !== undefined && { additionalProperties: of(additionalProperties) }),
    ...(items !== undefined && { items: of(items) }),
    ...(prefixItems && { prefixItems: prefixItems.map(translate) }),
    ...(minLength !== undefined && { 'x-minBytes': minLength }),
    ...(maxLength !== undefined && { 'x-maxBytes': maxLength }),
  };
}

/** Of JSON that the schema accepts. Everything is decided by asking the validator. */
function decode(
  schema: JsonSchema,
  value: unknown,
  schemas: Drawn['schemas'],
  accepts: (schema: JsonSchema, value: unknown) => boolean,
): unknown {
  const of = (inner: JsonSchema, part: unknown): unknown => decode(inner, part, schemas, accepts);
  if (schema.$ref) return of(schemas[schema.$ref.slice('#/schemas/'.length)]!, value);
  if (schema.anyOf) {
    const found = schema.anyOf.filter((member) => accepts(member, value)).map((member) => of(member, value));
    return found.every((one) => isPlain(one))
      ? Object.fromEntries(found.flatMap((one) => Object.entries(one)))
      : found[0];
  }
  if (schema['x-type']) return readers[schema['x-type']](value as string | number);
  if (schema.type === 'array') {
    const { prefixItems = [], items } = schema;
    return (value as unknown[]).map((item, at) =>
      of(prefixItems[at] ?? (typeof items === 'object' ? items : {}), item),
    );
  }
  if (schema.type !== 'object') return value;
  const { properties = {}, additionalProperties, required = [] } = schema;
  const entries = Object.entries(value as object).flatMap(([name, inner]): [string, unknown][] => {
    if (Object.hasOwn(properties, name)) {
      const about = properties[name]!;
      const absent = inner === null && !required.includes(name) && !accepts(about, null);
      return absent ? [] : [[name, of(about, inner)]];
    }
    if (!additionalProperties) return [];
    return [[name, additionalProperties === true ? inner : of(additionalProperties, inner)]];
  });
  return Object.fromEntries(entries);
}

const readers = {
  date: (value: string | number) => new Date(value),
  bigint: (value: string | number) => BigInt(value),
  decimal: (value: string | number) => new Decimal(String(value)),
  bytes: (value: string | number) => Buffer.from(String(value), 'base64'),
};

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A decoded value as JSON that tells all types apart; keys in order. */
export function describe(value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'number') return { number: String(value) };
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Decimal) return { decimal: String(value) };
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { object: entries.map(([name, inner]) => [name, describe(inner)]), plain: isPlain(value) };
}
