import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

// What hostile clients send, byte for byte: each gets an error or the end of its connection, and leaves nothing behind.

const base = mkdtempSync(join(tmpdir(), 'fairlead-attacks-'));
const files: Record<string, string> = {
  'main.mjs': `import ${JSON.stringify(new URL('./support/attacked.ts', import.meta.url))};`,
  'secret.txt': 'secret',
  'assets/secret.txt': 'secret',
  'assets/site/a.txt': 'listed',
  'assets/site/unlisted.txt': 'secret',
  'assets.json': JSON.stringify({ version: 1, files: { 'assets/site/a.txt': '1' } }),
};
const config: InfraConfig = {
  fairlead: {
    version: 1,
    object_urls: { key: 'a key', buckets: { shown: { directory: join(base, 'objects'), public: true, signed: true } } },
  },
};
const open: Socket[] = [];
let app: AppProcess;

const run = (env: Record<string, string> = {}) => startProcess(pathToFileURL(join(base, 'main.mjs')).href, config, env);

beforeAll(async () => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  }
  app = await run();
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

afterAll(async () => {
  await killAll();
  rmSync(base, { recursive: true });
});

function dial({ url }: AppProcess): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  open.push(socket);
  // An attacker does not mind being cut off.
  return socket.on('error', () => {});
}

interface Answer {
  text: string;
  ended: boolean;
}

/** What comes back, until the connection ends or `enough` has come. */
async function exchange(bytes: string | Buffer, enough?: RegExp, process = app): Promise<Answer> {
  const socket = dial(process);
  const answer = { text: '', ended: false };
  socket.on('data', (chunk) => {
    answer.text += chunk.toString('latin1');
  });
  socket.once('close', () => {
    answer.ended = true;
  });
  socket.write(bytes);
  await until(() => answer.ended || enough?.test(answer.text));
  socket.destroy();
  return answer;
}

const head = (line: string, ...headers: string[]) => [`${line} HTTP/1.1`, 'host: x', ...headers, '', ''].join('\r\n');
const post = (...headers: string[]) => head('POST /raw', ...headers);
const chunked = (body: string) => post('transfer-encoding: chunked') + body;
const status = ({ text }: Answer) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);

interface Held {
  heap: number;
  external: number;
  sockets: number;
  polluted: string[];
  limits: Record<string, number>;
}

async function probe({ url }: AppProcess = app): Promise<Held> {
  const response = await fetch(`${url}/probe`, { headers: { connection: 'close' } });
  return ((await response.json()) as { seen: Held }).seen;
}

/** Waits until the process holds no more than before, but for 8 MiB that it may have taken for itself. */
async function nothingLeft(before: Held): Promise<void> {
  const most = 8 * 1024 * 1024;
  await until(async () => {
    const { heap, external, sockets } = await probe();
    return sockets <= before.sockets && heap < before.heap + most && external < before.external + most;
  });
}

