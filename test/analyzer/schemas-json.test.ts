import { describe, expect, test } from '@jest/globals';
import type { JsonSchema } from '../../analyzer/mod.ts';
import { analyzeText, errorsOf, graphOf } from './application.ts';
import { problemsOf, schemaOf } from './schema-of.ts';

const data = { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] };

describe('an instance of a class travels as JSON.stringify writes it', () => {
  test.each<[string, string]>([
    ['its fields without its methods', 'class C { id = 1; load(): void {} static all(): C[] { return []; } }'],
    ['without accessors', 'class C { id = 1; get twice() { return 2; } accessor auto = 1; }'],
    ['without what it keeps to itself', "class C { id = 1; #a = 1; private b = () => 1; protected c = 'x'; }"],
    ['without functions in its fields', 'class C { id = 1; run = () => 1; }'],
    ['with what it inherits', 'class B { id = 1; save() { return this; } } class C extends B { more() {} }'],
    ['with its parameter properties', 'class C { constructor(public id: number, private secret: string) {} }'],
  ])('%s', async (_, declarations) => {
    expect((await schemaOf('C', declarations)).named).toMatchObject({ 'a.C': data });
  });

  test('of an abstract class and of a generic one', async () => {
    const declarations =
      'abstract class Base<T> { id!: T; abstract run(): void } class C extends Base<number> { run() {} }';
    expect((await schemaOf('C', declarations)).named).toEqual({ 'a.C': data });
  });

  test('one that refers to itself', async () => {
    const declarations = 'class C { id = 1; next?: this; self() { return this; } }';
    expect((await schemaOf('C', declarations)).named).toEqual({
      'a.C': { ...data, properties: { id: { type: 'number' }, next: { $ref: '#/schemas/a.C' } } },
    });
  });
});

describe('toJSON', () => {
  test.each<[string, string, JsonSchema]>([
    ['of a class', 'class T { secret = 1; toJSON() { return { id: 1 }; } }', data],
    ['of an interface', 'interface T { toJSON(): string }', { type: 'string' }],
    [
      'that may give nothing',
      'interface T { toJSON(): string | null }',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
    ],
    [
      'the overload without type parameters',
      'interface T { toJSON<X>(as: X): X; toJSON(): string }',
      { type: 'string' },
    ],
    [
      'that may give the object itself is none',
      'type T = { id: number; toJSON(): T | string }',
      { $ref: '#/schemas/a.T' },
    ],
    ['that gives the object itself is none', 'type T = { id: number; toJSON(): T }', { $ref: '#/schemas/a.T' }],
    ['that is not always there is none', 'type T = { id: number; toJSON?(): string }', { $ref: '#/schemas/a.T' }],
  ])('%s', async (_, declarations, expected) => {
    const { named, ...schema } = await schemaOf('T', declarations);
    expect(schema).toEqual(expected);
    if (named) expect(named).toEqual({ 'a.T': data });
  });
});

describe('what the language has', () => {
  const date: JsonSchema = { type: 'string', 'x-type': 'date' };
  test.each<[string, string, JsonSchema]>([
    ['D', 'interface D extends Date {}', date],
    ['D', 'class D extends Date { more() {} }', date],
    ['Date & { readonly brand: 1 }', '', date],
    ['L', 'interface L extends Array<L | string> {}', { type: 'array' }],
    ['string[] & { readonly brand: 1 }', '', { type: 'array', items: { type: 'string' } }],
    ['[number] & { readonly brand: 1 }', '', { type: 'array', minItems: 1 }],
    ['String', '', { type: 'string' }],
    ['Record<string, unknown>', '', { type: 'object', additionalProperties: {} }],
    ['Record<number, string>', '', { type: 'object', additionalProperties: { type: 'string' } }],
    ['{ [key: `x-$' + '{string}`]: string }', '', { type: 'object', additionalProperties: { type: 'string' } }],
    ['string & {}', '', { type: 'string' }],
  ])('%s', async (type, declarations, expected) => {
    expect(await schemaOf(type, declarations)).toMatchObject(expected);
  });
});

