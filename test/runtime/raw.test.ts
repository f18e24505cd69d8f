import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

const auth: InfraConfig['auth'] = [{ type: 'key', id: 1, key: 'key' }];
const run = (name: string, config: InfraConfig = { auth }) => startProcess('./raw.ts', config, { PROCESS: name });

const topologies: Record<string, () => Promise<{ door: AppProcess; web: AppProcess }>> = {
  async 'all-in-one'() {
    const app = await run('app');
    return { door: app, web: app };
  },
  async 'per-service'() {
    const web = await run('web');
    return { web, door: await run('gateway', { auth, service_discovery: { web: { base_url: web.url } } }) };
  },
};

afterAll(killAll);

describe.each(Object.keys(topologies))('%s', (name) => {
  let door: AppProcess;
  let web: AppProcess;

  beforeAll(async () => {
    ({ door, web } = await (topologies[name] as (typeof topologies)[string])());
  });

  const ask = async (method: string, path: string, options: RequestInit = {}) => {
    const response = await fetch(door.url + path, { method, ...options });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const askJson = async (method: string, path: string, options?: RequestInit) => {
    const { text, ...rest } = await ask(method, path, options);
    return { ...rest, body: JSON.parse(text) };
  };
  const json = (body: unknown): RequestInit => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

  describe('an application of Express', () => {
    test('routes, and sets several cookies', async () => {
      const { status, body, headers } = await askJson('GET', '/express/hello/ann?q=1');
      expect([status, body]).toEqual([200, { name: 'ann', query: { q: '1' }, ip: '127.0.0.1', secure: false }]);
      expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/; HttpOnly']);
      expect(headers.get('x-encore-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    });

    test('parses a body, and is still within its request then', async () => {
      const { status, body } = await askJson('POST', '/express/echo', json({ a: 1 }));
      expect([status, body]).toEqual([201, { body: { a: 1 }, endpoint: 'express', params: { path: 'echo' } }]);
    });

    test.each([
      ['of its own', '/express/echo', 413, 'request entity too large'],
      ['of the endpoint', '/express/large', 400, 'unable to read request body: length limit exceeded'],
    ])('hears of a body beyond the limit %s', async (_, path, status, failed) => {
      const large = { a: 'x'.repeat(3_000_000) };
      expect(await askJson('POST', path, json(large))).toMatchObject({ status, body: { failed } });
      const { body, headers } = json(large);
      const chunks = (async function* () {
        yield Buffer.from(body as string);
      })();
      const streamed = await askJson('POST', path, { body: chunks, headers, duplex: 'half' } as RequestInit);
      expect(streamed).toMatchObject({ status, body: { failed } });
    });

    test('answers its own failures', async () => {
      expect(await askJson('GET', '/express/fails')).toMatchObject({
        status: 500,
        body: { failed: 'express says so' },
      });
    });
  });

  test('Apollo’s server answers', async () => {
    const query = { query: 'query($name: String!) { hello(name: $name) }', variables: { name: 'ann' } };
    expect(await askJson('POST', '/graphql', json(query))).toMatchObject({
      status: 200,
      body: { data: { hello: 'hello ann by graphql' } },
    });
  });

  test('busboy reads a form with a file', async () => {
    const form = new FormData();
    form.set('title', 'a file');
    form.set('file', new Blob(['x'.repeat(1_000_000)], { type: 'text/plain' }), 'x.txt');
    expect((await askJson('POST', '/upload', { body: form })).body).toEqual({
      parts: { title: 'a file', file: { filename: 'x.txt', mimeType: 'text/plain', size: 1_000_000 } },
      endpoint: 'upload',
      params: {},
    });
  });

  test('a handler of the Fetch standard answers, with several cookies', async () => {
    const { status, text, headers } = await ask('POST', '/auth/sign-in/email', { body: 'me' });
    expect([status, text]).toEqual([202, 'POST /auth/sign-in/email me']);
    expect(headers.getSetCookie()).toEqual(['session=1; HttpOnly', 'csrf=2']);
    expect(headers.get('content-type')).toBe('text/plain');
  });

  /** Lets the events go on, once somebody waits for that. */
  const next = () => until(async () => (await ask('POST', '/next')).text === 'true');

  test('events arrive as they are sent, and their head before them', async () => {
    const response = await fetch(`${door.url}/events`, { headers: { origin: 'https://a.test' } });
    expect(response.headers.get('vary')?.toLowerCase().split(', ').sort()).toEqual(
      name === 'per-service' ? ['accept', 'origin'] : ['accept'],
    );
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let turn = 0; turn < 3; turn++) {
      await next();
      expect((await reader?.read())?.value).toBe(`data: ${turn}\n\n`);
    }
    await next();
    expect((await reader?.read())?.done).toBe(true);
  });

  test('a client that goes is heard of', async () => {
    const abort = new AbortController();
    const heard = () => web.lines.filter(({ message }) => message === 'nobody listens any more').length;
    const before = heard();
    await fetch(`${door.url}/events`, { signal: abort.signal });
    abort.abort();
    await until(() => heard() > before);
  });

  test.each([
    ['canceled', 'the client goes', 'long'],
    ['internal', 'what is piped breaks off', 'broken'],
  ])('an answer is %s when %s', async (code, _, how) => {
    const abort = new AbortController();
    const { body } = await fetch(`${door.url}/pours/${how}`, { signal: abort.signal });
    await body?.getReader().read();
    if (how === 'long') abort.abort();
    const line = await web.line(
      ({ message, path, code }) => message === 'request completed' && path === `/pours/${how}` && code !== undefined,
    );
    expect(line.code).toBe(code);
    abort.abort();
  });

  test.each([
    [
      'GET',
      '/params/a%20b/c?x=1',
      { endpoint: 'params', params: { id: 'a b', rest: 'c' }, url: '/params/a%20b/c?x=1' },
    ],
    ['PATCH', '/params/1/2', { endpoint: 'params', params: { id: '1', rest: '2' }, url: '/params/1/2' }],
    ['DELETE', '/anything/else', { endpoint: 'fallback', params: { path: 'anything/else' } }],
    ['GET', '/', { endpoint: 'fallback', params: { path: '' } }],
  ])('%s %s: path parameters are those of the current request', async (method, path, expected) => {
    expect((await askJson(method, path)).body).toEqual(expected);
  });

  test('HEAD reaches the handler as HEAD', async () => {
    const { headers, text } = await ask('HEAD', '/params/1/2');
    expect([headers.get('x-method'), text]).toEqual(['HEAD', '']);
  });

  test.each([
    ['/early', 500, { code: 'internal', message: 'an internal error occurred', details: null }],
    ['/early?api', 404, { code: 'not_found', message: 'none here', details: null }],
  ])('%s: a handler that fails before it answers', async (path, status, body) => {
    const answer = await askJson('GET', path);
    expect(answer).toMatchObject({ status, body });
    // What it had set before is not of this answer.
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('content-length')).toBe(String(JSON.stringify(body).length));
  });

  test('a handler that fails in the middle of its answer breaks it off', async () => {
    await expect(fetch(`${door.url}/late`).then((response) => response.text())).rejects.toThrow();
    await until(() =>
      web.lines.find(({ error, endpoint }) => error === 'too late for an answer' && endpoint === 'late'),
    );
    expect((await ask('GET', '/params/1/2')).status).toBe(200);
  });

  describe('a body beyond the limit fails for who reads it', () => {
    const message = 'unable to read request body: length limit exceeded';
    const failed = { code: 'invalid_argument', message, details: null };

    test('its length declared', async () => {
      expect(await askJson('POST', '/small', { body: 'x'.repeat(21) })).toMatchObject({ status: 400, body: failed });
      expect(await ask('POST', '/small', { body: 'x'.repeat(20) })).toMatchObject({ status: 200, text: '20' });
    });

    test('in chunks', async () => {
      const body = (async function* () {
        for (let sent = 0; sent < 5; sent++) yield Buffer.alloc(100_000, 'x');
      })();
      const response = await fetch(`${door.url}/small`, { method: 'POST', body, duplex: 'half' } as RequestInit);
      expect([response.status, await response.json()]).toEqual([400, failed]);
    });

    test('on a connection that closes after the answer, which takes the rest all the same', async () => {
      const socket = connect({ port: Number(new URL(door.url).port), host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => {});
      const answer = text(socket);
      socket.write('POST /small HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n');
      for (let sent = 0; sent < 10; sent++) {
        socket.write(`c350\r\n${'x'.repeat(50_000)}\r\n`);
        await sleep(20);
      }
      socket.end('0\r\n\r\n');
      expect(await answer).toContain(JSON.stringify(failed));
      expect(socket.errored).toBeNull();
    });

    const sent = (body: string, how: string) =>
      ask('POST', `/heeds/${how}`, { body, signal: AbortSignal.timeout(5_000) });

    test('and who listens for data and the end alone is answered in their place', async () => {
      const { status, text, headers } = await sent('x'.repeat(21), 'early');
      expect([status, JSON.parse(text)]).toEqual([400, failed]);
      expect(headers.has('x-how')).toBe(false);
      expect(await sent('x'.repeat(20), 'early')).toMatchObject({ status: 200, text: 'all of it' });
    });

    test('and their answer is cut off once it has begun', async () => {
      const begun = Promise.withResolvers<void>();
      const body = (async function* () {
        yield Buffer.from('x');
        await begun.promise;
        yield Buffer.alloc(100, 'x');
      })();
      const init = { method: 'POST', body, duplex: 'half', signal: AbortSignal.timeout(5_000) } as RequestInit;
      const response = await fetch(`${door.url}/heeds/late`, init);
      begun.resolve();
      await expect(response.text()).rejects.toThrow('terminated');
      expect(await sent('x'.repeat(20), 'late')).toMatchObject({ status: 200, text: 'so farall of it' });
    });

    test('and for nobody else', async () => {
      const answer = await ask('POST', '/ignores', { body: 'x'.repeat(1_000_000) });
      expect(answer).toMatchObject({ status: 200, text: 'not read' });
    });

    test('and without a limit for nobody', async () => {
      const body = 'x'.repeat(5_000_000);
      expect(await ask('POST', '/unlimited', { body })).toMatchObject({ status: 200, text: '5000000' });
    });
  });

  test('a request reaches its endpoint before its body does', async () => {
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
    socket.write('POST /ignores HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n');
    const answer = String(await Promise.race([once(socket, 'data'), sleep(2000, 'none')]));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 200/);
  });

  test('middleware gets request and response, and its headers and status have no effect', async () => {
    const { status, body, headers } = await askJson('GET', '/wrapped?a=1');
    expect([status, body]).toEqual([200, { url: '/wrapped?a=1' }]);
    expect([headers.get('x-wrapped'), headers.get('x-no-effect')]).toEqual(['api-call', null]);
  });

  test('middleware may refuse', async () => {
    expect(await askJson('GET', '/barred')).toMatchObject({
      status: 403,
      body: { code: 'permission_denied', message: 'not today', details: null },
    });
  });

  describe('a request cannot hide another one', () => {
    /** Everything that the server says to some bytes, until it closes the connection or says nothing more. */
    const converse = async (bytes: string): Promise<string> => {
      const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(bytes);
      socket.setTimeout(500, () => socket.end());
      return text(socket);
    };
    const hidden = 'GET /params/hidden/x HTTP/1.1\r\nhost: x\r\n\r\n';

    test.each([
      ['a length that the connection is said to own', `connection: content-length\r\ncontent-length: ${hidden.length}`],
      ['a length said twice alike', `content-length: ${hidden.length}\r\ncontent-length: ${hidden.length}`],
      ['two lengths', `content-length: 0\r\ncontent-length: ${hidden.length}`],
      ['a length and chunks', `content-length: ${hidden.length}\r\ntransfer-encoding: chunked`],
      ['an encoding that is none', `content-length: ${hidden.length}\r\ntransfer-encoding: x, identity`],
    ])('by %s', async (_, framing) => {
      const answers = await converse(`GET /params/shown/x HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n${hidden}`);
      expect(answers.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
      expect(answers).not.toContain('hidden');
      // Nor is it the next one on a connection between processes.
      for (let turn = 0; turn < 3; turn++) expect((await ask('GET', '/params/next/x')).text).toContain('next');
    });
  });

  test('no reserved header reaches a handler, in whichever list it reads them', async () => {
    const headers = { 'X-Fairlead-Call': 'e30', 'x-encore-meta-userid': 'root', 'x-mine': '1' };
    const { body } = await askJson('GET', '/headers', { headers });
    expect(Object.keys(body)).toEqual(['plain', 'distinct', 'raw']);
    for (const names of Object.values<string[]>(body)) {
      expect(names).toContain('x-mine');
      expect(names.filter((name) => /^x-(fairlead|encore-meta)-/.test(name))).toEqual([]);
    }
  });

  test('each list of headers says the same of where a request came from', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.7', 'x-forwarded-proto': 'https' };
    const { body } = await askJson('GET', '/forwarded', { headers });
    const told = [
      ['x-forwarded-for', '203.0.113.7, 127.0.0.1'],
      ['x-forwarded-host', new URL(door.url).host],
      ['x-forwarded-proto', 'https'],
    ];
    expect(body).toEqual([told, told, told]);
  });

  test('a client of HTTP/1.0 names no host', async () => {
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
    socket.write('GET /forwarded HTTP/1.0\r\n\r\n');
    const [, body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(JSON.parse(body)[0].map(([name]: [string]) => name)).toContain('x-forwarded-for');
  });

  test('no client has what the gateway says of it taken for a matter of the connection', async () => {
    const asked = get(`${door.url}/headers`, {
      headers: { connection: 'x-forwarded-for, x-mine, X-Forwarded-Proto' },
    });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const { plain } = JSON.parse(await text(response));
    expect(plain).toEqual(expect.arrayContaining(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']));
  });
});

describe('a connection that a service closed', () => {
  /** Answers one request per connection, and hangs up at the second one. */
  const forgetful = async (): Promise<{ url: string; close(): void }> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        socket.once('data', () => socket.resetAndDestroy());
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
  };

  test('is no matter to a request that may be sent twice; one with a body, or that changes something, may not', async () => {
    const web = await forgetful();
    const door = await run('gateway', { auth, service_discovery: { web: { base_url: web.url } } });
    const ask = (method: string, body?: string) =>
      fetch(`${door.url}/express/x`, { method, ...(body !== undefined && { body }) }).then(({ status }) => status);
    /** Not even a length of 0, which `fetch` says. */
    const post = async () => {
      const sent = request(`${door.url}/express/x`, { method: 'POST' });
      sent.removeHeader('content-length');
      sent.removeHeader('transfer-encoding');
      const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect([await ask('GET'), await ask('GET'), await ask('POST', 'x'), await ask('POST', 'x')]).toEqual([
      200, 200, 503, 200,
    ]);
    expect([await post(), await post()]).toEqual([503, 200]);
    web.close();
    door.kill('SIGKILL');
  });
});