describe('a request whose end is said in two ways, or in none that counts, ends its connection', () => {
  const hidden = `GET /part/hidden HTTP/1.1\r\nhost: x\r\n\r\n`;

  test.each<[string, string]>([
    ['a length and chunks', `${post('content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\n${hidden}`],
    ['chunks and a length', `${post('transfer-encoding: chunked', 'content-length: 5')}0\r\n\r\n${hidden}`],
    ['two lengths', post('content-length: 0', `content-length: ${hidden.length}`) + hidden],
    ['the same length twice', post('content-length: 0', 'content-length: 0') + hidden],
    ['a list of lengths', post('content-length: 0, 0') + hidden],
    ['a length below nothing', post('content-length: -1') + hidden],
    ['a length with a sign', post('content-length: +5') + hidden],
    ['a length in hexadecimal', post('content-length: 0x0') + hidden],
    ['a length that no number holds', post('content-length: 99999999999999999999') + hidden],
    ['a space before the colon', post('content-length : 5') + hidden],
    ['another space before it', post('content-length: 0', 'transfer-encoding : chunked') + hidden],
    ['a folded line', post('x-a: 1', ' transfer-encoding: chunked') + hidden],
    ['lines without a carriage return', `POST /raw HTTP/1.1\nhost: x\ncontent-length: 0\n\n${hidden}`],
    ['one such line', post('x-a: 1\ntransfer-encoding: chunked', 'content-length: 0') + hidden],
    ['a lone carriage return', post('x-a: 1\rtransfer-encoding: chunked') + hidden],
    ['a NUL', post('x-a: a\0b') + hidden],
    ['an unknown encoding', post('transfer-encoding: xchunked') + hidden],
    ['chunks that are not last', post('transfer-encoding: chunked, identity') + hidden],
    ['a chunk of no size', chunked(`zz\r\nhello\r\n0\r\n\r\n${hidden}`)],
    ['a chunk of less than nothing', chunked(`-5\r\nhello\r\n0\r\n\r\n${hidden}`)],
    ['a chunk of more than all', chunked(`fffffffffffffffff\r\nhello\r\n0\r\n\r\n${hidden}`)],
    ['a chunk that is longer than it says', chunked(`5\r\nhello!!0\r\n\r\n${hidden}`)],
    ['a chunk whose extension ends early', chunked(`5;a\nhello\r\n0\r\n\r\n${hidden}`)],
    ['no host', `POST /raw HTTP/1.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n${hidden}`],
    ['two hosts', head('GET /part/a', 'host: y') + hidden],
    ['the same host twice', head('GET /part/a', 'Host: x') + hidden],
    ['a host that is none', `GET /part/a HTTP/1.1\r\nhost: x/hidden\r\n\r\n${hidden}`],
    ['two hosts in one', `GET /part/a HTTP/1.1\r\nhost: x y\r\n\r\n${hidden}`],
    ['a host with a user', `GET /part/a HTTP/1.1\r\nhost: a@x\r\n\r\n${hidden}`],
    ['two hosts and a body', `${head('POST /raw', 'host: y', 'content-length: 9')}012345678${hidden}`],
    ['two hosts and a WebSocket', head('GET /talk', 'host: y', 'connection: upgrade', 'upgrade: websocket') + hidden],
    ['another version', `GET /part/a HTTP/9.9\r\nhost: x\r\n\r\n${hidden}`],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an unknown method', `FOO /part/a HTTP/1.1\r\nhost: x\r\n\r\n${hidden}`],
  ])('%s', async (_, bytes) => {
    const answer = await exchange(bytes);
    expect(status(answer)).toBe(400);
    expect(answer.text).not.toContain('hidden');
  });

  test('a header of connections does not make it two', async () => {
    const answer = await exchange(`${post('connection: content-length', 'content-length: 5')}hello${hidden}`, /hidden/);
    expect(answer.text).toContain('"length":5');
  });

  test('trailers are no headers', async () => {
    const body = '5\r\nhello\r\n0\r\nx-fairlead-signature: v2\r\nhost: y\r\n\r\n';
    const { text } = await exchange(chunked(body), /\}$/);
    const { length, keys } = JSON.parse(text.slice(text.indexOf('{')));
    expect([length, keys]).toEqual([5, expect.not.arrayContaining(['x-fairlead-signature'])]);
  });
});

describe('too much is refused', () => {
  const many = (count: number) => Array.from({ length: count }, () => 'a:');

  test.each<[string, string, number]>([
    ['a header', head('GET /part/a', `x-a: ${'a'.repeat(20_000)}`), 431],
    ['a path', head(`GET /part/${'a'.repeat(20_000)}`), 431],
    ['headers that are long together', head('GET /part/a', ...many(20).map((a) => a + 'b'.repeat(1000))), 431],
    ['headers by their number', head('GET /part/a', ...many(1500)), 431],
    ['headers before what frames the body', post(...many(1500), 'content-length: 5'), 431],
    ['an extension of a chunk', chunked(`5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`), 413],
  ])('%s', async (_, bytes, expected) => {
    expect(status(await exchange(bytes))).toBe(expected);
  });

  test.each<[string, string]>([
    ['a body that says so', head('POST /echo', 'content-length: 9007199254740991')],
    ['a body that does not', `${head('POST /echo', 'transfer-encoding: chunked')}300000\r\n${'a'.repeat(0x300000)}`],
  ])('%s', async (_, bytes) => {
    const { text } = await exchange(bytes, /\}$/);
    expect(text).toMatch(/^HTTP\/1\.1 400 .+"code":"invalid_argument".+length limit exceeded/s);
  });
});