describe('what JSON has no form of', () => {
  test.each<[string, string, string[]]>([
    ['() => void', '', ['FL1702 functions cannot travel as JSON']],
    ['typeof Date', '', ['FL1702 functions cannot travel as JSON']],
    ['Function', '', ['FL1702 `Function` is a class with methods and cannot travel as JSON']],
    ['{ run?: () => void }', '', ['FL1702 functions cannot travel as JSON']],
    ['Map<string, number>', '', ['FL1702 `Map<string, number>` cannot travel as JSON']],
    ['Set<string>', '', ['FL1702 `Set<string>` cannot travel as JSON']],
    ['Promise<string>', '', ['FL1702 `Promise<string>` cannot travel as JSON']],
    ['PromiseLike<string>', '', ['FL1702 a promise cannot travel as JSON']],
    ['{ id: number; then(done: () => void): void }', '', ['FL1702 a promise cannot travel as JSON']],
    ['RegExp', '', ['FL1702 `RegExp` is a class with methods and cannot travel as JSON']],
    ['Float32Array', '', ['FL1702 `Float32Array<ArrayBufferLike>` is a class with methods and cannot travel as JSON']],
    ['C', 'class C { private id = 1; run() {} }', ['FL1702 `C` is a class with methods and cannot travel as JSON']],
    ['symbol', '', ['FL1702 symbols cannot travel as JSON']],
    ['undefined[]', '', ['FL1702 `undefined` cannot travel as JSON here']],
    ['[...string[], number]', '', ['FL1702 a tuple with a rest in its middle cannot travel as JSON']],
  ])('%s', async (type, declarations, expected) => {
    expect(await problemsOf(type, declarations)).toEqual(expected);
  });

  test('a type parameter', async () => {
    const text = `-- a/a.ts --
import { api } from 'encore.dev/api';
import { Topic } from 'encore.dev/pubsub';
const make = <T>(value: T) => ({ value });
export const a = api({}, async (): Promise<ReturnType<typeof make>> => make(1));
export const b = api({}, async (): Promise<{ of: Awaited<Promise<string>> }> => ({ of: '' }));
`;
    expect(await errorsOf(text)).toEqual([]);
  });

  test('a type of more parts than anybody means', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `'k${index}'`).join(' | ');
    const declarations = `type K = ${names}; type Big = { [A in K]: { [B in K]: { [C in K]: { [D in K]: A } } } };`;
    expect(await problemsOf('Big', declarations)).toEqual(['FL1703 its type is made of more than 20000 others']);
  });
});

/** What an application with the package `orm` returns. */
async function withPackage(types: string, type: string) {
  return await analyzeText(`-- a/a.ts --
import { api } from 'encore.dev/api';
import type * as orm from 'orm';
export const a = api({}, async (): Promise<{ row: ${type} }> => null!);
-- node_modules/orm/package.json --
{ "name": "orm", "types": "index.d.ts" }
-- node_modules/orm/index.d.ts --
${types}
`);
}

async function rowOf(types: string, type: string): Promise<JsonSchema | undefined> {
  const { graph, diagnostics } = await withPackage(types, type);
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const response = graph.services[0]?.endpoints[0]?.response?.schema as { properties: Record<string, JsonSchema> };
  return { ...response.properties.row, ...(Object.keys(graph.schemas).length > 0 && { named: graph.schemas }) };
}

