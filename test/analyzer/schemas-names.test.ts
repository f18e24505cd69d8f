import { describe, expect, test } from '@jest/globals';
import { referencesIn, renameReferences, shortNames } from '../../analyzer/schema-names.ts';
import { graphOf } from './application.ts';

describe('short names', () => {
  test.each([
    ['orders/types.ts#Order', 'orders.Order'],
    ['types.ts#Order', 'Order'],
    ['../packages/rows/src/index.ts#Row', 'packages.rows.src.Row'],
    ['node_modules/@acme/money/dist/index.d.ts#Money', 'acme.money.Money'],
    ['node_modules/.prisma/client/index.d.ts#Prisma.UserCreateInput', 'prisma.UserCreateInput'],
    ['encore.dev/api#CookieWithOptions<string>', 'encore.dev.api.CookieWithOptions_string'],
    ['a/a.ts#Page<b/b.ts#Item[]>', 'a.Page_b.ItemArray'],
    ['a/a.ts#Pair<string,%22x%22>', 'a.Pair_string_x'],
    ['a/a.ts#Maybe<b/b.ts#Item|null>', 'a.Maybe_b.Item_or_null'],
    ['a/a.ts#Item~120', 'a.Item'],
    ['a/a.ts#Json~3.0a1b2c3d', 'a.Json'],
  ])('%s', (identity, name) => {
    expect(shortNames([identity])).toEqual(new Map([[identity, name]]));
  });

  test('identities that share a name are counted in their own order', () => {
    const identities = ['a/b.ts#Item', 'a/a.ts#Item', 'a/a.ts#Item<2>', 'a/c.ts#Item'];
    const expected = [
      ['a/a.ts#Item', 'a.Item'],
      ['a/a.ts#Item<2>', 'a.Item_2'],
      ['a/b.ts#Item', 'a.Item_3'],
      ['a/c.ts#Item', 'a.Item_4'],
    ];
    expect([...shortNames(identities)]).toEqual(expected);
    expect([...shortNames(identities.toReversed())]).toEqual(expected);
  });

  test('take the place of identities in references, and nowhere else', () => {
    const value = { items: [{ $ref: '#/schemas/a.ts#A' }], $ref: { type: 'string' }, const: '#/schemas/a.ts#A' };
    expect(renameReferences(value, new Map([['a.ts#A', 'A']]))).toEqual({
      ...value,
      items: [{ $ref: '#/schemas/A' }],
    });
    expect(renameReferences({ $ref: '#/schemas/b.ts#B' }, new Map())).toEqual({ $ref: '#/schemas/b.ts#B' });
    expect(referencesIn(value)).toEqual(['a.ts#A']);
  });
});

describe('what is written does not depend on what was written before', () => {
  const types = `-- lib/types.ts --
export interface Item { sku: string; in?: Box<Item | null> }
export interface Box<T> { value: T; more: Box<T>[] }
export type One = { kind: 'one'; other?: Two };
export type Two = { kind: 'two'; other?: One } | null;
const first = { second: null as unknown as { back?: typeof first; third: { to?: typeof first.second } } };
export type First = typeof first;
export type Second = First['second'];
export namespace Inner { export interface Item { inner: true } }
`;
  const imports = "import { api } from 'encore.dev/api';\nimport type * as t from '../lib/types.ts';\n";
  const uses = [
    't.Item',
    't.Box<t.Item>',
    't.Box<t.Item | null>',
    't.One',
    't.Two',
    't.First',
    't.Second',
    't.Inner.Item',
  ];
  const service = (name: string, list: string[]) => `-- ${name}/a.ts --
${imports}export const a = api({ path: '/${name}' }, async (_: { ${list.map((type) => `${field(type)}: ${type}`).join('; ')} }): Promise<void> => {});
`;
  const field = (type: string) => `f${uses.indexOf(type)}`;

  test('in any order of use', async () => {
    const forth = await graphOf(`${types}${service('a', uses)}`);
    const request = forth.services[0]?.endpoints[0]?.request?.schema.properties;
    expect(Object.keys(forth.schemas)).toEqual(expect.arrayContaining(['lib.Item', 'lib.Item_2', 'lib.Box_lib.Item']));
    for (const use of uses) {
      const alone = await graphOf(`${types}${service('a', [use])}${service('b', uses)}`);
      const back = await graphOf(`${types}${service('b', [use])}${service('a', uses)}`);
      expect(alone.schemas).toEqual(forth.schemas);
      expect(back.schemas).toEqual(forth.schemas);
      const again = back.services.find(({ name }) => name === 'a')?.endpoints[0]?.request?.schema.properties;
      expect(again).toEqual(request);
    }
  });
});

test('types of one name, in functions and namespaces, are kept apart', async () => {
  const graph = await graphOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
function one() { interface Row { one: 1 } return null as unknown as Row; }
function two() { interface Row { two: 2 } return null as unknown as Row; }
namespace N { export interface Row { three: 3 } }
export const a = api({}, async () => ({ one: one(), two: two(), three: null as unknown as N.Row }));
`);
  const properties = Object.values(graph.schemas).map((schema) => Object.keys(schema.properties ?? {}).join());
  expect(properties.sort()).toEqual(['one', 'three', 'two']);
});

test('type arguments of one spelling from two files are kept apart', async () => {
  const graph = await graphOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
import type { Item as Other, Color as OtherColor } from '../b.ts';
interface Item { a: 1 }
enum Color { Red }
interface Page<T> { items: T | null }
interface Later<T> { value: T }
export const a = api({}, async (_: { a: Page<Item | null>; b: Page<Other | null>; c: Page<Color>; d: Page<OtherColor>; e: Later<Date>; f: Later<{ x: 1 }> }): Promise<void> => {});
-- b.ts --
export interface Item { b: 1 }
export enum Color { Red = 'red' }
`);
  const request = graph.services[0]?.endpoints[0]?.request?.schema.properties as Record<string, { $ref?: string }>;
  const references = Object.values(request).map(({ $ref }) => $ref);
  expect(references).toHaveLength(6);
  expect(new Set(references.slice(0, 5)).size).toBe(5);
  expect(references[5]).toBeUndefined();
});
