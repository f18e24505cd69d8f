import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { readBody } from '../../runtime/http/request.ts';

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
