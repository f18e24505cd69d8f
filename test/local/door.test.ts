import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppProcess } from '../../local/supervisor/app-process.ts';
import { Door } from '../../local/supervisor/door.ts';
import { killAll, startProcess } from '../runtime/support/process.ts';

let door: Door;

beforeAll(async () => {
  const app = await startProcess('./services.ts', { fairlead: { version: 1 } });
  door = new Door(() => {});
  door.behind = { state: 'running', port: Number(new URL(app.url).port), inFlight: 0 } as AppProcess;
  await door.open(0);
});

afterAll(async () => {
  door.close();
  await killAll();
});

describe('the answer to a body over the limit reaches a client that writes all it has before it reads', () => {
  const chunk = Buffer.alloc(1024 * 1024, 'a');
  const ways = {
    'of known length': { header: `content-length: ${12 * chunk.length}`, before: '', after: '', end: '' },
    'in chunks': { header: 'transfer-encoding: chunked', before: '100000\r\n', after: '\r\n', end: '0\r\n\r\n' },
  };
  const refused = /^HTTP\/1\.1 400 Bad Request\r\n(.+\r\n)+\r\n.+length limit exceeded/;

  const send = async (way: keyof typeof ways, connection: string): Promise<Socket> => {
    const { header, before, after, end } = ways[way];
    const socket = connect(door.port, '127.0.0.1');
    const write = promisify<string | Buffer, void>(socket.write).bind(socket);
    await write(`POST /divide HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\n${header}\r\n\r\n`);
    for (let sent = 0; sent < 12; sent++) await write(Buffer.concat([Buffer.from(before), chunk, Buffer.from(after)]));
    await write(end);
    return socket;
  };

  describe.each(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
    test('and then asks again', async () => {
      const socket = await send(way, 'keep-alive');
      expect(String(await once(socket, 'data'))).toMatch(refused);
      socket.write('GET /__encore/healthz HTTP/1.1\r\nhost: x\r\n\r\n');
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
      socket.destroy();
    });

    test('and wants no more', async () => {
      expect(await text(await send(way, 'close'))).toMatch(refused);
    });
  });
});

