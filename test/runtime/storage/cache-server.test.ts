import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toApiError } from '../../../runtime/http/error-body.ts';
import type { OpenCache } from '../../../runtime/storage/cache/configured.ts';
import type { Command, Reply } from '../../../runtime/storage/cache/provider.ts';
import { openRedis } from '../../../runtime/storage/cache/redis.ts';
import { RequestReader } from '../../../runtime/storage/cache/server/requests.ts';
import { type CacheServer, serveCaches } from '../../../runtime/storage/cache/server/serve.ts';
import type { CacheServerCluster } from '../../../runtime/wire.ts';

const cluster = (name: string, parts: Partial<CacheServerCluster> = {}): CacheServerCluster => ({
  name,
  password: `of ${name}`,
  eviction_policy: 'allkeys-lru',
  ...parts,
});

let server: CacheServer;
const open: OpenCache[] = [];

beforeAll(async () => {
  server = await serveCaches(0, []);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((cache) => cache.close()));
});
afterAll(() => server.close());

function client(username: string, password = `of ${username}`): OpenCache {
  const auth = { type: 'acl', username, password } as const;
  const cache = openRedis('main', { host: `127.0.0.1:${server.port}`, database_index: 0, auth });
  open.push(cache);
  return cache;
}

const says = (work: Promise<Reply[]>) => work.then(String, (error: Error) => error.message);
const one = (cache: OpenCache, ...command: Command) => says(cache.run([command]));