describe('types of packages', () => {
  test.each<[string, string, string, JsonSchema]>([
    ['leave functions out of what they declare', 'export interface Row { id: number; run: () => void }', 'orm.Row', {}],
    ['and methods', 'export interface Row { id: number; save(): Promise<this> }', 'orm.Row', {}],
    ['and what is private', 'export class Row { private db; id: number }', 'orm.Row', {}],
    [
      'are not named by what computes them',
      'export type Row<T> = { [K in keyof T]: T[K] };',
      'orm.Row<{ id: number }>',
      data,
    ],
    [
      'are named by what declares them',
      'export type Row<T> = { id: T };',
      'orm.Row<number>',
      { $ref: '#/schemas/orm.Row_number', named: { 'orm.Row_number': data } },
    ],
    [
      'may allow classes beside values',
      'export class DbNull { private _; run(): void }',
      'orm.DbNull | string | 1',
      { anyOf: [{ type: 'number', const: 1 }, { type: 'string' }] },
    ],
  ])('%s', async (_, types, type, expected) => {
    const row = await rowOf(types, type);
    if (Object.keys(expected).length > 0) expect(row).toEqual(expected);
    else expect(row).toEqual({ $ref: '#/schemas/orm.Row', named: { 'orm.Row': data } });
  });

  test('that cannot travel are reported where they are used', async () => {
    const { diagnostics } = await withPackage('export class Client { query(): void; on: () => void }', 'orm.Client');
    expect(diagnostics.map(({ code, position }) => `${code} ${position?.file}:${position?.line}`)).toEqual([
      'FL1702 a/a.ts:3',
    ]);
  });

  test('of a workspace, from their sources', async () => {
    const graph = await graphOf(`-- services/a/a.ts --
import { api } from 'encore.dev/api';
import type { Row } from '@acme/rows';
export const a = api({}, async (_: Row): Promise<void> => {});
-- tsconfig.json --
{ "compilerOptions": { "module": "preserve", "strict": true, "paths": { "@acme/rows": ["./packages/rows/src/index.ts"] } } }
-- packages/rows/src/index.ts --
export interface Row {
  /** Which. */
  id: number;
}
`);
    expect(graph.schemas).toEqual({
      'packages.rows.src.Row': { ...data, properties: { id: { type: 'number', description: 'Which.' } } },
    });
  });
});

describe('a package that is not installed', () => {
  const imports = "import { api } from 'encore.dev/api';\nimport { Row, query } from 'absent';\n";
  test.each<[string, string, unknown]>([
    [
      'a field of its types',
      'api({}, async (_: { row: Row; id: number }): Promise<void> => {});',
      { row: {}, id: { type: 'number' } },
    ],
    [
      'a field of the query string',
      "api({ method: 'GET' }, async (_: { row: Row }): Promise<void> => {});",
      { row: {} },
    ],
    ['a type of import()', "api({}, async (_: { row: import('absent').Row }): Promise<void> => {});", { row: {} }],
  ])('leaves anything for %s', async (_, endpoint, expected) => {
    const { diagnostics } = await analyzeText(`-- a/a.ts --\n${imports}export const a = ${endpoint}\n`);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const graph = await graphOf(`-- a/a.ts --\n${imports}export const a = ${endpoint}\n`);
    expect(graph.services[0]?.endpoints[0]?.request?.schema.properties).toEqual(expected);
  });

  test('leaves a response unknown, of another file, and a whole handler', async () => {
    const graph = await graphOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
import { rows } from '../lib/rows.ts';
import { wrap } from 'absent';
export const a = api({}, async () => ({ rows: await rows() }));
export const b = api({}, wrap(async () => ({ x: 1 })));
-- lib/rows.ts --
import { query } from 'absent';
export const rows = async () => query('x');
`);
    const [a, b] = graph.services[0]?.endpoints ?? [];
    expect(a?.response?.schema).toEqual({ type: 'object', properties: { rows: {} }, required: ['rows'] });
    expect(b?.response).toBeUndefined();
  });
});

test('an error in a decorator or in a method is not one of the type', async () => {
  expect(
    await errorsOf(`-- a/a.ts --
import { api } from 'encore.dev/api';
class Row {
  @nowhere() id!: number;
  load(): string { return 5; }
}
export const a = api({}, async (): Promise<Row> => new Row());
`),
  ).toEqual([]);
});
