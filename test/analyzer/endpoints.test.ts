import { describe, expect, test } from '@jest/globals';
import type { Endpoint } from '../../analyzer/mod.ts';
import { graphOf } from './application.ts';

/** The endpoints of a service `a` with one module, by name. */
async function endpointsOf(module: string, more = ''): Promise<Record<string, Endpoint>> {
  const { services } = await graphOf(`-- a/a.ts --\n${module}\n${more}`);
  return Object.fromEntries(
    services.flatMap(({ endpoints }) => endpoints.map((endpoint) => [endpoint.name, endpoint])),
  );
}

const imports = "import { api } from 'encore.dev/api';\n";

test('the defaults', async () => {
  const { a } = await endpointsOf(`${imports}export const a = api({}, async (): Promise<void> => {});`);
  expect(a).toEqual({
    name: 'a',
    module: 'a/a.ts',
    kind: 'typed',
    methods: ['POST'],
    path: '/a.a',
    exposed: false,
    auth: false,
    bodyLimit: 2097152,
    tags: [],
    sensitive: false,
    position: { file: 'a/a.ts', line: 2, column: 18, endLine: 2, endColumn: 56 },
  });
});

test('every option', async () => {
  const { a } = await endpointsOf(`${imports}
/** Says *hello*.
 *
 * Twice. */
export const a = api(
  { method: ['POST', 'GET'], path: '/a/:id', expose: true, auth: false, bodyLimit: 5 * (1 << 20), tags: ['y', 'x', 'y'], sensitive: true },
  async (_: { id: string }): Promise<void> => {},
);`);
  expect(a).toMatchObject({
    methods: ['GET', 'POST'],
    path: '/a/:id',
    exposed: true,
    auth: false,
    bodyLimit: 5242880,
    tags: ['x', 'y'],
    sensitive: true,
    doc: 'Says *hello*.\n\nTwice.',
  });
});

