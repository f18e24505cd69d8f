import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonSchema } from '../../analyzer/graph.ts';
import { createManifest } from '../../images/bundle/manifest.ts';
import { APIError, ErrCode, HttpStatus } from '../../runtime/api/mod.ts';
import { type Running, start } from '../../runtime/internal/start.ts';
import { currentRequest } from '../../runtime/mod.ts';
import { bigint, boolean, date, decimal, graphOf, list, message, number, text } from './support/graph.ts';

const scalars = {
  id: number,
  tags: list(text),
  on: boolean,
  since: date,
  big: bigint,
  level: { type: 'string', enum: ['low', 'high'] },
};
const every = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'] as const;

const nested: JsonSchema = { type: 'object', required: [], properties: { inner: { $ref: '#/schemas/Nested' } } };

const endpoints = {
  deep: {
    part: { path: '/deep', request: message({ inner: { $ref: '#/schemas/Nested' } }) },
    handler: () => undefined,
  },
  create: {
    part: {
      path: '/things',
      request: message({ name: text, price: decimal, due: date }, { optional: ['price', 'due'] }),
      response: message({ name: text, price: decimal, due: date }, { optional: ['price', 'due'] }),
    },
    handler: (params: object) => ({ ...params, internal: 'not declared' }),
  },
  find: {
    part: {
      path: '/things/:id',
      methods: ['GET' as const],
      request: message(scalars, {
        optional: ['on', 'since', 'big', 'level'],
        places: { id: 'path', tags: 'query tag', on: 'query', since: 'query', big: 'query', level: 'query' },
        methods: ['GET'],
      }),
      response: message({ seen: {} }),
    },
    handler: (params: { since?: Date }) => ({ seen: { ...params, isDate: params.since instanceof Date } }),
  },
  travel: {
    part: {
      path: '/travel',
      request: message(
        { token: text, count: number, session: text, session2: number },
        { places: { token: 'header X-Token', count: 'header X-Count', session: 'cookie sid', session2: 'cookie n' } },
      ),
      response: message(
        { status: { type: 'integer' }, token: text, next: date, sid: text, seen: {} },
        { places: { status: 'status', token: 'header X-Token', next: 'header X-Next', sid: 'cookie sid' } },
      ),
    },
    handler: (params: { token: string }) => ({
      status: HttpStatus.Created,
      token: params.token,
      next: new Date(Date.UTC(2026)),
      sid: { value: 'a b', httpOnly: true, path: '/', maxAge: 60, expires: new Date(Date.UTC(2026)), sameSite: 'Lax' },
      seen: params,
    }),
  },
  open: {
    part: {
      path: '/open',
      request: {
        schema: { type: 'object', additionalProperties: date },
        encodings: [{ methods: ['POST' as const], fields: [] }],
      },
      response: {
        schema: { type: 'object', properties: { status: { type: 'integer' } }, additionalProperties: date },
        encodings: [
          { methods: ['POST' as const], fields: [{ name: 'status', in: 'status' as const, wire: 'status' }] },
        ],
      },
    },
    handler: (params: object) => ({ status: HttpStatus.Accepted, ...params }),
  },
  nothing: { part: { path: '/nothing', methods: [...every] }, handler: () => undefined },
  rest: {
    part: {
      path: '/files/*path',
      methods: ['GET' as const],
      request: message({ path: text }, { places: { path: 'path' }, methods: ['GET'] }),
      response: message({ path: text }),
    },
    handler: (params: object) => params,
  },
  fallback: {
    part: {
      path: '/app/!rest',
      methods: ['GET' as const],
      request: message({ rest: text }, { places: { rest: 'path' }, methods: ['GET'] }),
      response: message({ fallback: text }),
    },
    handler: ({ rest }: { rest: string }) => ({ fallback: rest }),
  },
  page: {
    part: { path: '/app/page', methods: ['GET' as const], response: message({ page: boolean }) },
    handler: () => ({ page: true }),
  },
  small: {
    part: { path: '/small', bodyLimit: 20, request: message({ a: text }), response: message({ a: text }) },
    handler: (params: object) => params,
  },
  large: {
    part: { path: '/large', bodyLimit: null, request: message({ a: text }), response: message({ length: number }) },
    handler: ({ a }: { a: string }) => ({ length: a.length }),
  },
  fails: {
    part: {
      path: '/fails/:how',
      methods: ['GET' as const],
      request: message({ how: text }, { places: { how: 'path' }, methods: ['GET'] }),
    },
    handler: ({ how }: { how: string }) => {
      if (how === 'unexpected') throw new Error('password=hunter2');
      if (how === 'internal') throw APIError.internal('password=hunter2');
      if (how === 'cause') throw APIError.notFound('no thing', new Error('row missing'));
      if (how === 'details') throw APIError.failedPrecondition('not yet').withDetails({ wait: 5 });
      throw new APIError(how as ErrCode, how);
    },
  },
  request: {
    part: {
      path: '/request/:a/:b',
      methods: ['GET' as const],
      request: message({ a: text, b: text }, { places: { a: 'path', b: 'path' }, methods: ['GET'] }),
      response: message({ meta: {} }),
    },
    handler: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { meta: currentRequest() };
    },
  },
  guarded: { part: { path: '/guarded', auth: true }, handler: () => undefined },
  hidden: { part: { path: '/hidden', exposed: false }, handler: () => undefined },
};

