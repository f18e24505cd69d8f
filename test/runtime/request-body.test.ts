import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { linger } from '../../runtime/http/linger.ts';
import { Pieces } from '../../runtime/http/pieces.ts';
import { readBody } from '../../runtime/http/request.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A request whose client has gone, of whose body so much has arrived and nothing was read. */
async function abandoned(arrived: string, length: number): Promise<IncomingMessage> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${arrived}`);
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const closed = new Promise((resolve) => request.once('close', resolve));
  client.resetAndDestroy();
  await closed;
  server.close();
  return request;
}

test.each([
  ['a part', 'half'],
  ['all', 'half of it'],
  ['nothing', ''],
])('a body of which %s had arrived when the client went is not waited for', async (_, arrived) => {
  const request = await abandoned(arrived, 'half of it'.length);
  const read = Promise.resolve(readBody(request, null)).then(
    () => 'read',
    ({ message }: Error) => message,
  );
  expect(await Promise.race([read, sleep(1000, 'waits')])).toBe('unable to read request body: aborted');
});

/** What a server reads of each request that comes by one connection, and what it answers them with. */
async function readEach(sent: string[], limit: number, prepare = (_request: IncomingMessage): void => {}) {
  const read: string[] = [];
  const server = createServer(async (request, response) => {
    prepare(request);
    const body = await Promise.resolve(readBody(request, limit)).catch(({ message }: Error) => message);
    read.push(String(body));
    response.end(String(body));
    // As after every refusal: what is left of it is thrown away.
    if (!request.complete) request.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
  let answers = '';
  client.on('data', (text: string) => {
    answers += text;
  });
  try {
    for (const piece of sent) {
      client.write(piece);
      await sleep(20);
    }
    client.end();
    await once(client, 'close');
    return { read, answered: answers.match(/HTTP\/1\.1 200/g)?.length ?? 0 };
  } finally {
    client.destroy();
    server.close();
  }
}

const post = 'POST / HTTP/1.1\r\nhost: x\r\n';

describe.each<[string, ((request: IncomingMessage) => void) | undefined]>([
  ['as this Node ends a body', undefined],
  [
    'as a Node does that has no way to end one without a word',
    (request) => Object.assign(request, { _dumpAndCloseReadable: undefined }),
  ],
])('%s', (_, prepare) => {
  test.each<[string, string[], string[]]>([
    ['at once', [`${post}content-length: 4\r\n\r\nbody`], ['body']],
    ['in pieces', [`${post}content-length: 4\r\n\r\n`, 'bo', 'dy'], ['body']],
    [
      'in chunks, with a trailer',
      [`${post}transfer-encoding: chunked\r\n\r\n2\r\nbo\r\n`, '2\r\ndy\r\n0\r\nx-end: 1\r\n\r\n'],
      ['body'],
    ],
    ['that is empty', [`${post}content-length: 0\r\n\r\n`], ['']],
    [
      'with the next request behind',
      [`${post}content-length: 3\r\n\r\none${post}content-length: 3\r\n\r\ntwo`],
      ['one', 'two'],
    ],
    [
      'beyond the limit',
      [
        `${post}transfer-encoding: chunked\r\n\r\n8\r\nfar too \r\n`,
        '4\r\nlong\r\n0\r\n\r\n',
        `${post}content-length: 4\r\n\r\nnext`,
      ],
      ['unable to read request body: length limit exceeded', 'next'],
    ],
  ])('a body %s', async (_, sent, bodies) => {
    const { read, answered } = await readEach(sent, 6, prepare);
    expect([read, answered]).toEqual([bodies, bodies.length]);
  });
});

test('a body that has come before it is read', async () => {
  const server = createServer(async (request, response) => {
    await sleep(50);
    response.end(await readBody(request, null));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    body: 'early',
  });
  expect(await answer.text()).toBe('early');
  server.close();
});

test('a body that breaks off while it is read', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(`${post}content-length: 8\r\n\r\nhalf`);
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const read = expect(readBody(request, null)).rejects.toThrow('unable to read request body: aborted');
  client.resetAndDestroy();
  await read;
  server.close();
});

test('a body that somebody else reads as well comes to both', async () => {
  const { read, answered } = await readEach([`${post}content-length: 4\r\n\r\nbo`, 'dy'], 6, (request) => {
    request.on('data', (piece: Buffer) => heard.push(String(piece))).on('end', () => heard.push('end'));
  });
  expect([read, answered, heard]).toEqual([['body'], 1, ['bo', 'dy', 'end']]);
});

const heard: string[] = [];

test('a connection that closes while the body is read is gone once all has come', async () => {
  const server = createServer((request, response) => {
    linger(request);
    void readBody(request, null);
    response.writeHead(200, { connection: 'close' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.write(`${post}content-length: 4\r\n\r\nbo`);
  client.resume();
  await once(client, 'end');
  client.write('dy');
  for (let turn = 0; turn < 100 && (await openConnections(server)) > 0; turn++) await sleep(20);
  expect(await openConnections(server)).toBe(0);
  client.destroy();
  server.close();
});

const openConnections = (server: Server) =>
  new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });

test('a body in pieces of one byte takes little more memory than its bytes', () => {
  const pieces = new Pieces();
  const before = process.memoryUsage();
  // Each would else be in the list of them: 60 MiB.
  for (let at = 0; at < 300_000; at++) pieces.add(Buffer.from([at % 251]));
  collectGarbage();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(8 * 1024 * 1024);
  expect(pieces.whole()).toEqual(Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251)));
});
