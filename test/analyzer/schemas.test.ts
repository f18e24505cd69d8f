import { describe, expect, test } from '@jest/globals';
import type { JsonSchema } from '../../analyzer/mod.ts';
import { graphOf } from './application.ts';
import { schemaOf } from './schema-of.ts';

describe('a type of one value', () => {
  test.each<[string, JsonSchema]>([
    ['string', { type: 'string' }],
    ['number', { type: 'number' }],
    ['boolean', { type: 'boolean' }],
    ['bigint', { type: 'string', 'x-type': 'bigint' }],
    ['null', { type: 'null' }],
    ['any', {}],
    ['unknown', {}],
    ['object', { type: 'object', additionalProperties: true }],
    ['{}', { type: 'object' }],
    ['Date', { type: 'string', 'x-type': 'date' }],
    ['Uint8Array', { type: 'string', 'x-type': 'bytes' }],
    ['ArrayBuffer', { type: 'string', 'x-type': 'bytes' }],
    ["'a'", { type: 'string', const: 'a' }],
    ['1', { type: 'number', const: 1 }],
    ['-1', { type: 'number', const: -1 }],
    ['true', { type: 'boolean', const: true }],
    ['-5n', { type: 'string', 'x-type': 'bigint', const: '-5' }],
    ['string & { readonly brand: unique symbol }', { type: 'string' }],
    ['number & { __brand: 1 }', { type: 'number' }],
  ])('%s', async (type, expected) => {
    expect(await schemaOf(type)).toEqual(expected);
  });

  test('Decimal', async () => {
    expect(await schemaOf('Decimal', '', "import { Decimal } from 'encore.dev/types';")).toEqual({
      type: 'string',
      'x-type': 'decimal',
    });
  });
});

describe('a type of several', () => {
  test.each<[string, JsonSchema]>([
    ["'b' | 'a'", { type: 'string', enum: ['a', 'b'] }],
    ['10 | 9', { type: 'number', enum: [9, 10] }],
    ['string | null', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ["'a' | 'b' | null", { anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] }],
    ['boolean | string', { anyOf: [{ type: 'boolean' }, { type: 'string' }] }],
    [
      "true | 'x' | 1",
      {
        anyOf: [
          { type: 'boolean', const: true },
          { type: 'number', const: 1 },
          { type: 'string', const: 'x' },
        ],
      },
    ],
    ['string[]', { type: 'array', items: { type: 'string' } }],
    ['readonly (string | null)[]', { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }],
    [
      '[string, number?]',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false, minItems: 1 },
    ],
    [
      '[string, ...number[]]',
      { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'number' }, minItems: 1 },
    ],
    ['Record<string, number>', { type: 'object', additionalProperties: { type: 'number' } }],
    [
      "Record<'a' | 'b', number>",
      { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    ],
    [
      '{ a: 1; [key: string]: number }',
      {
        type: 'object',
        properties: { a: { type: 'number', const: 1 } },
        required: ['a'],
        additionalProperties: { type: 'number' },
      },
    ],
    [
      '{ b?: string; a: string | undefined; c: never; d?: never }',
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    ],
    [
      '{ a: string } & { b: number }',
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a', 'b'] },
    ],
    [
      "{ kind: 'a'; a: 1 } | { kind: 'b' }",
      {
        anyOf: [
          {
            type: 'object',
            properties: { a: { type: 'number', const: 1 }, kind: { type: 'string', const: 'a' } },
            required: ['a', 'kind'],
          },
          { type: 'object', properties: { kind: { type: 'string', const: 'b' } }, required: ['kind'] },
        ],
        'x-discriminator': 'kind',
      },
    ],
  ])('%s', async (type, expected) => {
    expect(await schemaOf(type)).toEqual(expected);
  });
});