let app: Running;
let base: string;

beforeAll(async () => {
  Object.assign(process.env, { ENCORE_NOLOG: '1', HOST: '127.0.0.1', PORT: '0' });
  const named = Object.entries(endpoints).map(([name, { part }]) => ({ name, exposed: true, ...part }));
  const graph = graphOf({ web: { endpoints: named } }, { schemas: { Nested: nested } });
  const manifest = createManifest(graph, { name: 'app', services: ['web'], gateway: true });
  const handlers = Object.fromEntries(
    Object.entries(endpoints).map(([name, { handler }]) => [`web.${name}`, handler as (params: never) => unknown]),
  );
  app = await start({ manifest, handlers });
  base = `http://127.0.0.1:${app.port}`;
});

afterAll(() => app.stop());

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = await response.text();
  return { status: response.status, body: answer === '' ? '' : JSON.parse(answer), headers: response.headers };
}

const refused = (message: string) => ({ code: 'invalid_argument', message, details: null });

test.each([
  ['a body, of which undeclared fields are ignored', 'POST', '/things', { name: 'a', other: 1 }, { name: 'a' }],
  [
    'dates and decimals',
    'POST',
    '/things',
    { name: 'a', price: '1.50', due: '2026-01-01T01:00:00+01:00' },
    { name: 'a', price: '1.5', due: '2026-01-01T00:00:00.000Z' },
  ],
  [
    'a path, a list and coerced values of the query',
    'GET',
    '/things/7?tag=a&tag=b&on=true&big=9007199254740993&level=low&x=1',
    undefined,
    { seen: { id: 7, tags: ['a', 'b'], on: true, big: '9007199254740993', level: 'low', isDate: false } },
  ],
  [
    'a date in the query',
    'GET',
    '/things/7?since=2026-01-01T00:00:00Z',
    undefined,
    { seen: { id: 7, tags: [], since: '2026-01-01T00:00:00.000Z', isDate: true } },
  ],
  ['a trailing slash', 'GET', '/things/7/', undefined, { seen: { id: 7, tags: [], isDate: false } }],
  ['a wildcard', 'GET', '/files/a/b%20c', undefined, { path: 'a/b c' }],
  ['an empty wildcard', 'GET', '/files/', undefined, { path: '' }],
  ['a literal before a fallback', 'GET', '/app/page', undefined, { page: true }],
  ['a fallback', 'GET', '/app/other/one', undefined, { fallback: 'other/one' }],
])('answers %s', async (_, method, path, body, expected) => {
  const answer = await ask(method, path, body);
  expect(answer).toMatchObject({ status: 200, body: expected });
  expect(answer.body).toEqual(expected);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('x-encore-trace-id')).toMatch(/^[0-9a-f]{32}$/);
});