/** What the server says to bytes, until it closes or says nothing more. */
async function raw(...chunks: string[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let said = '';
  socket.setEncoding('latin1').on('data', (text) => {
    said += text;
  });
  for (const chunk of chunks) socket.write(chunk, 'latin1');
  await Promise.race([once(socket, 'end'), new Promise((resolve) => setTimeout(resolve, 300))]);
  socket.destroy();
  return said;
}

test('clusters are apart: each has its own user, password, keys, policy and room', async () => {
  server.serve([cluster('a'), cluster('b', { eviction_policy: 'noeviction', max_memory: 1 })]);
  const [a, b] = [client('a'), client('b')];
  expect([await one(a, 'SET', 'k', 'of a'), await one(b, 'GET', 'k')]).toEqual(['OK', '']);
  expect([await one(b, 'SET', 'k', 'x'), await one(b, 'SET', 'l', 'x')]).toEqual([
    'OK',
    "OOM command not allowed when used memory > 'maxmemory'.",
  ]);
  expect(
    await says(
      b.run([
        ['SET', 'l', 'x'],
        ['GET', 'k'],
      ]),
    ),
  ).toMatch(/^EXECABORT Transaction discarded because of: OOM command not allowed/);
});

test.each([
  ['a wrong password', 'a', 'of b'],
  ['an unknown cluster', 'c', 'of c'],
  ['no password', 'a', ''],
])('%s is refused', async (_what, user, password) => {
  server.serve([cluster('a')]);
  expect(await one(client(user, password), 'GET', 'k')).toMatch(/^(WRONGPASS|NOAUTH)/);
});

test('without a login there is nothing to be had', async () => {
  server.serve([cluster('a')]);
  for (const command of [
    '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n',
    '*1\r\n$4\r\nPING\r\n',
    '*1\r\n$5\r\nHELLO\r\n',
    '*1\r\n$5\r\nMULTI\r\n',
  ])
    expect(await raw(command)).toBe('-NOAUTH Authentication required.\r\n');
});

test('what is kept stays when other clusters come, and is gone with its cluster, its password or its policy', async () => {
  server.serve([cluster('a'), cluster('b')]);
  const [a, b] = [client('a'), client('b')];
  await a.run([['SET', 'k', 'x']]);
  await b.run([['SET', 'k', 'y']]);
  server.serve([cluster('a'), cluster('c')]);
  expect([await one(a, 'GET', 'k'), await one(b, 'GET', 'k')]).toEqual(['x', 'NOAUTH Authentication required.']);
  server.serve([cluster('a'), cluster('b')]);
  expect(await one(client('b'), 'GET', 'k')).toBe('');
  server.serve([cluster('a', { password: 'new' })]);
  expect([await one(a, 'GET', 'k'), await one(client('a', 'new'), 'GET', 'k')]).toEqual([
    'NOAUTH Authentication required.',
    '',
  ]);
});

test('both versions of the protocol', async () => {
  server.serve([cluster('a')]);
  const login = '*3\r\n$4\r\nAUTH\r\n$1\r\na\r\n$4\r\nof a\r\n';
  const get = '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n';
  const hello = (version: string) => `*2\r\n$5\r\nHELLO\r\n$1\r\n${version}\r\n`;
  expect(await raw(login, get)).toBe('+OK\r\n$-1\r\n');
  expect(await raw(login, hello('3'), get)).toMatch(/^\+OK\r\n%5\r\n\$6\r\nserver\r\n.*_\r\n$/s);
  expect(await raw(login, hello('2'), get)).toMatch(/^\+OK\r\n\*10\r\n.*\$-1\r\n$/s);
  expect(await raw(login, hello('4'), get)).toBe('+OK\r\n-NOPROTO unsupported protocol version\r\n$-1\r\n');
});

test('a transaction with a command that is not one is discarded', async () => {
  server.serve([cluster('a')]);
  const words = (line: string) => {
    const parts = line.split(' ');
    return `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
  };
  const lines = [
    'AUTH a of_a',
    'EXEC',
    'MULTI',
    'MULTI',
    'SET k x',
    'WHAT',
    'EXEC',
    'GET k',
    'MULTI',
    'SET k x',
    'DISCARD',
    'GET k',
    'MULTI',
    'SET k x',
    'LPUSH k y',
    'EXEC',
    'SELECT 1',
    'QUIT',
  ];
  server.serve([cluster('a', { password: 'of_a' })]);
  expect((await raw(lines.map(words).join(''))).split('\r\n').slice(0, -1)).toEqual([
    '+OK',
    '-ERR EXEC without MULTI',
    '+OK',
    '-ERR MULTI calls can not be nested',
    '+QUEUED',
    "-ERR unknown command 'WHAT', with args beginning with: ",
    '-EXECABORT Transaction discarded because of previous errors.',
    '$-1',
    '+OK',
    '+QUEUED',
    '+OK',
    '$-1',
    '+OK',
    '+QUEUED',
    '+QUEUED',
    '*2',
    '+OK',
    '-WRONGTYPE Operation against a key holding the wrong kind of value',
    '-ERR DB index is out of range',
    '+OK',
  ]);
});

test.each([
  ['GET / HTTP/1.1\r\n\r\n', "expected '*', got 'G'"],
  ['*1\r\n+PING\r\n', "expected '$', got '+'"],
  ['*11\r\n', 'invalid multibulk length'],
  ['*1\r\n$16385\r\n', 'invalid bulk length'],
  ['*1\r\n$-1\r\n', 'invalid bulk length'],
  [`*${'1'.repeat(40)}`, 'invalid length'],
  ['*1\n$4\nPING\n', 'invalid length'],
])('a stranger that sends %j is told why, and left', async (bytes, why) => {
  server.serve([cluster('a')]);
  expect(await raw(bytes)).toBe(`-ERR Protocol error: ${why}\r\n`);
});

test('however requests are cut into chunks, they are the same', () => {
  const word = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString('latin1'));
  const requests = fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(requests, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (sent, lengths) => {
      const all = Buffer.from(
        sent
          .map((words) => `*${words.length}\r\n${words.map((one) => `$${one.length}\r\n${one}\r\n`).join('')}`)
          .join('*0\r\n'),
        'latin1',
      );
      const reader = new RequestReader({ words: 4, bytes: 100 });
      const got: string[][] = [];
      for (let at = 0; at < all.length; ) {
        const length = lengths.next().value as number;
        got.push(...reader.read(all.subarray(at, at + length)));
        at += length;
      }
      expect(got).toEqual(sent);
    }),
    { numRuns: 300 },
  );
});

test('a large value that comes in many chunks is read once', async () => {
  server.serve([cluster('a')]);
  const cache = client('a');
  const value = 'grün'.repeat(4_000_000);
  const began = performance.now();
  await cache.run([['SET', 'k', value]]);
  expect((await cache.run([['GET', 'k']]))[0] === value).toBe(true);
  expect(performance.now() - began).toBeLessThan(15_000);
});

test('many clients at once, each of whose transactions is alone', async () => {
  server.serve([cluster('a')]);
  const caches = Array.from({ length: 8 }, () => client('a'));
  const replies = await Promise.all(
    caches.flatMap((cache) =>
      Array.from({ length: 200 }, () =>
        cache.run([
          ['INCRBY', 'n', 1],
          ['INCRBY', 'm', 1],
        ]),
      ),
    ),
  );
  expect(replies.every(([n, m]) => n === m)).toBe(true);
  expect(await one(caches[0]!, 'GET', 'n')).toBe('1600');
});

test('a server that ends is not available, and its successor on the port is found', async () => {
  const first = await serveCaches(0, [cluster('a')]);
  const auth = { type: 'acl', username: 'a', password: 'of a' } as const;
  const cache = openRedis('main', { host: `127.0.0.1:${first.port}`, database_index: 0, auth });
  open.push(cache);
  await cache.run([['SET', 'k', 'x']]);
  await first.close();
  const failure = await cache.run([['GET', 'k']]).catch((error) => error);
  expect(toApiError(failure).code).toBe('unavailable');
  const second = await serveCaches(first.port, [cluster('a')]);
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if ((await one(cache, 'GET', 'k')) === '') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await one(cache, 'GET', 'k')).toBe('');
  await cache.close();
  await second.close();
});
