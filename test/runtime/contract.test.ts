import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text as read } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createManifest } from '../../images/bundle/manifest.ts';
import { HttpStatus } from '../../runtime/api/mod.ts';
import { type Running, start } from '../../runtime/internal/start.ts';
import { currentRequest } from '../../runtime/mod.ts';
import { Decimal } from '../../runtime/types/mod.ts';
import { bigint, boolean, date, decimal, graphOf, list, message, number, text } from './support/graph.ts';

const get = ['GET' as const];
const status = { type: 'integer' };
const echo = (params: object) => params;
const seen = message({ seen: {} }, { optional: ['seen'] });

const endpoints = {
  plain: {
    part: { path: '/plain', methods: get, response: message({ a: text }) },
    handler: () => ({ a: 'x', b: 'y' }),
  },
  nothing: { part: { path: '/nothing' }, handler: () => ({ a: 'dropped' }) },
  created: {
    part: { path: '/created', response: message({ code: status, a: text }, { places: { code: 'status' } }) },
    handler: () => ({ code: HttpStatus.Created, a: 'x' }),
  },
  wrong: {
    part: { path: '/wrong', response: message({ a: number, b: text, c: text }, { optional: ['c'] }) },
    handler: () => ({ a: 'no number', c: undefined }),
  },
  continue: {
    part: { path: '/continue', response: message({ code: status }, { places: { code: 'status' } }) },
    handler: () => ({ code: HttpStatus.Continue }),
  },
  values: {
    part: {
      path: '/values',
      response: message({ at: date, big: bigint, price: decimal, none: text }, { optional: ['none'] }),
    },
    handler: () => ({ at: new Date(0), big: 2n ** 64n, price: new Decimal('0.10'), none: undefined }),
  },
  cookies: {
    part: {
      path: '/cookies',
      request: message({ path: text }),
      response: message({ one: text, two: text }, { places: { one: 'cookie one', two: 'cookie two' } }),
    },
    handler: ({ path }: { path: string }) => ({ one: { value: '1; Secure', path }, two: { value: '2' } }),
  },
  header: {
    part: {
      path: '/header',
      request: message({ value: text }),
      response: message(
        { first: text, value: text, seen: {} },
        { places: { first: 'header X-First', value: 'header X-Value' } },
      ),
    },
    handler: ({ value }: { value: string }) => ({ first: '1', value, seen: true }),
  },
  body: {
    part: { path: '/body', request: message({ name: text, on: boolean }, { optional: ['on'] }), response: seen },
    handler: (params: object) => ({ seen: params }),
  },
  optional: {
    part: { path: '/optional', request: message({ name: text }, { optional: ['name'] }), response: seen },
    handler: (params: object) => ({ seen: params }),
  },
  any: {
    part: { path: '/any', request: message({ value: {} }), response: seen },
    handler: ({ value }: { value: object }) => {
      const merged = Object.assign({}, value) as Record<string, unknown>;
      return {
        seen: { keys: Object.keys(value), admin: merged.admin ?? null, plain: ({} as typeof merged).admin ?? null },
      };
    },
  },
  open: {
    part: {
      path: '/record',
      request: {
        schema: { type: 'object', additionalProperties: {} },
        encodings: [{ methods: ['POST' as const], fields: [] }],
      },
      response: seen,
    },
    handler: (params: object) => ({
      seen: { keys: Object.keys(params), proto: Object.getPrototypeOf(params) === Object.prototype },
    }),
  },
  small: { part: { path: '/small', bodyLimit: 10, request: message({ a: text }) }, handler: () => undefined },
  query: {
    part: {
      path: '/query',
      methods: get,
      request: message(
        { n: number, on: boolean, at: date, many: list(number), some: list(number) },
        {
          optional: ['n', 'on', 'at', 'some'],
          places: { n: 'query', on: 'query', at: 'query', many: 'query', some: 'query' },
          methods: get,
        },
      ),
      response: message(
        { n: number, on: boolean, at: date, many: list(number), some: list(number) },
        { optional: ['n', 'on', 'at', 'some'] },
      ),
    },
    handler: echo,
  },
  path: {
    part: {
      path: '/path/:n/:on',
      methods: get,
      request: message({ n: number, on: boolean }, { places: { n: 'path', on: 'path' }, methods: get }),
      response: seen,
    },
    handler: (params: object) => ({ seen: params }),
  },
  rest: {
    part: {
      path: '/x/*p',
      methods: get,
      request: message({ p: text }, { places: { p: 'path' }, methods: get }),
      response: message({ p: text }),
    },
    handler: echo,
  },
  fallback: {
    part: {
      path: '/f/!rest',
      methods: get,
      request: message({ rest: text }, { places: { rest: 'path' }, methods: get }),
      response: message({ rest: text }),
    },
    handler: echo,
  },
  wildcard: {
    part: {
      path: '/f/w/*p',
      methods: get,
      request: message({ p: text }, { places: { p: 'path' }, methods: get }),
      response: message({ p: text }),
    },
    handler: echo,
  },
  options: { part: { path: '/options', methods: ['OPTIONS' as const] }, handler: () => undefined },
  forwarded: {
    part: { path: '/forwarded', methods: get, response: seen },
    handler: () => {
      const request = currentRequest();
      const headers = request?.type === 'api-call' ? request.headers : {};
      return { seen: Object.entries(headers).filter(([name]) => /^x-(forwarded|encore-meta|fairlead)-/.test(name)) };
    },
  },
  private: { part: { path: '/private', exposed: false, methods: get }, handler: () => undefined },
};

