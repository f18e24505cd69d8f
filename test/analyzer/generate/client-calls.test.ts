import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generateTypeScriptClient } from '../../../analyzer/generate/typescript-client.ts';
import { withFiles } from './compile.ts';
import { everything } from './everything.ts';
import { type Peer, serveWebSockets } from './web-socket-server.ts';

// The file as it is generated, run by Node.js; its types are what other tests are about.
const { Client, APIError, isAPIError } = await withFiles(
  { 'client.ts': generateTypeScriptClient(everything) },
  (root) => import(join(root, 'client.ts')),
);

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let seen: Seen[] = [];
let answer: (response: ServerResponse) => void;
let opened: Peer[] = [];
let received: string[] = [];
let onMessage: (peer: Peer, message: string) => void;
let onOpen: (peer: Peer) => void;

const server = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, headers, body: await text(request) });
  answer(response);
});
serveWebSockets(
  server,
  (peer) => {
    opened.push(peer);
    onOpen(peer);
  },
  (peer, message) => {
    received.push(message);
    onMessage(peer, message);
  },
);

let url: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [seen, opened, received] = [[], [], []];
  answer = (response) => void response.end('{}');
  onOpen = () => {};
  onMessage = () => {};
});

const mail = { to: 'ann', rest: 'x', subject: 'hi', at: '2026-01-01T00:00:00Z' };

describe('a request', () => {
  test('has every parameter where it travels', async () => {
    const client = new Client(`${url}/base/`);
    await client.mail_out.send({
      ...mail,
      to: 'a/b ü?',
      rest: 'one/t wo/%',
      priority: 3,
      labels: ['a&b', 'c'],
      trace: 't',
      visit: 'ö;',
      more: null,
    });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/base/mails/a%2Fb%20%C3%BC%3F/parts/one/t%20wo/%25?prio=3&labels=a%26b&labels=c',
        headers: { 'x-trace': 't', cookie: 'visit=%C3%B6%3B', 'content-type': 'application/json' },
        body: JSON.stringify({ subject: 'hi', at: mail.at, more: null }),
      },
    ]);
  });

  test('of an endpoint with several methods is encoded for the method', async () => {
    const client = new Client(url);
    await client.mail_out.find({ text: 'x', limit: 2 });
    await client.mail_out.find({ text: 'x', limit: undefined }, { method: 'GET' });
    await client.mail_out.find();
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/mails', '{"text":"x","limit":2}'],
      ['GET', '/mails?text=x', ''],
      ['POST', '/mails', '{}'],
    ]);
  });

  test('says who sends it: an object, a function, or what the call says', async () => {
    await new Client(url, { auth: { authorization: 'a', tenant: 't&', session: 's' } }).mail_out.find();
    await new Client(url, { auth: async () => ({ authorization: 'b' }) }).mail_out.find();
    await new Client(url, { auth: () => undefined }).mail_out.find();
    await new Client(url, { auth: { authorization: 'a' } }).mail_out.find(
      {},
      { auth: { authorization: 'c' }, query: { q: ['1', '2'] } },
    );
    expect(seen.map(({ url, headers }) => [url, headers.authorization, headers.cookie])).toEqual([
      ['/mails?tenant-id=t%26', 'a', 'sid=s'],
      ['/mails', 'b', undefined],
      ['/mails', undefined, undefined],
      ['/mails?q=1&q=2', 'c', undefined],
    ]);
  });

  test('takes headers of the client and of the call, and another fetch', async () => {
    const urls: string[] = [];
    const fetcher = (to: string, init: RequestInit) => {
      urls.push(to);
      return fetch(to, init);
    };
    const client = new Client(url, { fetcher, requestInit: { headers: { 'x-a': '1', 'x-b': '1' } } });
    await client.mail_out.find({}, { headers: { 'x-b': '2' } });
    expect(seen[0]?.headers).toMatchObject({ 'x-a': '1', 'x-b': '2' });
    expect(urls).toEqual([`${url}/mails`]);
    await expect(client.mail_out.find({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test.each(['', '.', '..', undefined])('is not sent with %j in its path', async (to) => {
    const error = await new Client(url).mail_out.send({ ...mail, to }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_argument', status: 0 });
    expect(seen).toEqual([]);
  });

  test('to a raw endpoint is as the caller makes it, and so is the response', async () => {
    answer = (response) => response.writeHead(418, { 'x-pot': 'tea' }).end('short');
    const client = new Client(url);
    const response = await client.mail_out.hook(
      { provider: 'p', rest: 'a/b' },
      { body: 'raw', headers: { 'content-type': 'text/plain' } },
    );
    expect([response.status, response.headers.get('x-pot'), await response.text()]).toEqual([418, 'tea', 'short']);
    await client.mail_out.hook({ provider: 'p', rest: '' }, { method: 'HEAD' });
    await client.mail_out.ping();
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/hooks/p/a/b', 'raw'],
      ['HEAD', '/hooks/p/', ''],
      ['POST', '/ping', ''],
    ]);
  });
});

describe('an answer', () => {
  test('has its headers, cookies and status in their fields', async () => {
    answer = (response) =>
      void response
        .writeHead(201, {
          'x-quota': '5',
          'x-created': '7',
          'set-cookie': ['other=1', 'seen=a%20b; Path=/x; Max-Age=60; Secure; SameSite=Lax', 'state=true; HttpOnly'],
        })
        .end('{"id":1}');
    expect(await new Client(url).mail_out.send(mail)).toEqual({
      id: 1,
      quota: 5,
      created: 7,
      seen: { value: 'a b', path: '/x', maxAge: 60, secure: true, sameSite: 'Lax' },
      state: { value: true, httpOnly: true },
      status: 201,
    });
  });

  test('does without the cookies and headers that the caller cannot see', async () => {
    answer = (response) => void response.end('{"id":1}');
    expect(await new Client(url).mail_out.send(mail)).toEqual({ id: 1, status: 200 });
  });

  test('of nothing is undefined', async () => {
    answer = (response) => void response.end();
    expect(await new Client(url).mail_out.delete({ id: 1 })).toBeUndefined();
  });

  test('with an error body is an APIError', async () => {
    answer = (response) =>
      void response.writeHead(404).end('{"code":"not_found","message":"no such mail","details":{"id":1}}');
    const error = await new Client(url).mail_out.send(mail).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: 'not_found', message: 'no such mail', status: 404, details: { id: 1 } });
    expect([isAPIError(error), isAPIError(new Error('x'))]).toEqual([true, false]);
  });

  test('with the status of an error is an answer where the endpoint chooses the status', async () => {
    answer = (response) => void response.writeHead(409, { 'x-created': '1' }).end('{"id":2}');
    expect(await new Client(url).mail_out.send(mail)).toMatchObject({ id: 2, status: 409 });
    await expect(new Client(url).mail_out.find()).rejects.toMatchObject({ code: 'already_exists', status: 409 });
  });

  test.each([
    [502, '<html>', 'unknown'],
    [503, '', 'unavailable'],
    [200, '<html>', 'unknown'],
    [403, '{"code":"of another kind"}', 'permission_denied'],
  ])('%i with %j is the error %s', async (status, body, code) => {
    answer = (response) => void response.writeHead(status).end(body);
    await expect(new Client(url).mail_out.find()).rejects.toMatchObject({ name: 'APIError', code, status });
  });
});