test.each([
  ["'*'", ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE']],
  ["'CONNECT'", ['CONNECT']],
  ["['PUT', 'PATCH', 'PUT']", ['PUT', 'PATCH']],
])('method %s', async (method, expected) => {
  const { a } = await endpointsOf(
    `${imports}export const a = api({ method: ${method}, bodyLimit: null }, async () => {});`,
  );
  expect(a).toMatchObject({ methods: expected, bodyLimit: null });
});

test.each(['/', '/a', '/:a', '/a/:b/c', '/a/*rest', '/!fallback', '/v1/orders:batch'])('path %s', async (path) => {
  const request = '_: { a: string; b: string; rest: string; fallback: string }';
  const { a } = await endpointsOf(`${imports}export const a = api({ path: '${path}' }, async (${request}) => {});`);
  expect(a?.path).toBe(path);
});

test('paths that differ in a literal, a method or a kind of segment do not conflict', async () => {
  const names = await endpointsOf(`${imports}
type R = { x: string };
export const a = api({ path: '/o/:x', method: 'GET' }, async (_: R) => {});
export const b = api({ path: '/o/:x', method: 'POST' }, async (_: R) => {});
export const c = api({ path: '/o/list', method: 'GET' }, async () => {});
export const d = api({ path: '/o/*x', method: 'GET' }, async (_: R) => {});
export const e = api({ path: '/o/:x/e', method: 'GET' }, async (_: R) => {});
export const f = api({ path: '/!x', method: 'GET' }, async (_: R) => {});`);
  expect(Object.keys(names)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

describe('found by what is called, not by how it is spelled', () => {
  const handler = 'async (): Promise<void> => {}';
  test.each([
    ['an alias', `import { api as endpoint } from 'encore.dev/api';\nexport const a = endpoint({}, ${handler});`, ''],
    ['a namespace', `import * as encore from 'encore.dev/api';\nexport const a = encore.api({}, ${handler});`, ''],
    [
      'a member by its name',
      `import * as encore from 'encore.dev/api';\nexport const a = encore['api']({}, ${handler});`,
      '',
    ],
    [
      'a re-export',
      `import { define } from '../lib.ts';\nexport const a = define({}, ${handler});`,
      "-- lib.ts --\nexport { api as define } from 'encore.dev/api';",
    ],
    [
      'a re-export of everything',
      `import { api } from '../lib';\nexport const a = api({}, ${handler});`,
      "-- lib.ts --\nexport * from 'encore.dev/api';",
    ],
    [
      'a namespace of a re-export',
      `import { encore } from '../lib';\nexport const a = encore.api({}, ${handler});`,
      "-- lib.ts --\nexport * as encore from 'encore.dev/api';",
    ],
    [
      'a path of tsconfig.json',
      `import { api } from '#lib/encore';\nexport const a = api({}, ${handler});`,
      `-- tsconfig.json --\n{ "compilerOptions": { "module": "preserve", "paths": { "#lib/*": ["./lib/*"] } } }\n-- lib/encore.ts --\nexport * from 'encore.dev/api';`,
    ],
    ['parentheses and casts', `${imports}export const a = (api({}, ${handler})) as () => Promise<void>;`, ''],
  ])('%s', async (_, module, more) => {
    expect(Object.keys(await endpointsOf(module, more))).toEqual(['a']);
  });

  test('another function of the same name is none', async () => {
    const module = `${imports}import { api as other } from '../other.ts';\nexport const a = api({}, ${handler});\nexport const b = other({}, ${handler});`;
    expect(
      Object.keys(await endpointsOf(module, '-- other.ts --\nexport const api = (..._: unknown[]) => 1;')),
    ).toEqual(['a']);
  });
});

test.each([
  ['with a declaration', 'export const a = api({}, async () => {});'],
  ['below', 'const a = api({}, async () => {});\nexport { a };'],
  ['under another name', 'const b = api({}, async () => {});\nexport { b as a };'],
])('exported %s', async (_, module) => {
  expect(Object.keys(await endpointsOf(imports + module))).toEqual(['a']);
});

describe('types of the handler', () => {
  const response = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const request = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
  test.each([
    ['inline', 'export const a = api({}, async (r: { id: string }): Promise<{ n: number }> => ({ n: 1 }));'],
    ['inferred', 'export const a = api({}, async ({ id }: { id: string }) => ({ n: id.length }));'],
    ['not asynchronous', 'export const a = api({}, ({ id }: { id: string }) => ({ n: id.length }));'],
    ['a promise that is returned', 'export const a = api({}, (r: { id: string }) => Promise.resolve({ n: 1 }));'],
    ['type arguments', 'export const a = api<{ id: string }, { n: number }>({}, async (r) => ({ n: 1 }));'],
    [
      'a named function',
      'export const a = api({}, handle);\nasync function handle(r: { id: string }) { return { n: 1 }; }',
    ],
    ['an optional parameter', 'export const a = api({}, async (r?: { id: string }) => ({ n: 1 }));'],
    [
      'a method',
      'class C { static async handle(r: { id: string }) { return { n: 1 }; } }\nexport const a = api({}, C.handle);',
    ],
    [
      'wrapped',
      'const logged = <A, B>(f: (a: A) => Promise<B>) => (a: A) => f(a);\nexport const a = api({}, logged(async (r: { id: string }) => ({ n: 1 })));',
    ],
    [
      'what another function returns',
      'const load = async (id: string) => ({ n: id.length });\nexport const a = api({}, ({ id }: { id: string }) => load(id));',
    ],
  ])('%s', async (_, module) => {
    const { a } = await endpointsOf(imports + module);
    expect(a?.request?.schema).toEqual(request);
    expect(a?.response?.schema).toEqual(response);
  });

  test('imported, and through a client of another service', async () => {
    const endpoints = await endpointsOf(
      `${imports}import { handle } from '../lib.ts';\nimport { b as other } from '~encore/clients';
export const a = api({}, handle);
export const c = api({}, () => other.b({ id: 'x' }));`,
      `-- lib.ts --\nexport async function handle(r: { id: string }) { return { n: 1 }; }
-- b/b.ts --\n${imports}export const b = api({}, async (r: { id: string }) => ({ n: 1 }));`,
    );
    expect(endpoints.a?.response?.schema).toEqual(response);
    expect(endpoints.c?.response?.schema).toEqual(response);
    expect(endpoints.c?.request).toBeUndefined();
  });
});

describe('where fields travel', () => {
  const brands = "import { api, type Header, type Query, type Cookie, HttpStatus } from 'encore.dev/api';\n";
  const wires = (endpoint: Endpoint | undefined, message: 'request' | 'response') =>
    endpoint?.[message]?.encodings.map(
      ({ methods, fields }) =>
        `${methods.join(' ')}: ${fields.map((field) => `${field.name}=${field.in}:${field.wire}`).join(' ')}`,
    );

  test('in the body, the path and the query string, by method', async () => {
    const { a } = await endpointsOf(`${imports}
export const a = api({ method: ['GET', 'POST', 'DELETE', 'PATCH'], path: '/:id' }, async (_: { id: number; tags?: string[]; on: Date }) => {});`);
    expect(wires(a, 'request')).toEqual([
      'POST PATCH: id=path:id on=body:on tags=body:tags',
      'GET DELETE: id=path:id on=query:on tags=query:tags',
    ]);
  });

  test('by Header, Query and Cookie, with names and types, behind aliases and utility types', async () => {
    const { a } = await endpointsOf(`${brands}
type Token = Header<'X-Token'>;
interface Base { plain: Header; named?: Header<'X-Named'>; typed: Header<number, 'X-Count'>; token: Token | undefined }
interface R extends Partial<Base> { q: Query<string[], 'tag'>; page?: Query<number>; c: Cookie<'session'>; body: string }
export const a = api({}, async (_: R) => {});`);
    expect(wires(a, 'request')).toEqual([
      'POST: body=body:body c=cookie:session named=header:x-named page=query:page plain=header:plain q=query:tag token=header:x-token typed=header:x-count',
    ]);
    const graph = await graphOf(`-- a/a.ts --\n${brands}
interface R { h: Header<number, 'X-Count'>; q: Query<string[], 'tag'>; c: Cookie<Date, 'seen'>; s?: Header<'a' | 'b', 'X-Kind'> }
export const a = api({}, async (_: R) => {});`);
    expect(graph.schemas['a.R']).toEqual({
      type: 'object',
      properties: {
        c: { type: 'string', 'x-type': 'date' },
        h: { type: 'number' },
        q: { type: 'array', items: { type: 'string' } },
        s: { type: 'string', enum: ['a', 'b'] },
      },
      required: ['c', 'h', 'q'],
    });
  });

  test('of responses: headers, cookies and the status leave the body', async () => {
    const { a, b } = await endpointsOf(`${brands}
interface R { status: HttpStatus; location: Header<'Location'>; session?: Cookie<'session'>; q: Query; id: number }
export const a = api({ method: ['GET', 'POST'] }, async (): Promise<R> => null!);
export const b = api({}, async () => ({ made: HttpStatus.Created, id: 1 }));`);
    expect(wires(a, 'response')).toEqual([
      'GET POST: id=body:id location=header:location q=body:q session=cookie:session status=status:status',
    ]);
    expect(wires(b, 'response')).toEqual(['POST: id=body:id made=status:made']);
  });

  test('of unions: the fields of every member', async () => {
    const { a } = await endpointsOf(`${imports}
export const a = api({}, async (_: { kind: 'a'; x: 1 } | { kind: 'b'; y: 2 }) => {});`);
    expect(wires(a, 'request')).toEqual(['POST: kind=body:kind x=body:x y=body:y']);
  });
});