describe('what the process gets, and what becomes of it', () => {
  let behind: Server;
  let front: Door;
  const told: string[] = [];

  beforeAll(async () => {
    behind = createServer().listen(0, '127.0.0.1');
    await once(behind, 'listening');
    front = new Door(({ method, path, status }) => told.push(`${method} ${path} ${status}`));
    front.behind = { state: 'running', port: (behind.address() as AddressInfo).port, inFlight: 0 } as AppProcess;
    await front.open(0);
  });

  afterAll(() => {
    front.close();
    behind.close();
    behind.closeAllConnections();
  });

  const asked = async () => (await once(behind, 'request')) as [IncomingMessage, ServerResponse];
  const write = (bytes: string): Socket => {
    const socket = connect(front.port, '127.0.0.1');
    socket.write(bytes);
    return socket;
  };
  const failure = async () => {
    const response = await fetch(`http://127.0.0.1:${front.port}/`, { headers: { connection: 'close' } });
    return { status: response.status, ...((await response.json()) as object) };
  };

  test('a client that leaves before it is answered', async () => {
    const socket = write('GET /left HTTP/1.1\r\nhost: x\r\n\r\n');
    const [{ socket: inner }] = await asked();
    socket.destroy();
    await once(inner, 'close');
    expect(told.filter((line) => line.includes('/left'))).toEqual(['GET /left 499']);
  });

  test.each([
    ['40 kB is passed on', 40_000, 200],
    ['70 kB is too long', 70_000, 502],
  ])('the head of an answer: %s', async (_, length, status) => {
    const socket = write('GET /long HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [, response] = await asked();
    response.writeHead(200, { 'x-long': 'a'.repeat(length) }).end();
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  const upgrade = 'connection: upgrade\r\nupgrade: websocket';
  const open = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n\r\n`;

  test.each([
    ['/open', open, 101],
    ['/refused', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n', 401],
  ])('a WebSocket is told of: %s', async (path, head, status) => {
    behind.once('upgrade', (_, socket: Socket) => socket.end(head));
    const socket = write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n\r\n`).resume();
    await once(socket, 'close');
    behind.removeAllListeners('upgrade');
    expect(told.filter((line) => line.includes(path))).toEqual([`GET ${path} ${status}`]);
  });

  const hidden = 'GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n';
  test.each<[string, string]>([
    ['two hosts', 'host: x\r\nHost: y'],
    ['the same host twice', 'host: x\r\nhost: x'],
    ['a host that is none', 'host: x/y'],
    ['a host with a user', 'host: a@x'],
    ['two hosts of a WebSocket', `host: x\r\nhost: y\r\n${upgrade}`],
    ['a length and chunks', 'host: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked'],
    ['two lengths', `host: x\r\ncontent-length: 0\r\ncontent-length: ${hidden.length}`],
    ['a list of lengths', 'host: x\r\ncontent-length: 0, 0'],
    ['a length with a sign', 'host: x\r\ncontent-length: +5'],
    ['chunks that are not last', 'host: x\r\ntransfer-encoding: chunked, identity'],
    ['a folded line', 'host: x\r\nx-a: 1\r\n transfer-encoding: chunked'],
    ['a line without a carriage return', 'host: x\r\nx-a: 1\ntransfer-encoding: chunked'],
    ['a NUL', 'host: x\r\nx-a: a\0b'],
    ['a space before the colon', 'host: x\r\ncontent-length : 5'],
  ])('a request that can be read in two ways goes no further: %s', async (_, lines) => {
    let passed = 0;
    const count = () => passed++;
    behind.on('request', count).on('upgrade', count);
    const answer = await text(write(`GET /twice HTTP/1.1\r\n${lines}\r\n\r\n${hidden}`));
    // What came before this one would have passed by now.
    const last = write('GET /last HTTP/1.1\r\nhost: x\r\n\r\n');
    const [{ url }, response] = await asked();
    response.end();
    await once(last, 'data');
    last.destroy();
    behind.off('request', count).off('upgrade', count);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(.+\r\n)*connection: close\r\n/i);
    expect([passed, url]).toEqual([1, '/last']);
  });

  const webSocket = `GET /hidden HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n\r\n`;
  test.each([
    ['a request', 'host: x\r\nhost: y'],
    ['a WebSocket', `host: x\r\nhost: y\r\n${upgrade}`],
  ])('a WebSocket behind a refusal goes no further: %s', async (_, lines) => {
    told.length = 0;
    let passed = 0;
    const count = (_: unknown, socket: Socket) => {
      passed++;
      socket.end(open);
    };
    behind.on('upgrade', count);
    const answer = await text(write(`GET /twice HTTP/1.1\r\n${lines}\r\n\r\n${webSocket}`));
    await once(write(webSocket).resume(), 'close');
    behind.off('upgrade', count);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    expect(passed).toBe(1);
    expect(told).toEqual(['GET /twice 400', 'GET /hidden 101']);
  });

  test('a WebSocket that is refused while the answer before it is due ends the connection', async () => {
    const socket = write(
      `GET /slow HTTP/1.1\r\nhost: x\r\n\r\nGET /twice HTTP/1.1\r\nhost: x\r\nhost: y\r\n${upgrade}\r\n\r\n`,
    );
    expect(await text(socket)).toBe('');
  });

  test('a process that breaks off before its head', async () => {
    behind.once('request', ({ socket }) => socket.destroy());
    expect(await failure()).toEqual({
      status: 502,
      code: 'unavailable',
      message: 'the process broke off the connection before it answered',
      details: null,
    });
  });

  test('a process that answers what is no HTTP', async () => {
    behind.once('request', ({ socket }) => socket.end('220 ready\r\n'));
    expect(await failure()).toMatchObject({ status: 502, code: 'unavailable' });
  });

  test('a process that answers more than it said', async () => {
    behind.once('request', ({ socket }) => socket.end('HTTP/1.1 200 Fine\r\nx-a: b\r\ncontent-length: 2\r\n\r\nmore'));
    const response = await fetch(`http://127.0.0.1:${front.port}/`, { headers: { connection: 'close' } });
    const { status, statusText, headers } = response;
    expect([status, statusText, headers.get('x-a')]).toEqual([502, 'Bad Gateway', null]);
    expect(await response.json()).toMatchObject({ code: 'unavailable' });
  });

  test('a process that does not listen yet, or no more', async () => {
    const idle = createServer().listen(0, '127.0.0.1');
    await once(idle, 'listening');
    const { port } = idle.address() as AddressInfo;
    await promisify(idle.close).call(idle);
    const { behind: running } = front;
    front.behind = { ...running, port } as AppProcess;
    const starting = { status: 503, code: 'unavailable', message: 'the process is starting', details: null };
    expect(await failure()).toEqual(starting);
    front.behind = undefined;
    expect(await failure()).toEqual(starting);
    front.behind = running;
  });

  test.each(['content-length: 5', 'transfer-encoding: chunked'])('a head before its body: %s', async (framing) => {
    const socket = write(`POST /early HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n`);
    const [{ url }, response] = await asked();
    expect(url).toBe('/early');
    response.end('early');
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
    socket.destroy();
  });

  test.each([
    ['POST', 'websocket', 'hello'],
    ['POST', 'h2c', 'hello'],
    ['GET', 'h2c', ''],
    ['GET', 'websocket', 'hello'],
  ])('%s with an offer of %s that is no handshake of a WebSocket', async (method, upgrade, body) => {
    const client = request({
      port: front.port,
      host: '127.0.0.1',
      method,
      headers: { connection: 'upgrade', upgrade },
    });
    if (body !== '') client.setHeader('content-length', body.length);
    client.end(body);
    const [arrived, response] = await asked();
    expect(await text(arrived)).toBe(body);
    response.end('taken');
    const [answer] = (await once(client, 'response')) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([200, 'taken']);
    client.destroy();
  });

  test.each(['/a?b#c', '//evil/a', 'http://evil/a', '*', '/a/../b%2fc\\d'])('a target as it is: %s', async (target) => {
    const socket = write(`GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`);
    const [{ url, socket: inner }] = await asked();
    expect(url).toBe(target);
    inner.destroy();
    socket.destroy();
  });

  test.each([
    ['request', 'request', ''],
    ['WebSocket', 'upgrade', 'connection: upgrade\r\nupgrade: websocket\r\n'],
  ])('what a client says of its own address and of ours is not passed on: a %s', async (_, event, more) => {
    const claims = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix'];
    const lines = claims.map((name) => `${name}: evil\r\n`).join('');
    const socket = write(
      `GET / HTTP/1.1\r\nhost: shop.test\r\n${more || 'connection: x-forwarded-for\r\n'}${lines}\r\n`,
    );
    const [{ headers, rawHeaders, socket: inner }] = (await once(behind, event)) as [IncomingMessage];
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.test',
      'x-forwarded-proto': 'http',
    });
    expect(rawHeaders).not.toContain('evil');
    inner.destroy();
    socket.destroy();
  });
});