test.each([
  ['POST', '/things', {}, 'unable to decode request body: missing field name'],
  ['POST', '/things', { name: 5 }, 'unable to decode request body: name: expected a string, got a number'],
  ['POST', '/things', [], 'unable to decode request body: expected an object'],
  ['POST', '/things', undefined, 'unable to decode request body: the body is empty'],
  ...['abc', '0x10', '%201', '1_0', '007', 'Infinity', '1e999'].map((text): [string, string, undefined, string] => [
    'GET',
    `/things/${text}`,
    undefined,
    'path parameter is not a valid number',
  ]),
  ['GET', '/things/7?on=yes', undefined, 'unable to decode query string: on: not a valid boolean'],
  [
    'GET',
    '/things/7?since=now',
    undefined,
    'unable to decode query string: since: expected an RFC 3339 date and time, got a string',
  ],
  ['GET', '/things/7?level=none', undefined, 'unable to decode query string: level: expected one of "low", "high"'],
  ['POST', '/travel', undefined, 'unable to decode request headers: missing field token'],
])('%s %s %j is refused: %s', async (method, path, body, message) => {
  expect(await ask(method, path, body)).toMatchObject({ status: 400, body: refused(message) });
});

test('a body that is not JSON is refused with the reason', async () => {
  const { status, body } = await ask('POST', '/things', '{"name": ');
  expect(status).toBe(400);
  expect(body.message).toMatch(/^unable to decode request body: .*JSON/);
});

test('a body that is nested too deeply is refused', async () => {
  const depth = 100_000;
  const { status, body } = await ask('POST', '/deep', `${'{"inner":'.repeat(depth)}{}${'}'.repeat(depth)}`);
  expect({ status, body }).toEqual({
    status: 400,
    body: refused('unable to decode request body: it is nested too deeply'),
  });
});

test('headers, cookies and the status travel outside of the body', async () => {
  const { status, body, headers } = await ask('POST', '/travel', undefined, {
    'X-Token': 't',
    'X-Count': '5',
    cookie: 'other=1; sid=a%20b; n="7"',
  });
  expect(status).toBe(201);
  expect(body).toEqual({ seen: { token: 't', count: 5, session: { value: 'a b' }, session2: { value: 7 } } });
  expect(headers.get('x-token')).toBe('t');
  expect(headers.get('x-next')).toBe('2026-01-01T00:00:00.000Z');
  expect(headers.getSetCookie()).toEqual([
    'sid=a%20b; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Max-Age=60; Path=/; SameSite=Lax; HttpOnly',
  ]);
});

test('properties that no field names travel in the body', async () => {
  const json = { one: '2026-01-01T00:00:00.000Z' };
  expect(await ask('POST', '/open', json)).toMatchObject({ status: 202, body: json });
  expect(await ask('POST', '/open', { one: 1 })).toMatchObject({ status: 400 });
});

test('nothing is an empty response without a content type', async () => {
  const { status, body, headers } = await ask('POST', '/nothing');
  expect([status, body, headers.get('content-type'), headers.get('content-length')]).toEqual([200, '', null, '0']);
});

test('HEAD is GET without the body', async () => {
  const { status, body, headers } = await ask('HEAD', '/app/page');
  expect([status, body, headers.get('content-type')]).toEqual([200, '', 'application/json']);
});

test.each([
  ['GET', '/none', 'endpoint not found'],
  ['GET', '/things', 'no route for method'],
  ['POST', '/hidden', 'endpoint not found'],
  ['POST', '/__fairlead/cron/x', 'endpoint not found'],
  ['POST', '/__fairlead/call/web/hidden', 'endpoint not found'],
  ['GET', '/%zz', 'endpoint not found'],
])('%s %s is 404 %s', async (method, path, message) => {
  expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'not_found', message, details: null } });
});

