import type { JsonSchema } from '../../../analyzer/graph.ts';

/** A number from 0 to below `count`. */
export type Draw = (count: number) => number;

export interface Drawn {
  schema: JsonSchema;
  /** What `$ref` names; all of them objects. */
  schemas: Record<string, JsonSchema>;
}

/** Draws from numbers that were drawn before, so that a failure shrinks with them; once they are used up, always the first. */
export function drawFrom(numbers: readonly number[]): Draw {
  let at = 0;
  return (count) => (numbers[at++] ?? 0) % count;
}

const names = ['a', 'b', 'kind', 'constructor', 'toString', 'hasOwnProperty', 'ä b', '0', 'length'];
const references = ['Node', 'Leaf'];

const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!;
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** A schema as the analyzer makes them, and those that it refers to. */
export function drawSchemas(draw: Draw): Drawn {
  const schemas = Object.fromEntries(references.map((name) => [name, object(draw, 1)]));
  return { schema: any(draw, 2), schemas };
}

function any(draw: Draw, depth: number): JsonSchema {
  const kinds = depth > 0 ? [scalar, scalar, object, object, array, tuple, union, nullable, reference] : [scalar];
  return pick(draw, kinds)(draw, depth);
}

const scalars: ((draw: Draw) => JsonSchema)[] = [
  () => ({ type: 'string' }),
  () => ({ type: 'number' }),
  () => ({ type: 'boolean' }),
  () => ({ type: 'null' }),
  () => ({}),
  () => ({ type: 'integer' }),
  (draw) => ({ type: 'string', 'x-type': pick(draw, ['date', 'bigint', 'decimal', 'bytes'] as const) }),
  (draw) => ({ type: 'string', const: pick(draw, ['x', 'circle', '']) }),
  (draw) => ({ type: 'number', const: pick(draw, [0, 1, -2.5]) }),
  (draw) => ({ type: 'boolean', const: draw(2) === 1 }),
  () => ({ type: 'string', 'x-type': 'bigint', const: '5' }),
  () => ({ type: 'string', enum: ['circle', 'square', '5'] }),
  () => ({ type: 'number', enum: [1, 2, 5] }),
  (draw) => ({ type: 'string', minLength: draw(4), ...(draw(2) && { maxLength: 2 + draw(4) }) }),
  (draw) => ({ type: 'string', pattern: pick(draw, ['^a+$', 'é', '^\\p{L}*$', '^\\d{1,3}$']) }),
  (draw) => ({ type: 'string', format: pick(draw, ['email', 'uri']) }),
  (draw) => ({
    type: 'string',
    pattern: '^a',
    'x-startsWith': 'a',
    allOf: [{ maxLength: draw(4) }, { pattern: 'b$' }],
  }),
  (draw) => ({ type: 'number', minimum: draw(3), ...(draw(2) && { maximum: 2 + draw(4) }), allOf: [{ minimum: 1 }] }),
  () => ({ type: 'string', enum: ['circle', 'x'], minLength: 3 }),
];

function scalar(draw: Draw): JsonSchema {
  return pick(draw, scalars)(draw);
}

