import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonSchema } from '../../analyzer/graph.ts';
import { codecFor, DecodeError, decodeOwn, encodeJson, messageCodec, writeJson } from '../../runtime/codec/mod.ts';
import { Decimal } from '../../runtime/types/mod.ts';
import { bigint, boolean, bytes, date, decimal, list, number, text } from './support/graph.ts';

const object = (properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

const condition = (op: string): JsonSchema =>
  object({ args: list({ $ref: '#/schemas/Condition' }), op: { type: 'string', const: op } });

const schemas = {
  Tree: object({ name: text, children: list({ $ref: '#/schemas/Tree' }) }),
  Condition: { anyOf: [condition('and'), condition('or')] },
};

/** Also what is not copied where nothing is to be changed has to be the same. */
function decode(schema: JsonSchema, value: unknown): unknown {
  const codec = codecFor(schema, schemas);
  const decoded = codec.decode(value, '');
  expect(decodeOwn(codec, value)).toEqual(decoded);
  return decoded;
}

function encode(schema: JsonSchema, value: unknown): unknown {
  const codec = codecFor(schema, schemas);
  const text = writeJson(codec.encode(value));
  expect(JSON.parse(encodeJson(codec, value))).toEqual(text === undefined ? null : JSON.parse(text));
  return JSON.parse(text);
}

function problem(schema: JsonSchema, value: unknown): string {
  try {
    return `decoded ${inspect(decode(schema, value))}`;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

const circle = object({ kind: { type: 'string', const: 'circle' }, radius: number });
const square = object({ kind: { type: 'string', const: 'square' }, side: number });
const shape = { anyOf: [circle, square] };

test.each([
  ['text', text, 'a', 'a'],
  ['a date', date, '2026-01-31T12:00:00.5+02:00', new Date('2026-01-31T10:00:00.500Z')],
  ['a bigint', bigint, '-12345678901234567890', -12345678901234567890n],
  ['a bigint written as a number', bigint, 5, 5n],
  ['bytes', bytes, 'aGk=', Buffer.from('hi')],
  ['what is not declared is dropped', object({ a: text }), { a: 'x', b: 'y' }, { a: 'x' }],
  ['an optional field that is null', object({ a: text }, ['a']), { a: null }, {}],
  ['an optional field that may be null', object({ a: nullable(text) }, ['a']), { a: null }, { a: null }],
  [
    'a record',
    { type: 'object', additionalProperties: date },
    { x: '2026-01-01T00:00:00Z' },
    { x: new Date(Date.UTC(2026)) },
  ],
  ['a tuple', { type: 'array', prefixItems: [text, date], items: false, minItems: 1 }, ['a'], ['a']],
  ['a member of a union', shape, { kind: 'square', side: 2, radius: 3 }, { kind: 'square', side: 2 }],
  [
    'all that fits of a union',
    { anyOf: [object({ a: text }), object({ a: text, b: text })] },
    { a: '1', b: '2' },
    { a: '1', b: '2' },
  ],
  [
    'a recursive type',
    { $ref: '#/schemas/Tree' },
    { name: 'a', children: [{ name: 'b', children: [] }] },
    { name: 'a', children: [{ name: 'b', children: [] }] },
  ],
  ['anything', {}, { a: [1, null] }, { a: [1, null] }],
  ['a literal bigint written as a number', { ...bigint, const: '5' }, 5, 5n],
  ['the last day of a February', date, '2024-02-29T00:00:00Z', new Date(Date.UTC(2024, 1, 29))],
])('decodes %s', (_, schema, json, value) => {
  expect(decode(schema, json)).toEqual(value);
});

test.each([
  [date, '2025-02-29T00:00:00Z', 'expected an RFC 3339 date and time, got a string'],
  [date, '2026-04-31T00:00:00Z', 'expected an RFC 3339 date and time, got a string'],
  [date, '2026-01-01T24:00:00Z', 'expected an RFC 3339 date and time, got a string'],
  [number, JSON.parse('1e400'), 'expected a number, got a number beyond what can be told'],
  [
    object({ a: {} }),
    { a: [{ b: JSON.parse('-1e400') }] },
    'a: expected a number, got a number beyond what can be told',
  ],
  [bytes, 12345678, 'expected bytes in base64, got a number'],
  [
    { type: 'array', prefixItems: [text, text], items: false, minItems: 1, maxItems: 1 },
    ['a', 'b'],
    'length too long (got 2, expected at most 1)',
  ],
  [object({ a: text }), {}, 'missing field a'],
  [object({ a: list(object({ b: text })) }), { a: [{ b: 'x' }, {}] }, 'missing field a[1].b'],
  [object({ a: object({ b: number }) }), { a: { b: 'x' } }, 'a.b: expected a number, got a string'],
  [object({ a: text }), { a: null }, 'a: expected a string, got null'],
  [object({ a: text }), [], 'expected an object, got an array'],
  [object({ a: { type: 'integer' } }), { a: 1.5 }, 'a: expected a whole number, got a number'],
  [date, '2026-01-31', 'expected an RFC 3339 date and time, got a string'],
  [date, '2026-13-31T00:00:00Z', 'expected an RFC 3339 date and time, got a string'],
  [bigint, '1.5', 'expected a whole number as text, got a string'],
  [bytes, 'a', 'expected bytes in base64, got a string'],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'expected one of "a", "b"'],
  [{ type: 'array', prefixItems: [text], items: false, minItems: 1 }, ['a', 'b'], 'expected 1 item, got 2'],
  [shape, { kind: 'circle' }, 'missing field radius'],
  [shape, { kind: 'triangle' }, 'does not match any of the allowed types'],
])('%j refuses %j: %s', (schema, json, message) => {
  expect(problem(schema, json)).toBe(message);
});

test.each([
  ['declared fields alone', object({ a: text }), { a: 'x', password: 'y' }, { a: 'x' }],
  ['nothing for undefined', object({ a: text, b: text }, ['b']), { a: 'x', b: undefined }, { a: 'x' }],
  ['null', object({ a: nullable(date) }), { a: null }, { a: null }],
  ['dates', object({ a: nullable(date) }), { a: new Date(Date.UTC(2026)) }, { a: '2026-01-01T00:00:00.000Z' }],
  ['a date that is text already', date, '2026-01-01', '2026-01-01'],
  ['a large number where a number is declared', number, 12345678901234567890n, '12345678901234567890'],
  ['bytes', bytes, new Uint8Array([104, 105]).buffer, 'aGk='],
  ['the member of a union', shape, { kind: 'square', side: 2, radius: 1 }, { kind: 'square', side: 2 }],
  ['no hidden field when no member of a union fits', shape, { kind: 'none', password: 'x' }, { kind: 'none' }],
  ['bigints within anything', {}, { a: [5n] }, { a: ['5'] }],
])('encodes %s', (_, schema, value, json) => {
  expect(encode(schema, value)).toEqual(json);
});

test('an object with toJSON is written as what that gives, alone and in a union', () => {
  class Money {
    readonly cents: number;
    constructor(cents: number) {
      this.cents = cents;
    }
    toJSON() {
      return { amount: this.cents / 100 };
    }
  }
  const amount = object({ amount: number });
  expect(encode(list(amount), [new Money(150)])).toEqual([{ amount: 1.5 }]);
  expect(encode({ anyOf: [object({ name: text }), amount] }, new Money(150))).toEqual({ amount: 1.5 });
});

test('a key named __proto__ stays a key', () => {
  const json = JSON.parse('{"__proto__": {"polluted": "yes"}}');
  const decoded = decode({ type: 'object', additionalProperties: {} }, json) as object;
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  expect(Object.keys(decoded)).toEqual(['__proto__']);
});

/** A schema, and values of it. */
type Case = { schema: JsonSchema; value: fc.Arbitrary<unknown> };

const leaf: Case[] = [
  { schema: text, value: fc.string({ unit: 'binary' }) },
  { schema: number, value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)) },
  { schema: boolean, value: fc.boolean() },
  {
    schema: date,
    value: fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    }),
  },
  { schema: bigint, value: fc.bigInt() },
  { schema: bytes, value: fc.uint8Array().map((array) => Buffer.from(array)) },
  { schema: { type: 'string', enum: ['a', 'b'] }, value: fc.constantFrom('a', 'b') },
];