describe('whatever the compiler can compute', () => {
  const id = { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] };
  test.each<[string, string, JsonSchema]>([
    ['Pick', "Pick<{ id: number; name: string }, 'id'>", id],
    ['Omit', "Omit<{ id: number; name: string }, 'name'>", id],
    ['Partial', 'Partial<{ id: number }>', { type: 'object', properties: { id: { type: 'number' } } }],
    ['Required', 'Required<{ id?: number }>', id],
    ['Exclude', "Exclude<'a' | 'b', 'a'>", { type: 'string', const: 'b' }],
    ['NonNullable', 'NonNullable<string | null>', { type: 'string' }],
    ['conditional', "string extends string ? 'yes' : 'no'", { type: 'string', const: 'yes' }],
    ['indexed access', "{ a: { b: Date } }['a']['b']", { type: 'string', 'x-type': 'date' }],
    ['keyof', 'keyof { a: 1; b: 2 }', { type: 'string', enum: ['a', 'b'] }],
    [
      'mapped with as',
      "{ [K in 'a' as `get_$" + '{K}`]: number }',
      { type: 'object', properties: { get_a: { type: 'number' } }, required: ['get_a'] },
    ],
    ['Awaited', 'Awaited<Promise<string>>', { type: 'string' }],
    ['Readonly', 'Readonly<{ id: number }>', id],
    ['Extract', "Extract<'a' | 1, string>", { type: 'string', const: 'a' }],
    ['infer', '{ id: number }[] extends (infer T)[] ? T : never', id],
    ['ReturnType', "ReturnType<() => 'made'>", { type: 'string', const: 'made' }],
    ['a mapped type over a union', "{ [K in 'id' | 'on']: K extends 'id' ? number : never }", id],
  ])('%s', async (_, type, expected) => {
    expect(await schemaOf(type)).toEqual(expected);
  });

  test('typeof a constant', async () => {
    const declarations = "const roles = ['admin', 'user'] as const;";
    expect(await schemaOf('(typeof roles)[number]', declarations)).toEqual({ type: 'string', enum: ['admin', 'user'] });
  });

  test('type parameters with defaults, a conditional type over them, and index signatures beside fields', async () => {
    const declarations = `interface Box<T = { id: number }> { in: T }
type Id<T> = T extends { id: infer I } ? I : never;
interface Open { id: Id<{ id: number }>; [more: string]: number | string }`;
    expect(await schemaOf('{ box: Box; open: Open }', declarations)).toMatchObject({
      properties: { box: { type: 'object', properties: { in: id } }, open: { $ref: '#/schemas/a.Open' } },
      named: {
        'a.Open': {
          type: 'object',
          properties: { id: { type: 'number' } },
          required: ['id'],
          additionalProperties: { anyOf: [{ type: 'number' }, { type: 'string' }] },
        },
      },
    });
  });

  test('a constant enum, one of text and numbers, and one that is computed', async () => {
    const declarations = "const enum C { A = 'a' } enum M { A = 'a', One = 1 } enum X { A = 'abc'.length }";
    expect(await schemaOf('{ c: C; m: M; x: X }', declarations)).toMatchObject({
      properties: {
        c: { type: 'string', const: 'a' },
        m: {
          anyOf: [
            { type: 'number', const: 1 },
            { type: 'string', const: 'a' },
          ],
        },
        x: { type: 'number' },
      },
    });
  });

  test('enums, of text, numbers and one member', async () => {
    const declarations = "enum S { B = 'b', A = 'a' } enum N { One = 1, Zero = 0 } enum O { Only = 'only' }";
    expect(await schemaOf('{ s: S; n: N; o: O }', declarations)).toEqual({
      type: 'object',
      properties: {
        n: { type: 'number', enum: [0, 1] },
        o: { type: 'string', const: 'only' },
        s: { type: 'string', enum: ['a', 'b'] },
      },
      required: ['n', 'o', 's'],
    });
  });
});

describe('what a union is told apart by', () => {
  test.each<[string, string, unknown]>([
    ['a literal of each member', "{ k: 'a' } | { k: 'b'; n: number }", 'k'],
    ['the first of several', "{ k: 'a'; j: 1 } | { k: 'b'; j: 2 }", 'j'],
    ['besides null', "{ k: 'a' } | { k: 'b' } | null", 'k'],
    ['not what is optional', "{ k?: 'a' } | { k: 'b' }", undefined],
    ['not what two members share', "{ k: 'a'; x: 1 } | { k: 'a'; y: 1 }", undefined],
    ['not what other values lack', "{ k: 'a' } | { k: 'b' } | string", undefined],
  ])('%s', async (_, type, expected) => {
    expect((await schemaOf(type))['x-discriminator']).toBe(expected);
  });

  test('of a named union that may be null, its own name', async () => {
    const declarations = "type Shape = { k: 'a' } | { k: 'b' };";
    expect(await schemaOf('Shape | null', declarations)).toMatchObject({
      anyOf: [{ $ref: '#/schemas/a.Shape' }, { type: 'null' }],
      named: { 'a.Shape': { 'x-discriminator': 'k' } },
    });
  });
});