test('an endpoint that asks for authentication refuses who has none', async () => {
  expect(await ask('POST', '/guarded')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});

const statuses: Record<ErrCode, number> = {
  ok: 200,
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
};
test.each(Object.values(ErrCode).filter((code) => code !== 'internal'))('%s has its status', async (code) => {
  const { status, body } = await ask('GET', `/fails/${code}`);
  expect([status, body]).toEqual([statuses[code], { code, message: code, details: null }]);
});

test.each(['unexpected', 'internal'])('the text of an %s error stays inside', async (how) => {
  const { status, body } = await ask('GET', `/fails/${how}`);
  expect([status, body]).toEqual([500, { code: 'internal', message: 'an internal error occurred', details: null }]);
});

test.each([
  ['cause', 404, { code: 'not_found', message: 'no thing: row missing', details: null }],
  ['details', 400, { code: 'failed_precondition', message: 'not yet', details: { wait: 5 } }],
])('an error with %s', async (how, status, body) => {
  expect(await ask('GET', `/fails/${how}`)).toMatchObject({ status, body });
});

test.each([
  ['declared', JSON.stringify({ a: 'x'.repeat(50) })],
  ['megabytes of it', JSON.stringify({ a: 'x'.repeat(5_000_000) })],
])('a body over the limit is refused: %s', async (_, body) => {
  const answer = await ask('POST', '/small', body);
  expect(answer).toMatchObject({ status: 400, body: refused('unable to read request body: length limit exceeded') });
});

test('a body over the limit whose length is not declared is refused', async () => {
  const chunks = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode('x'.repeat(30)));
      controller.close();
    },
  });
  const response = await fetch(`${base}/small`, { method: 'POST', body: chunks, duplex: 'half' } as RequestInit);
  expect(await response.json()).toEqual(refused('unable to read request body: length limit exceeded'));
});

test('a body without a limit may be large', async () => {
  expect((await ask('POST', '/large', { a: 'x'.repeat(5_000_000) })).body).toEqual({ length: 5_000_000 });
});

test('a handler can ask what it works on', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { body, headers } = await ask('GET', '/request/x/y?q=1', undefined, {
    traceparent,
    'x-fairlead-caller': 'me',
    'X-Encore-Meta-UserID': 'root',
  });
  expect(body.meta).toMatchObject({
    type: 'api-call',
    api: { service: 'web', endpoint: 'request', raw: false, auth: false, tags: [] },
    method: 'GET',
    path: '/request/x/y',
    pathAndQuery: '/request/x/y?q=1',
    pathParams: { a: 'x', b: 'y' },
    parsedPayload: { a: 'x', b: 'y' },
    trace: { traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331' },
  });
  expect(headers.get('x-encore-trace-id')).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(Object.keys(body.meta.headers).filter((name) => /^x-(fairlead|encore-meta)/.test(name))).toEqual([]);
  expect(currentRequest()).toBeUndefined();
});

test('a page of any origin may ask without credentials, with the headers of the schemas', async () => {
  const preflight = await ask('OPTIONS', '/anything', undefined, {
    origin: 'https://a.test',
    'access-control-request-method': 'POST',
  });
  expect([preflight.status, preflight.body]).toEqual([200, '']);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://a.test');
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  expect(preflight.headers.get('access-control-allow-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'x-token', 'x-count']),
  );
  const real = await ask('GET', '/app/page', undefined, { origin: 'https://a.test' });
  expect(real.headers.get('access-control-allow-origin')).toBe('https://a.test');
  expect(real.headers.get('access-control-expose-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['x-encore-trace-id', 'x-next']),
  );
});

test('is healthy', async () => {
  expect(await ask('GET', '/__encore/healthz')).toMatchObject({ status: 200, body: { code: 'ok' } });
});
