import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { Connections } from '../../runtime/http/connections.ts';
import { forget, linger } from '../../runtime/http/linger.ts';
import { killAll, startProcess } from './support/process.ts';

afterEach(killAll);

/** Milliseconds. */
const longest = 1000;

/** A server whose connections may be idle for as long, and that answers at once or, at `/later`, when it is told to. */
async function startServer() {
  const waiting: ServerResponse[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    linger(request);
    if (request.url === '/later') waiting.push(response);
    else response.end('done');
    forget(request);
  });
  new Connections(server, longest);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sockets: Socket[] = [];
  return {
    answerLate: () => waiting.splice(0).forEach((response) => void response.end('late')),
    async open() {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

async function ask(socket: Socket, path = '/'): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

/** How long it is idle until it is ended. Milliseconds. */
async function idleFor(socket: Socket): Promise<number> {
  const began = performance.now();
  await once(socket.resume(), 'end');
  return performance.now() - began;
}

test('a connection that has been idle for long is ended', async () => {
  await using server = await startServer();
  const socket = await server.open();
  expect(await ask(socket)).toContain('200 OK');
  expect(await idleFor(socket)).toBeGreaterThan(longest * 0.9);
});

test('a connection that brings requests stays', async () => {
  await using server = await startServer();
  const socket = await server.open();
  for (let asked = 0; asked < 40; asked++) {
    expect(await ask(socket)).toContain('200 OK');
    await sleep(longest / 10);
  }
});

test('a connection whose answer takes long is idle from then on', async () => {
  await using server = await startServer();
  const socket = await server.open();
  const answer = ask(socket, '/later');
  await sleep(longest * 2.9);
  server.answerLate();
  expect(await answer).toContain('200 OK');
  expect(await idleFor(socket)).toBeGreaterThan(longest * 0.9);
});

test('a process keeps an idle connection for longer than Node does', async () => {
  const app = await startProcess('./draining.ts', {});
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  const closed = once(socket, 'close');
  expect(await ask(socket, '/__encore/healthz')).not.toMatch(/keep-alive: timeout/i);
  // Node ends it after 5 s and one more.
  expect(await Promise.race([closed, sleep(8000, 'open')])).toBe('open');
  expect(await ask(socket, '/__encore/healthz')).toContain('200 OK');
  socket.destroy();
});