describe('doc comments', () => {
  test('of properties and named types; whether they are deprecated', async () => {
    const declarations = `/** What is sold. */
interface Item {
  /**
   * Its number.
   * @deprecated Use the name.
   */
  sku: string;
  /** What it is part of. */
  of?: Item;
  plain: string;
}`;
    expect(await schemaOf('Item', declarations)).toEqual({
      $ref: '#/schemas/a.Item',
      named: {
        'a.Item': {
          type: 'object',
          properties: {
            of: { $ref: '#/schemas/a.Item', description: 'What it is part of.' },
            plain: { type: 'string' },
            sku: { type: 'string', description: 'Its number.', deprecated: true },
          },
          required: ['plain', 'sku'],
          description: 'What is sold.',
        },
      },
    });
  });

  test('stay with a property in what is computed from its type', async () => {
    const declarations = 'interface Item {\n/** Its number. */\nsku: string; name: string }';
    expect(await schemaOf("Partial<Pick<Item, 'sku'>>", declarations)).toEqual({
      type: 'object',
      properties: { sku: { type: 'string', description: 'Its number.' } },
    });
  });
});

describe('named types are written once', () => {
  test('by directory and name', async () => {
    expect(await schemaOf('Item[]', 'interface Item { sku: string }')).toEqual({
      type: 'array',
      items: { $ref: '#/schemas/a.Item' },
      named: { 'a.Item': { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
    });
  });

  test('recursion, through interfaces, unions and lists', async () => {
    const declarations = 'interface Tree { left?: Tree; right: Tree | null; rest: Tree[] }';
    const tree = { $ref: '#/schemas/a.Tree' };
    expect(await schemaOf('Tree', declarations)).toEqual({
      ...tree,
      named: {
        'a.Tree': {
          type: 'object',
          properties: { left: tree, right: { anyOf: [tree, { type: 'null' }] }, rest: { type: 'array', items: tree } },
          required: ['rest', 'right'],
        },
      },
    });
  });

  test('recursion through an alias of a union', async () => {
    const declarations = 'type Json = string | null | Json[] | { [key: string]: Json };';
    const json = { $ref: '#/schemas/a.Json' };
    expect(await schemaOf('Json', declarations)).toEqual({
      ...json,
      named: {
        'a.Json': {
          anyOf: [
            { type: 'array', items: json },
            { type: 'object', additionalProperties: json },
            { type: 'string' },
            { type: 'null' },
          ],
        },
      },
    });
  });

  test('recursion through what has no name of its own', async () => {
    const declarations = 'type Node = { value: string; next?: Node | null } | { end: true };';
    expect(await schemaOf('Node', declarations)).toMatchObject({ $ref: '#/schemas/a.Node' });
  });

  test('generics by their arguments', async () => {
    const declarations = 'interface Item { sku: string } interface Page<T> { items: T[]; next?: Page<T> }';
    const { named } = (await schemaOf('{ a: Page<Item>; b: Page<string>; c: Page<Item[]> }', declarations)) as {
      named: Record<string, JsonSchema>;
    };
    expect(Object.keys(named)).toEqual(['a.Item', 'a.Page_a.Item', 'a.Page_a.ItemArray', 'a.Page_string']);
    expect(named['a.Page_a.Item']).toEqual({
      type: 'object',
      properties: {
        items: { type: 'array', items: { $ref: '#/schemas/a.Item' } },
        next: { $ref: '#/schemas/a.Page_a.Item' },
      },
      required: ['items'],
    });
  });

  test('two of one name in one directory', async () => {
    const graph = await graphOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
import type { Other } from './b.ts';
interface Item { a: string }
export const a = api({}, async (_: { one: Item; two: Other }): Promise<void> => {});
-- a/b.ts --
interface Item { b: string }
export type Other = { item: Item };
`);
    expect(Object.keys(graph.schemas)).toEqual(['a.Item', 'a.Item_2', 'a.Other']);
  });

  test('a type of another module, of a package, and a class without methods', async () => {
    const graph = await graphOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
import type { Money } from '@acme/money';
import { Point } from '../lib/deep/types.ts';
export const a = api({}, async (_: { price: Money; at: Point }): Promise<void> => {});
-- lib/deep/types.ts --
export class Point { x = 0; y = 0 }
-- node_modules/@acme/money/package.json --
{ "name": "@acme/money", "types": "index.d.ts" }
-- node_modules/@acme/money/index.d.ts --
export interface Money { amount: bigint }
`);
    expect(Object.keys(graph.schemas)).toEqual(['acme.money.Money', 'lib.deep.Point']);
  });
});