let app: Running;
let base: string;

beforeAll(async () => {
  Object.assign(process.env, { ENCORE_NOLOG: '1', HOST: '127.0.0.1', PORT: '0' });
  const named = Object.entries(endpoints).map(([name, { part }]) => ({ name, exposed: true, ...part }));
  const graph = graphOf({ web: { endpoints: named } });
  const manifest = createManifest(graph, { name: 'app', services: ['web'], gateway: true });
  const handlers = Object.fromEntries(
    Object.entries(endpoints).map(([name, { handler }]) => [`web.${name}`, handler as (params: never) => unknown]),
  );
  app = await start({ manifest, handlers });
  base = `http://127.0.0.1:${app.port}`;
});

afterAll(() => app.stop());

interface Asked {
  status: number;
  body: unknown;
  headers: IncomingMessage['headers'];
}

/** As it stands: `fetch` would add a content type. */
async function ask(target: string, body?: string, headers: Record<string, string> = {}): Promise<Asked> {
  const [method = '', path = ''] = target.split(' ');
  const asked = request(base + path, { method, headers });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answer = await read(response);
  return { status: response.statusCode ?? 0, body: answer === '' ? '' : JSON.parse(answer), headers: response.headers };
}

const refused = (message: string) => ({ code: 'invalid_argument', message, details: null });
const notFound = (message: string) => ({ code: 'not_found', message, details: null });

/** What the contract says of HTTP, and what shows it: a request, its body, and the answer. */
const sentences: [sentence: string, target: string, body: string | undefined, status: number, answer: unknown][] = [
  ['Success status 200 always', 'GET /plain', undefined, 200, { a: 'x' }],
  ['unless an HttpStatus field sets it', 'POST /created', undefined, 201, { a: 'x' }],
  ['No response schema: 200 with empty body', 'POST /nothing', undefined, 200, ''],
  ['only schema-declared fields', 'GET /plain', undefined, 200, { a: 'x' }],
  ['response values are not validated', 'POST /wrong', undefined, 200, { a: 'no number' }],
  ['Unknown request fields are ignored', 'POST /body', '{"name": "a", "x": {"y": 1}}', 200, { seen: { name: 'a' } }],
  ['Request Content-Type is not checked', 'POST /body', '{"name": "a"}', 200, { seen: { name: 'a' } }],
  [
    'An empty body on an endpoint with a body schema: 400',
    'POST /optional',
    undefined,
    400,
    refused('unable to decode request body: the body is empty'),
  ],
  [
    'Body over bodyLimit: 400, not 413',
    'POST /small',
    '{"a": "xxxxxxxxxx"}',
    400,
    refused('unable to read request body: length limit exceeded'),
  ],
  ['missing field name', 'POST /body', '{}', 400, refused('unable to decode request body: missing field name')],
  [
    'unable to decode request body: …',
    'POST /body',
    '{"name": "a", "on": 1}',
    400,
    refused('unable to decode request body: on: expected a boolean, got a number'),
  ],
  [
    'unable to decode query string: …',
    'GET /query?n=x',
    undefined,
    400,
    refused('unable to decode query string: n: not a valid number'),
  ],
  [
    'path parameter is not a valid number',
    'GET /path/x/true',
    undefined,
    400,
    refused('path parameter is not a valid number'),
  ],
  ['the same of booleans', 'GET /path/1/x', undefined, 400, refused('path parameter is not a valid boolean')],
  [
    'Query values are coerced to number, boolean, Date; arrays are repeated keys',
    'GET /query?n=1.5&on=true&at=2026-01-01T01:00:00%2B01:00&many=1&many=2',
    undefined,
    200,
    { n: 1.5, on: true, at: '2026-01-01T00:00:00.000Z', many: [1, 2] },
  ],
  ['a list without its key is empty, and an optional one is not there', 'GET /query', undefined, 200, { many: [] }],
  ['an optional list of one', 'GET /query?some=1', undefined, 200, { many: [], some: [1] }],
  [
    'Date as RFC 3339, bigint and Decimal as decimal text, undefined omitted',
    'POST /values',
    undefined,
    200,
    { at: '1970-01-01T00:00:00.000Z', big: '18446744073709551616', price: '0.1' },
  ],
  ['trailing-slash variant of every route', 'GET /plain/', undefined, 200, { a: 'x' }],
  ['trailing slash after a parameter', 'GET /path/1/true/', undefined, 200, { seen: { n: 1, on: true } }],
  ['HEAD falls back to GET', 'HEAD /plain', undefined, 200, ''],
  ['/x/*p also matches /x/', 'GET /x/', undefined, 200, { p: '' }],
  ['fallback routes are consulted last', 'GET /f/other', undefined, 200, { rest: 'other' }],
  ['after a wildcard', 'GET /f/w/other', undefined, 200, { p: 'other' }],
  ['404 not_found, endpoint not found', 'GET /none', undefined, 404, notFound('endpoint not found')],
  ['wrong method: 404 no route for method', 'DELETE /plain', undefined, 404, notFound('no route for method')],
  ['non-exposed endpoint from outside: 404', 'GET /private', undefined, 404, notFound('endpoint not found')],
  ['a method that no endpoint can have', 'PROPFIND /plain', undefined, 404, notFound('no route for method')],
  ['Gateway answers every OPTIONS itself with 200', 'OPTIONS /options', undefined, 200, ''],
  ['also where there is no endpoint', 'OPTIONS /none', undefined, 200, ''],
];