const { tree } = fc.letrec<{ tree: Case }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...leaf),
    tie('tree').map(({ schema, value }) => ({ schema: list(schema), value: fc.array(value, { maxLength: 3 }) })),
    tie('tree').map(({ schema, value }) => ({ schema: nullable(schema), value: fc.option(value) })),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('tree'), { maxKeys: 4 }).map((fields) => ({
      schema: object(Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]))),
      value: fc
        .record(Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])))
        .map((v) => ({ ...v })),
    })),
  ),
}));

test('what is encoded decodes to the same value, for any schema', () => {
  const cases = tree.chain(({ schema, value }) => value.map((v) => ({ schema, value: v })));
  fc.assert(
    fc.property(cases, ({ schema, value }) => {
      expect(decode(schema, encode(schema, value))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test.each<[string, (schema: JsonSchema, value: unknown) => unknown]>([
  ['decoded', decode],
  ['refused', (schema, value) => problem(schema, value)],
  ['encoded', encode],
])('a value of a union within itself is %s in time that grows with its size alone', (how, work) => {
  const depth = 12;
  let seen = 0;
  const leaf = {
    get args() {
      seen++;
      return [];
    },
    op: how === 'refused' ? 'xor' : 'or',
  };
  const value = Array.from({ length: depth }).reduce((inner) => ({ op: 'or', args: [inner] }), leaf);
  work({ $ref: '#/schemas/Condition' }, value);
  expect(seen).toBeLessThan(20);
});

test('decoding any JSON by any schema fails with a DecodeError or not at all', () => {
  fc.assert(
    fc.property(tree, fc.jsonValue(), ({ schema }, json) => {
      problem(schema, json);
    }),
    { numRuns: 500 },
  );
});

test('sums and products of decimals are exact', () => {
  const part = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(part, part, ([a, i], [b, j]) => {
      const [x, y] = [new Decimal(`${a}e-${i}`), new Decimal(`${b}e-${j}`)];
      const scaled = (d: Decimal, by: number) => BigInt(d.mul(10n ** BigInt(by)).value);
      expect(scaled(x.add(y), 12)).toBe(a * 10n ** BigInt(12 - i) + b * 10n ** BigInt(12 - j));
      expect(scaled(x.mul(y), 24)).toBe(a * b * 10n ** BigInt(24 - i - j));
      expect(x.sub(x).value).toBe('0');
      expect(new Decimal(x.value).value).toBe(x.value);
    }),
  );
});

test.each([
  ['1.50', '1.5'],
  ['-0.05', '-0.05'],
  ['.5', '0.5'],
  ['1e3', '1000'],
  [12n, '12'],
  [0.1, '0.1'],
])('the decimal %s is %s', (given, written) => {
  expect(new Decimal(given).value).toBe(written);
  expect(decode(decimal, String(given))).toEqual(new Decimal(written));
});

test('a third is cut off, and what is no number is refused', () => {
  expect(new Decimal(1).div(3).value).toBe(`0.${'3'.repeat(28)}`);
  expect(() => new Decimal('a')).toThrow(RangeError);
  expect(() => new Decimal(1).div(0)).toThrow(RangeError);
});

test('what every object has is not taken for data', () => {
  const schema = object({ constructor: bigint, toString: text, a: text }, ['constructor', 'toString']);
  expect(encode(schema, { a: 'x' })).toEqual({ a: 'x' });
  expect(encode({ anyOf: [schema, object({ b: text })] }, { a: 'x' })).toEqual({ a: 'x' });
});

test('a member of a union is found by a value whose optional field is null', () => {
  const union = { anyOf: [object({ a: number, b: text }, ['a']), object({ c: text })] };
  expect(encode(union, { a: null, b: 'x' })).toEqual({ a: null, b: 'x' });
});

const within: { name: string; children: unknown[] } = { name: 'itself', children: [] };
within.children.push(within);

test.each([
  ['a tree of many levels', { $ref: '#/schemas/Tree' }, treeOf(100_000)],
  ['a tree within itself', { $ref: '#/schemas/Tree' }, within],
  ['anything of many levels', {}, treeOf(100_000)],
  ['anything within itself', {}, within],
])('%s is not written, and the error says why', (_, schema, value) => {
  expect(() => codecFor(schema, schemas).encode(value)).toThrow('nested too deeply, or within itself');
});

test('what is encoded and has more levels than can be written is not', () => {
  expect(writeJson(treeOf(10))).toBe(JSON.stringify(treeOf(10)));
  expect(() => writeJson(treeOf(100_000))).toThrow('nested too deeply, or within itself');
});

test('a tree of many levels is not read, and one of some hundred is', () => {
  const tree: JsonSchema = { $ref: '#/schemas/Tree' };
  expect(problem(tree, treeOf(100_000))).toBe('it is nested too deeply');
  expect(encode(tree, decode(tree, treeOf(300)))).toEqual(treeOf(300));
});

function treeOf(levels: number): unknown {
  let tree: object = { name: 'leaf', children: [] };
  for (let level = 1; level < levels; level += 1) tree = { name: 'branch', children: [tree] };
  return tree;
}

test.each([
  ['no date', { b: 'x', a: 1 }, '{"b":"x","a":1}'],
  ['a date', { c: new Date(0), b: 'x', a: 1 }, '{"c":"1970-01-01T00:00:00.000Z","b":"x","a":1}'],
])('properties come as they were given, with %s among them', (_what, value, json) => {
  const codec = codecFor(object({ a: number, b: text, c: date }, ['c']), schemas);
  expect(encodeJson(codec, value)).toBe(json);
  expect(Object.keys(decodeOwn(codec, JSON.parse(json)) as object)).toEqual(Object.keys(value));
});

test('what a value hides is written, and what is not declared is not', () => {
  const codec = codecFor(object({ a: number }), schemas);
  expect(encodeJson(codec, Object.defineProperty({ secret: 's' }, 'a', { value: 1 }))).toBe('{"a":1}');
  expect(encodeJson(codec, { a: 1, toJSON: () => ({ a: 2, b: 3 }) })).toBe('{"a":2}');
  expect(encodeJson(codecFor(list(number), schemas), Object.assign([1, 2], { toJSON: () => 'own' }))).toBe('[1,2]');
});

test('a field is optional where a member of a union that has it may be without it', () => {
  const ids = { a: list(number), b: list(number) };
  const schema = { anyOf: [object(ids, ['b']), object({ c: list(number) })] };
  const fields = ['a', 'b', 'c'].map((name) => ({ name, in: 'query' as const, wire: name }));
  const { outsideBody } = messageCodec({ schema, encodings: [{ methods: ['GET'], fields }] }, {}).encoding('GET');
  expect(outsideBody.map(({ name, optional }) => [name, optional])).toEqual([
    ['a', false],
    ['b', true],
    ['c', false],
  ]);
});