async function send(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(app.url + path, { method: 'POST', body, headers });
  const { code, message, seen } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code, message, seen };
}

describe('bodies that are not what they should be', () => {
  const deep = (open: string, inner: string, close: string, count: number) =>
    open.repeat(count) + inner + close.repeat(count);

  test.each<[string, string, string]>([
    ['nothing', '/echo', ''],
    ['null', '/echo', 'null'],
    ['a list', '/echo', '[]'],
    ['text', '/echo', '"x"'],
    ['half an object', '/echo', '{"name"'],
    ['a mark of byte order', '/echo', '\ufeff{}'],
    ['two of them', '/echo', '{}{}'],
    ['another type', '/echo', '{"name": 1}'],
    ['depth that a schema follows', '/nested', deep('{"a":', '{}', '}', 100_000)],
    ['depth that none does', '/echo', `{"any":${deep('[', '', ']', 300_000)}}`],
    ['depth without an end', '/echo', '['.repeat(1_000_000)],
  ])('%s', async (_, path, body) => {
    expect(await send(path, body)).toMatchObject({ status: 400, code: 'invalid_argument' });
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])('no prototype is reached by %s', async (name) => {
    const evil = `{"polluted":true,"prototype":{"polluted":true}}`;
    const body = `{"${name}":${evil},"any":{"${name}":${evil},"deeper":[{"${name}":${evil}}]},"map":{"${name}":"x"},"name":"y"}`;
    const headers = { [name]: 'polluted', cookie: `${name}=polluted; sid=s`, 'x-tag': 't' };
    const { status, seen } = await send(`/echo?${name}=polluted&${name}[polluted]=1&word=w`, body, headers);
    expect(status).toBe(200);
    expect(seen).toMatchObject({ name: 'y', tag: 't', word: 'w', sid: { value: 's' }, polluted: false });
    expect(await (await fetch(`${app.url}/raw?${name}=x`, { method: 'POST', headers })).json()).toMatchObject({
      polluted: false,
    });
    expect((await probe()).polluted).toEqual([]);
  });
});

describe('no spelling of a path leads out of what is served', () => {
  const ways = [
    '../secret.txt',
    '../../secret.txt',
    '..%2fsecret.txt',
    '%2e%2e/secret.txt',
    '%2e%2e%2f%2e%2e%2fsecret.txt',
    '%252e%252e%252fsecret.txt',
    '..%5csecret.txt',
    '..\\secret.txt',
    'a.txt/../unlisted.txt',
    'a.txt%00',
    'a.txt%00/../../secret.txt',
    '%00',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    'C:%5cwindows',
    '....//secret.txt',
    '.%2e%c0%afsecret.txt',
    'unlisted.txt',
    '%zz',
    '%ff',
  ];

  test.each(ways)('assets: %s', async (way) => {
    const answer = await exchange(head(`GET /files/${way}`), /\}$/);
    expect(status(answer)).toBe(404);
    expect(answer.text).not.toContain('secret.txt');
  });

  test.each([
    ...ways.map((way) => `shown/${way}`),
    '../secret.txt',
    '%2e%2e/secret.txt',
    '__proto__/x',
    'constructor/toString',
    'shown/x?name=../../secret.txt',
    'shown/x?name=%00',
  ])('objects: %s', async (way) => {
    expect(status(await exchange(head(`GET /__fairlead/objects/${way}`), /\}$/))).toBe(404);
  });

  test('what is listed is served', async () => {
    expect(await (await fetch(`${app.url}/files/a.txt`)).text()).toBe('listed');
  });
});