test.each(sentences)('%s: %s', async (_, target, body, status, expected) => {
  const answer = await ask(target, body);
  expect([answer.status, answer.body]).toEqual([status, expected]);
  expect(answer.headers['x-encore-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  const isJson = expected !== '' || target.startsWith('HEAD');
  expect(answer.headers['content-type']).toBe(isJson ? 'application/json' : undefined);
});

test('health: 200 JSON', async () => {
  const { status, body, headers } = await ask('GET /__encore/healthz');
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  expect(body).toMatchObject({ code: 'ok' });
});

test('several cookies are several headers', async () => {
  const { headers } = await ask('POST /cookies', '{"path": "/"}');
  expect(headers['set-cookie']).toEqual(['one=1%3B%20Secure; Path=/', 'two=2']);
});

test('X-Forwarded-* are set, and x-encore-meta-* are stripped', async () => {
  const { body } = await ask('GET /forwarded', undefined, {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    host: 'shop.test',
    'x-encore-meta-userid': 'root',
    'x-fairlead-call': 'e30',
  });
  expect(body).toEqual({
    seen: expect.arrayContaining([
      ['x-forwarded-for', '203.0.113.7, 127.0.0.1'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-host', 'shop.test'],
    ]),
  });
  expect((body as { seen: unknown[] }).seen).toHaveLength(3);
});

describe('what a caller sends cannot become something else', () => {
  const internal = { code: 'internal', message: 'an internal error occurred', details: null };

  test.each(['a\r\nset-cookie: admin=1', 'a\nb', 'a\u0000', 'ключ'])('a header: %j', async (value) => {
    const { status, body, headers } = await ask('POST /header', JSON.stringify({ value }));
    expect([status, body]).toEqual([500, internal]);
    // Nothing of what was about to be answered is left.
    expect([headers['x-first'], headers['set-cookie']]).toEqual([undefined, undefined]);
    expect(headers['content-type']).toBe('application/json');
  });

  test.each(['/; Domain=evil.test', '/\r\nx: y', '/\u0000'])('an attribute of a cookie: %j', async (path) => {
    const { status, body, headers } = await ask('POST /cookies', JSON.stringify({ path }));
    expect([status, body, headers['set-cookie']]).toEqual([500, internal, undefined]);
  });

  test.each([
    ['plain', '{"value": {"__proto__": {"admin": true}, "a": 1}}'],
    ['escaped', '{"value": {"\\u005f_proto\\u005F_": {"admin": true}, "a": 1}}'],
    ['escaped in part', '{"value": {"__\\u0070roto__": {"admin": true}, "a": 1}}'],
  ])('a prototype, %s', async (_, body) => {
    expect(await ask('POST /any', body)).toMatchObject({
      status: 200,
      body: { seen: { keys: ['a'], admin: null, plain: null } },
    });
  });

  test('a prototype, among properties without names', async () => {
    const { body } = await ask('POST /record', '{"__proto__": {"admin": true}, "constructor": 1, "toString": 2}');
    expect(body).toEqual({ seen: { keys: ['constructor', 'toString'], proto: true } });
  });

  test('the prototype is no source of fields either', async () => {
    expect(await ask('POST /body', '{"__proto__": {"name": "a"}}')).toMatchObject({
      status: 400,
      body: refused('unable to decode request body: missing field name'),
    });
  });

  test('a value of any shape that could not be written again', async () => {
    const nested = (depth: number) => `{"value": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(await ask('POST /any', nested(5_000))).toMatchObject({
      status: 400,
      body: refused('unable to decode request body: it is nested too deeply'),
    });
    expect((await ask('POST /any', nested(400))).status).toBe(200);
  });

  test('a status that ends no response', async () => {
    expect(await ask('POST /continue')).toMatchObject({ status: 500, body: internal });
  });
});
