import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';
import { headersProtocol, openClient, refusal } from './support/stream-client.ts';

const common: InfraConfig = {
  auth: [{ type: 'key', id: 1, key: 'a key' }],
  graceful_shutdown: { total: 5 },
};

const run = (name: string, config: InfraConfig = common) => startProcess('./streams.ts', config, { PROCESS: name });
const discover = (apps: Record<string, AppProcess>, config: InfraConfig = common): InfraConfig => ({
  ...config,
  service_discovery: Object.fromEntries(Object.entries(apps).map(([name, { url }]) => [name, { base_url: url }])),
});

afterAll(killAll);

interface Topology {
  door: AppProcess;
  chat: AppProcess;
}

const topologies: Record<string, (config?: InfraConfig) => Promise<Topology>> = {
  async 'all in one'(config) {
    const app = await run('app', config);
    return { door: app, chat: app };
  },
  async 'per service'(config = common) {
    const chat = await run('chat', config);
    const front = await run('front', discover({ chat }, config));
    return { door: await run('gateway', discover({ chat, front }, config)), chat };
  },
};

const failed = (code: string, message: string) => ({ code, message, details: null });

describe.each(Object.keys(topologies))('%s', (name) => {
  let topology: Topology;
  let door: AppProcess;
  let chat: AppProcess;

  beforeAll(async () => {
    topology = await topologies[name]!();
    ({ door, chat } = topology);
  }, 60_000);

  const logged = (message: string) => chat.lines.filter((line) => line.message === message);

  test('messages travel both ways, by schema', async () => {
    const client = await openClient(`${door.url}/echo`);
    expect(client.socket.protocol).toBe('encore-ws');
    expect(client.opened.headers['x-encore-trace-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(client.opened.headers['sec-websocket-extensions']).toBeUndefined();
    client.send({ text: 'a', at: '2026-01-01T00:00:00Z', other: 1 });
    expect(await client.next()).toEqual({ text: 'a', at: '2026-01-01T00:00:00.001Z' });
    client.socket.send(Buffer.from('{"text": "bytes"}'), { binary: true });
    expect(await client.next()).toEqual({ text: 'bytes' });
    client.send({ text: 'close' });
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
  });

  test('a message that is not what it should be is dropped, and the stream goes on', async () => {
    const before = logged('a message was dropped: it cannot be decoded').length;
    const client = await openClient(`${door.url}/echo`);
    client.send('{"text": ');
    client.send({ text: 5 });
    client.send('');
    client.send('!{"code": "internal"}');
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: true });
    client.send({ text: 'fine' });
    expect(await client.next()).toEqual({ text: 'fine' });
    for (let count = 0; count < 20; count++) client.send('no JSON');
    client.send({ text: 'still' });
    expect(await client.next()).toEqual({ text: 'still' });
    client.socket.close();
    const lines = logged('a message was dropped: it cannot be decoded').slice(before);
    expect(lines).toHaveLength(10);
    expect(lines[1]).toMatchObject({
      level: 'warn',
      service: 'chat',
      endpoint: 'echo',
      error: 'text: expected a string, got a number',
      trace_id: client.opened.headers['x-encore-trace-id'],
    });
    expect(lines[9]).toMatchObject({ more: 'further ones are dropped in silence' });
  });

  test('the client closes: the loop ends in silence, the handler goes on, and has nobody to talk to', async () => {
    const client = await openClient(`${door.url}/echo`);
    client.socket.close(1000);
    expect(await client.closed).toMatchObject({ code: 1000 });
    const of = ({ trace_id }: Record<string, unknown>) => trace_id === client.opened.headers['x-encore-trace-id'];
    await chat.line((line) => line.message === 'echo ended' && of(line));
    expect(await chat.line((line) => line.message === 'echo tried' && of(line))).toMatchObject({
      outcomes: ['canceled', 'canceled'],
    });
    expect(await chat.line((line) => line.message === 'request completed' && of(line))).toMatchObject({
      service: 'chat',
      endpoint: 'echo',
      method: 'GET',
      status: 101,
      code: 'ok',
    });
  });

  test('a client that vanishes ends the loop, too', async () => {
    const client = await openClient(`${door.url}/waits`);
    await chat.line(({ message }) => message === 'waiting');
    client.socket.terminate();
    await chat.line((line) => line.message === 'left' && line.trace_id === client.opened.headers['x-encore-trace-id']);
  });

  test('a handshake comes out of path, query and headers, also of those that travel as a sub-protocol', async () => {
    const handshake = { room: 'a b', limit: 3, token: 't' };
    const direct = await openClient(`${door.url}/rooms/a%20b?limit=3`, { headers: { 'X-Token': 't' } });
    expect(await direct.next()).toEqual({ seen: { handshake, pathParams: { room: 'a b' }, forwarded: true } });
    const protocols = ['encore-ws', headersProtocol({ 'X-Token': 't', 'x-forwarded-for': 'me', Host: 'evil' })];
    const socket = new WebSocket(`${door.url}/rooms/a%20b?limit=3`.replace('http', 'ws'), protocols);
    const { data } = await new Promise<MessageEvent>((resolve, reject) => {
      socket.onmessage = resolve;
      socket.onerror = reject;
    });
    expect(socket.protocol).toBe('encore-ws');
    expect(JSON.parse(String(data))).toMatchObject({ seen: { handshake } });
    socket.send('{"text": "hello"}');
    const answer = await new Promise<MessageEvent>((resolve) => {
      socket.onmessage = resolve;
    });
    expect(JSON.parse(String(answer.data))).toEqual({ seen: 'hello' });
    socket.close();
    direct.socket.close();
  });

  test.each([
    ['/rooms/a', 400, failed('invalid_argument', 'unable to decode query string: missing field limit')],
    ['/rooms/a?limit=x', 400, failed('invalid_argument', 'unable to decode query string: limit: not a valid number')],
    ['/none', 404, failed('not_found', 'endpoint not found')],
    ['/hidden', 404, failed('not_found', 'endpoint not found')],
    ['/tries', 404, failed('not_found', 'no route for method')],
    ['/plain', 400, failed('invalid_argument', 'the endpoint is no stream: it takes no WebSocket connections')],
    ['/secret', 401, failed('unauthenticated', 'the endpoint asks for authentication')],
  ])('%s is refused before it becomes a WebSocket: %d', async (path, status, body) => {
    const answer = await refusal(door.url + path);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/json' } });
    expect(answer.body).toEqual(body);
    expect(answer.headers['x-encore-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each(['encore-ws, encore-ws', 'a b', ','])(
    'the sub-protocols %j are refused as any other request',
    async (offered) => {
      const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
      const key = Buffer.alloc(16).toString('base64');
      socket.write(
        `GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\nsec-websocket-protocol: ${offered}\r\n\r\n`,
      );
      expect(await readAll(socket)).toMatch(/^HTTP\/1.1 400 .*"code":"invalid_argument"/s);
    },
  );

  test('a sub-protocol of headers that cannot be read is refused', async () => {
    for (const protocol of ['encore.dev.headers.abc', headersProtocol(['a']), headersProtocol({ a: 1 })]) {
      expect(await refusal(`${door.url}/echo`, {}, ['encore-ws', protocol])).toMatchObject({ status: 400 });
    }
    expect(await refusal(`${door.url}/echo`, {}, [headersProtocol({ a: 'b\r\nc: d' })])).toMatchObject({ status: 400 });
  });

  test('a request that is no WebSocket is answered as such', async () => {
    const plain = await fetch(`${door.url}/echo`);
    expect(plain.status).toBe(400);
    expect(await plain.json()).toMatchObject({ code: 'invalid_argument' });
    const old = await refusal(`${door.url}/echo`, { protocolVersion: 8 });
    expect(old).toMatchObject({ status: 400, body: { code: 'invalid_argument' } });
    // Java's client offers HTTP/2 with every request.
    const sent = request(`${door.url}/tries`, {
      method: 'POST',
      headers: { connection: 'Upgrade', upgrade: 'h2c' },
    }).end('{"what": "hidden"}');
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  test('the auth handler is asked who comes, with headers however they travel', async () => {
    const bearer = { Authorization: 'Bearer ann' };
    for (const [options, protocols] of [
      [{ headers: bearer }, ['encore-ws']],
      [{}, ['encore-ws', headersProtocol(bearer)]],
      [{ headers: { cookie: 'sid=ann' } }, ['encore-ws']],
    ] as const) {
      const client = await openClient(`${door.url}/secret`, options, [...protocols]);
      expect(await client.next()).toEqual({ seen: { userID: 'ann' } });
      expect(await client.closed).toEqual({ code: 1000, reason: '' });
    }
    const anonymous = await openClient(`${door.url}/who`, { headers: { authorization: 'Bearer nobody' } });
    expect(await anonymous.next()).toEqual({ seen: null });
    const broken = await refusal(`${door.url}/who`, { headers: { authorization: 'Bearer broken' } });
    expect(broken).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  });

  test('nobody outside passes for a process of the application', async () => {
    const call = Buffer.from('{"auth":{"userID":"root"}}').toString('base64url');
    const headers = {
      'x-fairlead-call': call,
      'x-fairlead-signature': `v2 1 ${Date.now()} internal ${'0'.repeat(64)} ${'0'.repeat(64)}`,
    };
    expect(await refusal(`${door.url}/secret`, { headers })).toMatchObject({ status: 401 });
    expect(await refusal(`${door.url}/secret`, {}, ['encore-ws', headersProtocol(headers)])).toMatchObject({
      status: 401,
    });
    expect(await refusal(`${door.url}/__fairlead/stream/chat/hidden`, { headers })).toMatchObject({ status: 404 });
    expect(await refusal(`${chat.url}/__fairlead/stream/chat/hidden`)).toMatchObject({ status: 404 });
  });

  describe('a page of another origin', () => {
    const origin = 'https://page.test';

    test('is let in as by CORS: without what its browser adds', async () => {
      const cookie = { headers: { origin, cookie: 'sid=ann' } };
      expect(await refusal(`${door.url}/secret`, cookie)).toMatchObject({ status: 401 });
      expect(await refusal(`${door.url}/secret`, { headers: { origin, authorization: 'Basic YW5u' } })).toMatchObject({
        status: 401,
      });
      const anonymous = await openClient(`${door.url}/who`, cookie);
      expect(await anonymous.next()).toEqual({ seen: null });
      const withToken = await openClient(`${door.url}/who`, { headers: { origin } }, [
        'encore-ws',
        headersProtocol({ authorization: 'Bearer ann' }),
      ]);
      expect(await withToken.next()).toEqual({ seen: { userID: 'ann' } });
    });

    test('is not another origin when the page comes from here', async () => {
      const client = await openClient(`${door.url}/secret`, { headers: { origin: door.url, cookie: 'sid=ann' } });
      expect(await client.next()).toEqual({ seen: { userID: 'ann' } });
    });
  });

  test.each([
    ['other', 1008, { code: 'failed_precondition', message: 'not yet', details: { wait: 5 } }],
    ['unavailable', 1013, { code: 'unavailable', message: 'come back later' }],
    ['unexpected', 1011, { code: 'internal', message: 'an internal error occurred' }],
    ['normal', 1000, undefined],
  ])('a handler that ends with %s closes with %d', async (how, code, reason) => {
    const client = await openClient(`${door.url}/fails?how=${how}`);
    expect(await client.next()).toEqual({ n: 1 });
    const closed = await client.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason === '' ? undefined : JSON.parse(closed.reason)).toEqual(reason);
  });

  test('an unexpected failure is in the log, with its request', async () => {
    const client = await openClient(`${door.url}/fails?how=unexpected`);
    await client.closed;
    const trace_id = client.opened.headers['x-encore-trace-id'];
    expect(await chat.line((line) => line.level === 'error' && line.trace_id === trace_id)).toMatchObject({
      error: 'password=hunter2',
      service: 'chat',
      endpoint: 'fails',
    });
    expect(await chat.line((line) => line.message === 'request completed' && line.trace_id === trace_id)).toMatchObject(
      {
        code: 'internal',
      },
    );
  });

  test('a reason has its place in 123 bytes', async () => {
    const client = await openClient(`${door.url}/fails?how=long`);
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(JSON.parse(reason)).toEqual({ code: 'not_found', message: expect.stringMatching(/^no ü{30,}…$/) });
  });

  test('the answer of a stream of messages in is one message at its end', async () => {
    const client = await openClient(`${door.url}/sum`);
    for (const n of [1, 2, 3, 0]) client.send({ n });
    expect(await client.next()).toEqual({ total: 6 });
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
  });

  test('a client that closes first leaves its handler to finish', async () => {
    const client = await openClient(`${door.url}/sum`);
    for (const n of [1, 40]) client.send({ n });
    client.socket.close();
    expect(await chat.line((line) => line.message === 'summed' && line.total === 41)).toMatchObject({
      service: 'chat',
    });
  });

  test('messages out come in order; what a client sends against them is ignored', async () => {
    const client = await openClient(`${door.url}/count?to=2000`);
    for (let count = 0; count < 200; count++) client.send('{"nobody": "listens"}');
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    expect(client.messages).toEqual(Array.from({ length: 2000 }, (_, index) => ({ n: index + 1 })));
  });

  test('middleware is around the whole stream, and holds it', async () => {
    const client = await openClient(`${door.url}/wrapped`);
    expect(await client.next()).toEqual({ text: 'before' });
    expect(await client.next()).toEqual({ text: 'handler {"who":"middleware"}' });
    client.send({ text: 'end' });
    expect(await client.next()).toEqual({ text: 'after' });
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    const failing = await openClient(`${door.url}/wrapped`);
    failing.send({ text: 'throw' });
    expect(await failing.closed).toMatchObject({ code: 1008, reason: '{"code":"aborted","message":"as asked"}' });
    expect(failing.messages).toContainEqual({ text: 'after' });
  });

  test('a handler waits for a client that does not read', async () => {
    const client = await openClient(`${door.url}/flood`);
    client.socket.pause();
    const sent = () => Number(chat.lines.findLast(({ message }) => message === 'flooding')?.sent ?? 0);
    const stopped = await until(async () => {
      const before = sent();
      await sleep(500);
      return before > 0 && sent() === before && before;
    });
    expect(stopped).toBeLessThan(500);
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    expect(client.messages).toHaveLength(2000);
  }, 60_000);

  test('a client waits for a handler that takes nothing', async () => {
    const client = await openClient(`${door.url}/lazy`);
    expect(await client.next()).toEqual({ text: 'ready' });
    const text = 'x'.repeat(100_000);
    for (let count = 1; count < 1000; count++) client.send({ text });
    client.send({ text: 'last' });
    await sleep(800);
    expect(client.socket.bufferedAmount).toBeGreaterThan(50_000_000);
    expect((await fetch(`${door.url}/plain`)).status).toBe(200);
    expect(await client.next()).toEqual({ text: '1000' });
    const { rss } = await chat.line(({ message }) => message === 'woke');
    expect(Number(rss)).toBeLessThan(400_000_000);
  }, 60_000);

  test('a message of more than 2 MiB ends the stream', async () => {
    const client = await openClient(`${door.url}/echo`);
    client.send({ text: 'x'.repeat(2 * 1024 * 1024 - 20) });
    expect(await client.next()).toMatchObject({ text: expect.stringMatching(/^x/) });
    client.send({ text: 'x'.repeat(2 * 1024 * 1024) });
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  test.each([
    [
      'inOut',
      { first: { text: 'a', at: '1970-01-01T00:00:00.001Z' }, isDate: true, rest: ['b', 'c'], after: 'canceled' },
    ],
    ['closed', { send: 'canceled', recv: 'canceled' }],
    [
      'handshake',
      {
        seen: {
          handshake: { room: 'a/b ü', limit: 3, token: 't' },
          pathParams: { room: 'a/b ü' },
          forwarded: false,
        },
      },
    ],
    [
      'badHandshake',
      {
        type: 'APIError',
        ...failed('invalid_argument', 'unable to decode request: limit: expected a number, got a string'),
      },
    ],
    ['sum', [{ total: 6 }, { total: 6 }, 'canceled']],
    ['sumEnded', { total: 4 }],
    ['sumFails', { type: 'APIError', ...failed('out_of_range', 'no negative numbers: minus'), details: { n: -1 } }],
    ['nothing', { answer: 'nothing' }],
    ['count', 500_500],
    ['some', { taken: [1, 2, 3], after: 'canceled' }],
    ['fails', { type: 'APIError', ...failed('failed_precondition', 'not yet'), details: { wait: 5 } }],
    ['failsInternally', { type: 'APIError', ...failed('internal', 'password=hunter2') }],
    ['failsInLoop', { taken: [1], after: 'failed_precondition' }],
    ['hidden', { n: 42 }],
    ['secret', { type: 'APIError', ...failed('unauthenticated', 'the endpoint asks for authentication') }],
    ['override', { seen: { userID: 'other' } }],
  ])('a service calls a stream of another: %s', async (what, outcome) => {
    const response = await fetch(`${door.url}/tries`, { method: 'POST', body: JSON.stringify({ what }) });
    expect(await response.json()).toEqual({ outcome });
  });

  test('who asks is who asks, also of a stream that a service calls', async () => {
    const response = await fetch(`${door.url}/tries`, {
      method: 'POST',
      headers: { authorization: 'Bearer ann' },
      body: '{"what": "secret"}',
    });
    expect(await response.json()).toEqual({ outcome: { seen: { userID: 'ann' } } });
  });

  test('a caller that has enough stops the handler', async () => {
    await fetch(`${door.url}/tries`, { method: 'POST', body: '{"what": "some"}' });
    await chat.line((line) => line.message === 'counted' && Number(line.sent) >= 3 && Number(line.sent) < 1e6);
  });

  test('a flood of connections and of broken frames leaves nothing behind', async () => {
    const clients = await Promise.all(Array.from({ length: 200 }, () => openClient(`${door.url}/waits`)));
    const { hostname, port } = new URL(door.url);
    const key = Buffer.alloc(16).toString('base64');
    const raw = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => {});
        socket.write(
          `GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
        );
        await once(socket, 'data');
        // A frame of a reserved kind, without a mask, of 2^63 bytes.
        socket.write(Buffer.from([0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        await once(socket, 'close');
        return socket.destroyed;
      }),
    );
    expect(raw).toHaveLength(50);
    const left = logged('left').length;
    for (const { socket } of clients) socket.terminate();
    await until(() => logged('left').length >= left + 200);
    const client = await openClient(`${door.url}/echo`);
    client.send({ text: 'still here' });
    expect(await client.next()).toEqual({ text: 'still here' });
    client.socket.close();
  }, 60_000);

  test('the end of the process closes streams with 1001, and waits for their handlers', async () => {
    const client = await openClient(`${door.url}/waits`);
    const trace_id = client.opened.headers['x-encore-trace-id'];
    await chat.line((line) => line.message === 'waiting' && line.trace_id === trace_id);
    // A client that does not say a word, not even at the end.
    const deaf = await openClient(`${door.url}/waits`);
    deaf.socket.pause();
    const started = Date.now();
    chat.kill('SIGTERM');
    expect(await client.closed).toEqual({ code: 1001, reason: 'the service is shutting down' });
    expect(await chat.ended).toBe(0);
    expect(Date.now() - started).toBeLessThan(4500);
    expect(chat.lines.some((line) => line.message === 'tidied up' && line.trace_id === trace_id)).toBe(true);
    deaf.socket.terminate();
  }, 20_000);
});

test('origins that the configuration names come with credentials, others not at all', async () => {
  const cors = { allow_origins_with_credentials: ['https://*.shop.test'], allow_origins_without_credentials: [] };
  const { door } = await topologies['all in one']!({ ...common, cors });
  const from = (origin: string) => ({ headers: { origin, cookie: 'sid=ann' } });
  const client = await openClient(`${door.url}/secret`, from('https://www.shop.test'));
  expect(await client.next()).toEqual({ seen: { userID: 'ann' } });
  for (const origin of ['https://evil.test', 'null', 'https://shop.test.evil.test']) {
    expect(await refusal(`${door.url}/who`, from(origin))).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    });
  }
});

test('the gateway closes its streams when it ends, and says when a service is gone', async () => {
  const { door, chat } = await topologies['per service']!();
  const client = await openClient(`${door.url}/waits`);
  await chat.line(({ message }) => message === 'waiting');
  const second = await openClient(`${door.url}/waits`);
  chat.kill('SIGKILL');
  const reason = '{"code":"unavailable","message":"a part of the application cannot be reached: try again later"}';
  expect(await client.closed).toEqual({ code: 1013, reason });
  expect(await second.closed).toEqual({ code: 1013, reason });
  expect(await refusal(`${door.url}/waits`)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  const told = await door.line(({ message }) => message === 'request failed');
  expect(told).toMatchObject({ reason: expect.stringContaining('service chat cannot be reached') });
  const again = await topologies['per service']!();
  const last = await openClient(`${again.door.url}/waits`);
  await again.chat.line(({ message }) => message === 'waiting');
  again.door.kill('SIGTERM');
  expect(await last.closed).toMatchObject({ code: 1001 });
  expect(await again.door.ended).toBe(0);
  await again.chat.line(({ message }) => message === 'left');
}, 60_000);

test('a stream that is still asked about when the end begins is refused', async () => {
  const asked = Promise.withResolvers<() => void>();
  const sockets = new WebSocketServer({ noServer: true });
  const service = createServer((_, response) => asked.resolve(() => response.end())).listen(0, '127.0.0.1');
  service.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}));
  await once(service, 'listening');
  const chat = { base_url: `http://127.0.0.1:${(service.address() as AddressInfo).port}` };
  const door = await run('gateway', { ...common, service_discovery: { chat, front: chat } });
  const refused = refusal(`${door.url}/who`, { headers: { authorization: 'Bearer ann' } });
  const answer = await asked.promise;
  door.kill('SIGTERM');
  await door.line(({ message }) => message === 'shutting down');
  answer();
  expect(await refused).toMatchObject({ status: 503, body: failed('unavailable', 'the service is shutting down') });
  expect(await door.ended).toBe(0);
  expect(door.lines.map(({ message }) => message)).not.toContain('the shutdown took too long: what is left is cut off');
  service.close().closeAllConnections();
});