describe('a client that takes its time', () => {
  let hurried: AppProcess;

  beforeAll(async () => {
    hurried = await run({
      LIMITS: '{"headersTimeout": 300, "requestTimeout": 900, "connectionsCheckingInterval": 50}',
    });
  });

  test('has as long as the documents say', async () => {
    expect((await probe()).limits).toMatchObject({ headersTimeout: 60_000, requestTimeout: 300_000 });
  });

  /** Writes a byte now and then, as long as it may. */
  async function drip(start: string): Promise<Answer> {
    const socket = dial(hurried);
    const answer = { text: '', ended: false };
    socket.on('data', (chunk) => {
      answer.text += chunk;
    });
    socket.once('close', () => {
      answer.ended = true;
    });
    socket.write(start);
    await until(() => {
      if (socket.writable) socket.write('a');
      return answer.ended;
    });
    return answer;
  }

  test.each([
    ['nothing at all', ''],
    ['a head', 'GET /part/a HTTP/1.1\r\nhost: x\r\nx-a: '],
    ['a body', head('POST /echo', 'content-length: 1000')],
    ['a body that is handed on', post('content-length: 1000')],
    ['a body in chunks', `${head('POST /echo', 'transfer-encoding: chunked')}1000\r\n`],
  ])('with %s, is cut off', async (_, start) => {
    const { text, ended } = start === '' ? await exchange('', undefined, hurried) : await drip(start);
    expect(ended).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  test('leaves nothing behind, and is no failure of the application', async () => {
    await until(async () => (await probe(hurried)).sockets === 1);
    expect(hurried.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** The request for a stream. */
const upgrade = (path: string) =>
  head(
    `GET ${path}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-protocol: encore-ws',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  );

interface FrameOptions {
  last?: boolean;
  reserved?: number;
  masked?: boolean;
  /** @default that of the payload */
  length?: number;
}

/** A frame as RFC 6455 has it, 5.2. The mask is of zeros. */
function frame(code: number, payload: string | Buffer = '', options: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload);
  const { last = true, reserved = 0, masked = true, length = body.length } = options;
  const size = length < 126 ? [length] : length < 65_536 ? [126, 2] : [127, 8];
  const start = Buffer.alloc(2 + (size[1] ?? 0));
  start[0] = (last ? 0x80 : 0) | reserved | code;
  start[1] = (masked ? 0x80 : 0) | size[0]!;
  if (size[1] === 2) start.writeUInt16BE(length, 2);
  if (size[1] === 8) start.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([start, Buffer.alloc(masked ? 4 : 0), body]);
}

const repeat = (count: number, one: Buffer) => Buffer.concat(Array.from({ length: count }, () => one));
const said = JSON.stringify({ text: 'said' });
const mebibyte = Buffer.alloc(1 << 20, ' ');

describe('WebSockets', () => {
  test.each<[string, Buffer, number]>([
    ['a frame without a mask', frame(1, said, { masked: false }), 1002],
    ['a reserved bit', frame(1, said, { reserved: 0x40 }), 1002],
    ['an unknown kind of frame', frame(3, said), 1002],
    ['a part of nothing', frame(0, said), 1002],
    ['a message within a message', Buffer.concat([frame(1, said, { last: false }), frame(1, said)]), 1002],
    ['a long ping', frame(9, 'a'.repeat(126)), 1002],
    ['a ping in parts', frame(9, said, { last: false }), 1002],
    ['an end without a code', frame(8, '\x03'), 1002],
    ['an end with a code that nobody sends', frame(8, Buffer.from([3, 237])), 1002],
    ['text that is none', frame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['half a character', frame(1, Buffer.from([0x22, 0xe2, 0x82])), 1007],
    ['a large message', frame(1, '', { length: 3 << 20 }), 1009],
    ['a message that no memory holds', frame(1, '', { length: 2 ** 52 }), 1009],
    [
      'large parts',
      Buffer.concat([frame(1, mebibyte, { last: false }), repeat(2, frame(0, mebibyte, { last: false }))]),
      1009,
    ],
    [
      'parts without an end',
      Buffer.concat([frame(1, '', { last: false }), repeat(200_000, frame(0, '', { last: false }))]),
      1008,
    ],
  ])('%s ends the stream', async (_, bytes, code) => {
    const { text } = await exchange(Buffer.concat([Buffer.from(upgrade('/talk')), bytes]));
    const [, closing = ''] = text.split('\r\n\r\n');
    expect([status({ text, ended: true }), Buffer.from(closing, 'latin1').readUInt16BE(2)]).toEqual([101, code]);
  });

  test('messages that cannot be decoded are dropped', async () => {
    const bad = [frame(2, Buffer.from([0xff])), frame(1, '['.repeat(1_000_000)), frame(1, '{"__proto__":{"a":1}}')];
    const bytes = Buffer.concat([Buffer.from(upgrade('/talk')), ...bad, frame(1, said)]);
    expect((await exchange(bytes, /said/)).text).toContain(said);
  });

  test('a body that comes with the handshake is none', async () => {
    const request = upgrade('/talk').replace('host: x', 'host: x\r\ncontent-length: 40');
    const { text } = await exchange(`${request}GET /part/hidden HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(text).not.toContain('hidden');
  });

  const twoHosts = (request: string) => request.replace('host: x', 'host: x\r\nhost: y');
  test.each([
    ['a request', [], head('GET /part/a')],
    ['a request behind another one', ['HTTP/1.1 200'], head('GET /part/a')],
    ['a WebSocket', [], upgrade('/talk')],
  ])('one behind a refusal is none: %s', async (_, answered, refused) => {
    const first = answered.length > 0 ? post('content-length: 0') : '';
    const { text } = await exchange(first + twoHosts(refused) + upgrade('/talk'));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([...answered, 'HTTP/1.1 400']);
  });

  test('one that is refused while the answer before it is due ends its connection, and no more', async () => {
    expect((await exchange(post('content-length: 0') + twoHosts(upgrade('/talk')))).ended).toBe(true);
    expect((await probe()).sockets).toBeGreaterThan(0);
  });
});

describe('floods leave nothing behind', () => {
  let before: Held;

  beforeAll(async () => {
    // As everything has been used once.
    before = await probe();
  });

  /** Writes the same again and again for a second, and reads nothing. @returns what was held then */
  async function flood(start: string, again: Buffer): Promise<Held> {
    const socket = dial(app).pause();
    socket.write(start);
    for (const end = Date.now() + 1000; Date.now() < end && !socket.destroyed; await sleep(5)) {
      if (!socket.writableNeedDrain) socket.write(again);
    }
    return probe();
  }

  const bounded = ({ heap, external }: Held) => heap + external - before.heap - before.external < 32 * 1024 * 1024;

  test('of streams', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => until101(upgrade('/talk'))));
    expect((await probe()).sockets).toBeGreaterThan(1000);
    for (const socket of open.splice(0)) socket.destroy();
    await nothingLeft(before);
  });

  async function until101(request: string): Promise<void> {
    const socket = dial(app);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write(request);
    await until(() => text.startsWith('HTTP/1.1 101'));
  }

  test.each<[string, string, Buffer]>([
    ['of pings', upgrade('/talk'), repeat(5000, frame(9, 'a'.repeat(125)))],
    ['of messages whose answers nobody reads', upgrade('/talk'), repeat(500, frame(1, said.padEnd(1000)))],
    ['of messages that nobody takes', upgrade('/ignore'), repeat(500, frame(1, said.padEnd(1000)))],
    ['of requests whose answers nobody reads', '', Buffer.from(head(`GET /part/${'a'.repeat(8000)}`).repeat(100))],
    ['of heads without an end', 'GET /part/a HTTP/1.1\r\n', Buffer.from('a: b\r\n'.repeat(10_000))],
    ['of bodies over the limit', head('POST /echo', 'transfer-encoding: chunked'), largeChunk()],
  ])('%s', async (_, start, again) => {
    expect(bounded(await flood(start, again))).toBe(true);
    for (const socket of open.splice(0)) socket.destroy();
    await nothingLeft(before);
  });

  function largeChunk(): Buffer {
    return Buffer.from(`100000\r\n${'a'.repeat(0x100000)}\r\n`);
  }

  test('of streams that are not read', async () => {
    for (let count = 0; count < 20; count++) dial(app).pause().write(upgrade('/pour'));
    await sleep(500);
    expect(bounded(await probe())).toBe(true);
    for (const socket of open.splice(0)) socket.destroy();
    await nothingLeft(before);
  });

  test('of clients that go in the middle', async () => {
    const starts = [
      post('content-length: 1000'),
      head('POST /echo', 'content-length: 1000'),
      upgrade('/talk'),
      'GET /',
    ];
    for (let count = 0; count < 400; count++) {
      const socket = dial(app);
      socket.write(`${starts[count % starts.length]}a`, () => socket.resetAndDestroy());
    }
    await nothingLeft(before);
  });

  test('and the process is as it was', async () => {
    expect(await send('/echo', '{"name":"x"}')).toMatchObject({ status: 200 });
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });
});
