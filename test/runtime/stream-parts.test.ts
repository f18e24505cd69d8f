import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { APIError } from '../../runtime/api/mod.ts';
import { closedError, closingOf, sendable } from '../../runtime/stream/closing.ts';
import { keepAlive } from '../../runtime/stream/keep-alive.ts';
import { channelPair } from '../../runtime/stream/local-channel.ts';
import { Incoming, jsonCodec } from '../../runtime/stream/messages.ts';
import { WebSocketChannel } from '../../runtime/stream/web-socket-channel.ts';

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** Both ends of a WebSocket, and the connection under the server's. */
async function connect(options: { autoPong?: boolean } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const [socket, request] = (await connected) as [WebSocket, { socket: Socket }];
  await once(client, 'open');
  return { client, socket, connection: request.socket };
}

test('a side that answers pings is kept, one that does not is cut off', async () => {
  const alive = await connect();
  keepAlive(alive.socket, alive.connection, 30);
  let pings = 0;
  alive.client.on('ping', () => pings++);
  const dead = await connect({ autoPong: false });
  keepAlive(dead.socket, dead.connection, 30);
  const [code] = await once(dead.client, 'close');
  expect(code).toBe(1006);
  await sleep(100);
  expect(alive.client.readyState).toBe(WebSocket.OPEN);
  expect(pings).toBeGreaterThanOrEqual(3);
});

test('a side that is slow to take what is sent has more time', async () => {
  const { client, socket, connection } = await connect();
  client.pause();
  for (let count = 0; count < 64; count++) socket.send(Buffer.alloc(1024 * 1024));
  const started = performance.now();
  keepAlive(socket, connection, 40);
  await once(socket, 'close');
  expect(performance.now() - started).toBeGreaterThan(8 * 40);
});

test('a side that is not read at the moment is not judged', async () => {
  const { socket, connection } = await connect({ autoPong: false });
  socket.pause();
  keepAlive(socket, connection, 20);
  await sleep(150);
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test('who never waits for a side that takes nothing is stopped before memory is full', async () => {
  const { client, socket, connection } = await connect();
  client.pause();
  const channel = new WebSocketChannel(socket, connection);
  const text = 'x'.repeat(1024 * 1024);
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => channel.send(text)));
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as APIError).code] : []));
  expect(reasons).toContain('resource_exhausted');
  expect(await channel.closed).toMatchObject({ code: 1006 });
  expect(await channel.next()).toBeUndefined();
});

test('within a process the sender waits for the receiver, and both hear of the end', async () => {
  const [one, other] = channelPair();
  let sent = 0;
  const sending = (async () => {
    for (; sent < 200; sent++) await one.send(`${sent}`);
    await one.close({ code: 1000, reason: 'done' });
  })();
  await sleep(20);
  expect(sent).toBeLessThan(100);
  const taken: unknown[] = [];
  for (let frame = await other.next(); frame !== undefined; frame = await other.next()) taken.push(frame);
  await sending;
  expect(taken).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
  expect(await other.closed).toEqual({ code: 1000, reason: 'done' });
  await expect(other.send('late')).rejects.toMatchObject({ code: 'canceled' });
});

test.each(['__proto__', '\\u005f_proto__'])('what is merged with a message keeps its prototype: %s', async (key) => {
  const [one, other] = channelPair();
  const incoming = new Incoming(other, jsonCodec({ type: 'object', additionalProperties: {} }, {}).decode, false);
  await one.send(`{"a": 1, "${key}": {"admin": true}, "inner": {"b": 2, "${key}": {"admin": true}}}`);
  const message = (await incoming.recv()) as { inner: object };
  for (const received of [message, message.inner]) expect(Object.assign({}, received)).not.toHaveProperty('admin');
});

test('a failure closes with its error body, as far as there is room', () => {
  const error = APIError.notFound('none').withDetails({ id: 1 });
  expect(closingOf(error)).toEqual({ code: 1008, reason: '{"code":"not_found","message":"none","details":{"id":1}}' });
  const large = closingOf(error.withDetails({ id: 'x'.repeat(200) }));
  expect(large.reason).toBe('{"code":"not_found","message":"none"}');
  const quoted = closingOf(APIError.notFound('"'.repeat(200)));
  expect(Buffer.byteLength(quoted.reason)).toBeLessThanOrEqual(123);
  expect(JSON.parse(quoted.reason)).toMatchObject({ code: 'not_found' });
  expect(closingOf(new APIError('data_loss', 'lost'))).toMatchObject({ code: 1011 });
});

test.each([
  [1000, '', 'canceled', 'the stream is closed'],
  [1005, '', 'canceled', 'the stream is closed'],
  [1006, '', 'unavailable', 'the stream broke off: code 1006'],
  [1001, 'bye', 'unavailable', 'the stream broke off: bye'],
  [1011, '', 'internal', 'the stream was closed by a failure'],
  [1008, '{"code":"not_found","message":"none"}', 'not_found', 'none'],
  [1008, '{"code":', 'unavailable', 'the stream broke off: {"code":'],
])('the end %d %j is told as %s', (code, reason, expected, message) => {
  expect(closedError({ code, reason })).toMatchObject({ code: expected, message });
});

test.each([
  [1000, true],
  [1001, true],
  [1004, false],
  [1006, false],
  [1015, false],
  [2999, false],
  [3000, true],
  [4999, true],
  [5000, false],
])('the code %d can be passed on: %s', (code, passes) => {
  expect(sendable({ code, reason: 'r' })).toEqual(passes ? { code, reason: 'r' } : undefined);
});