function object(draw: Draw, depth: number): JsonSchema {
  const own = names.filter(() => draw(5) === 0);
  const properties = own.map((name) => [name, any(draw, depth - 1)] as const);
  const required = own.filter(() => draw(2) === 1);
  const others = draw(4) === 0 ? (draw(2) ? any(draw, depth - 1) : true) : undefined;
  return {
    type: 'object',
    ...(own.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
    ...(others !== undefined && { additionalProperties: others }),
  };
}

function array(draw: Draw, depth: number): JsonSchema {
  const limits = { ...(draw(4) === 0 && { minItems: draw(3) }), ...(draw(4) === 0 && { maxItems: draw(4) }) };
  return { type: 'array', items: any(draw, depth - 1), ...limits };
}

function tuple(draw: Draw, depth: number): JsonSchema {
  const prefixItems = times(draw(4), () => any(draw, depth - 1));
  const minItems = draw(prefixItems.length + 1);
  const limit = draw(4) === 0 ? { maxItems: draw(4) } : {};
  const items = draw(2) ? false : any(draw, depth - 1);
  return { type: 'array', ...(prefixItems.length > 0 && { prefixItems }), items, minItems, ...limit };
}

function union(draw: Draw, depth: number): JsonSchema {
  return { anyOf: times(2 + draw(2), () => member(draw, depth)) };
}

/** Often objects: they are what members of a union have to be told apart by more than their type. */
function member(draw: Draw, depth: number): JsonSchema {
  return draw(2) ? object(draw, depth - 1) : any(draw, depth - 1);
}

function nullable(draw: Draw, depth: number): JsonSchema {
  const { anyOf, ...rest } = any(draw, depth - 1);
  return { anyOf: [...(anyOf ?? [rest]), { type: 'null' }] };
}

function reference(draw: Draw): JsonSchema {
  return { $ref: `#/schemas/${pick(draw, references)}` };
}

const texts = ['', 'x', 'circle', 'square', 'aaa', 'aab', 'ab', 'éé', '漢字', '😀', '5', '12', '-1', 'a-b', '1234'];
const mails = ['someone@example.com', 'someone@', 'some one@example.com'];
const links = ['https://example.com/a?b=c', 'no link', ''];
const numbers = [0, -0, 1, 2, 3, 5, -2.5, 1.5, 2 ** 53 + 2, 1e21, 1e-9, -7];
const dates = [
  ...['2026-01-31T12:00:00.5+02:00', '2026-02-28T23:59:59Z', '2024-02-29t00:00:00z', '0001-01-01T00:00:00Z'],
  ...['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-01'],
  ...['2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-01-01T00:00:00', '2026-01-01T00:00:00+24:00', '1'],
  ...['2026-01-01T00:00:00.123456789Z', '2026-04-31T00:00:00Z', ' 2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z\n'],
  ...['2026-01-01T00:00:00+23:59', '2026-01-01T00:00:00-00:60', '1900-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
];
const wholes = ['0', '-5', '5', '05', '12345678901234567890', '+5', '1.5', '', ' 5', '0x10', '5n', 5, 1.5, 1e21, -0];
const decimals = ['0.10', '-1', '.5', '5.', '1e3', '1e-3', '1e1000', 'NaN', '', '.', '1,5', '+2', 1.5, 1e21, -0];
const base64 = ['', 'aGk=', 'aGk', 'aGkh', 'a', 'aGk=aGk=', '====', 'aG k', 'a-_b', 'Zh=='];
const formed: Record<string, readonly unknown[]> = { date: dates, bigint: wholes, decimal: decimals, bytes: base64 };
const whatever: readonly unknown[] = [null, true, false, ...texts, ...numbers, [], {}, [1, [null]], { a: { b: 1 } }];

/** JSON that is mostly of a schema: a value that cannot be right within `depth` is anything. */
export function drawValue(draw: Draw, schema: JsonSchema, schemas: Drawn['schemas'], depth = 5): unknown {
  const of = (inner: unknown): unknown => drawValue(draw, inner as JsonSchema, schemas, depth - 1);
  if (depth === 0) return pick(draw, whatever);
  if (schema.$ref) return of(schemas[schema.$ref.slice('#/schemas/'.length)]);
  if (schema.anyOf) return draw(5) ? of(pick(draw, schema.anyOf)) : overlay(schema.anyOf.map(of));
  if ('const' in schema) return draw(6) ? schema.const : Number(schema.const) || 0;
  if (schema.enum) return pick(draw, schema.enum as unknown[]);
  if (schema['x-type']) return pick(draw, formed[schema['x-type']]!);
  switch (schema.type) {
    case 'object':
      return objectValue(draw, schema, of);
    case 'array':
      return arrayValue(draw, schema, of);
    case 'string':
      return pick(draw, schema.format === 'email' ? mails : schema.format === 'uri' ? links : texts);
    case 'number':
    case 'integer':
      return pick(draw, numbers);
    case 'boolean':
      return draw(2) === 1;
    case 'null':
      return null;
    default:
      return pick(draw, whatever);
  }
}

/** What fits several members of a union at once. */
function overlay(values: unknown[]): unknown {
  const objects = values.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
  return objects.length > 1 ? Object.assign({}, ...objects) : values[0];
}

function objectValue(draw: Draw, schema: JsonSchema, of: (schema: unknown) => unknown): unknown {
  const entries = Object.entries(schema.properties ?? {})
    .filter(([name]) => schema.required?.includes(name) || draw(3) > 0)
    .map(([name, inner]) => [name, draw(12) ? of(inner) : null]);
  const more = schema.additionalProperties === undefined ? draw(8) === 0 : draw(2) === 1;
  if (more) entries.push([pick(draw, [...names, '__proto__', 'other']), of(schemaOr(schema.additionalProperties))]);
  return Object.fromEntries(entries);
}

function arrayValue(draw: Draw, schema: JsonSchema, of: (schema: unknown) => unknown): unknown {
  const { prefixItems = [], items } = schema;
  const length = Math.max(Number(schema.minItems ?? 0), draw((items === false ? prefixItems.length : 4) + 1));
  return times(length, (at) => of(prefixItems[at] ?? schemaOr(items)));
}

/** What `true`, and nothing at all, say of a value is anything. */
function schemaOr(inner: JsonSchema | boolean | undefined): JsonSchema {
  return typeof inner === 'object' ? inner : {};
}

/** The same JSON with one thing changed, somewhere in it. */
export function change(draw: Draw, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || draw(4) === 0) return pick(draw, replacements)(draw, value);
  if (Array.isArray(value)) return changeList(draw, value);
  const entries = Object.entries(value);
  const at = draw(entries.length + 1);
  const entry = entries[at];
  if (!entry) return Object.fromEntries([...entries, [pick(draw, [...names, '__proto__']), pick(draw, whatever)]]);
  const changed = draw(4) === 0 ? [] : [[draw(5) ? entry[0] : pick(draw, names), change(draw, entry[1])]];
  return Object.fromEntries([...entries.slice(0, at), ...changed, ...entries.slice(at + 1)]);
}

function changeList(draw: Draw, list: unknown[]): unknown {
  const at = draw(list.length + 1);
  const item = draw(3) === 0 ? [] : [change(draw, list[at] ?? null)];
  return [...list.slice(0, at), ...item, ...list.slice(at + 1)];
}

const replacements: ((draw: Draw, value: unknown) => unknown)[] = [
  (draw) => pick(draw, whatever),
  (draw) => pick(draw, Object.values(formed).flat()),
  (_, value) => [value],
  (_, value) => ({ a: value }),
  (_, value) => JSON.stringify(value) ?? '',
  (_, value) => Number(JSON.stringify(value)) || 0,
  () => null,
  // As `1e400` is read.
  () => Number.POSITIVE_INFINITY,
];