describe('a stream', () => {
  test('takes messages before it is open, and gives those of the service until its end', async () => {
    onMessage = (peer, message) => {
      peer.send(JSON.stringify({ at: JSON.parse(message).text, 'kebab-key': 'k' }));
      if (received.length === 2) peer.close(1000);
    };
    const chat = new Client(url, { auth: async () => ({ authorization: 'é', tenant: 't' }) }).new_.chat({
      room: 'a b',
      token: 'x',
      limit: 2,
    });
    await Promise.all([chat.send({ text: 'one' }), chat.send({ text: 'two' })]);
    const messages: unknown[] = [];
    for await (const message of chat) messages.push(message);
    expect(messages).toEqual([
      { at: 'one', 'kebab-key': 'k' },
      { at: 'two', 'kebab-key': 'k' },
    ]);
    const { url: path, headers } = opened[0]!.request;
    expect(path).toBe('/chat/a%20b?limit=2&tenant-id=t');
    const [protocol, encoded] = String(headers['sec-websocket-protocol']).split(/,\s*/);
    expect(protocol).toBe('encore-ws');
    const sent = Buffer.from(encoded!.replace('encore.dev.headers.', ''), 'base64url').toString();
    expect(JSON.parse(sent)).toEqual({ 'x-token': 'x', authorization: 'é' });
    await expect(chat.send({ text: 'late' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('closes when its reader leaves', async () => {
    onOpen = (peer) => peer.send('{"at":"now"}');
    const listen = new Client(url).new_.listen();
    const closed = new Promise((resolve) => listen.socket.on('close', resolve));
    for await (const message of listen) {
      expect(message).toEqual({ at: 'now' });
      break;
    }
    expect(await closed).toMatchObject({ code: 1000 });
    expect(opened[0]!.request.headers['sec-websocket-protocol']).toBe('encore-ws');
  });

  test('is answered once where the service only listens', async () => {
    onMessage = (peer) => {
      if (received.length < 2) return;
      peer.send('{"lines":2}');
      peer.close(1000);
    };
    const count = new Client(url).new_.count();
    await count.send({ text: 'a' });
    await count.send({ text: 'b' });
    expect(await count.response()).toEqual({ lines: 2 });
  });

  test.each([
    [
      1011,
      '{"code":"not_found","message":"no such room","details":null}',
      { code: 'not_found', message: 'no such room' },
    ],
    [1011, 'it broke', { code: 'internal', message: 'it broke' }],
    [1001, '', { code: 'unavailable' }],
  ])('that ends with %i %j is an error', async (code, reason, expected) => {
    onOpen = (peer) => peer.close(code, reason);
    const listen = new Client(url).new_.listen();
    await expect(listen[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'APIError', ...expected });
    const count = new Client(url).new_.count();
    await expect(count.response()).rejects.toMatchObject({ name: 'APIError', ...expected });
  });

  test('that cannot be opened is an error, for readers and writers', async () => {
    const chat = new Client('http://127.0.0.1:1').new_.chat({ room: 'r', token: 't' });
    await expect(chat.send({ text: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(chat[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'unavailable' });
    const wrong = new Client(url).new_.chat({ room: '..', token: 't' });
    await expect(wrong.send({ text: 'x' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
