import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toApiError } from '../../../runtime/http/error-body.ts';
import type { OpenCache } from '../../../runtime/storage/cache/configured.ts';
import {
  CacheCluster,
  CacheError,
  CacheKeyExists,
  CacheMiss,
  expireIn,
  FloatKeyspace,
  IntKeyspace,
  keepTTL,
  NumberSetKeyspace,
  StringKeyspace,
  StringListKeyspace,
  StringSetKeyspace,
  StructKeyspace,
} from '../../../runtime/storage/cache/mod.ts';
import { provideCaches } from '../../../runtime/storage/cache/provider.ts';
import { openRedis } from '../../../runtime/storage/cache/redis.ts';
import type { RedisServer } from '../../../runtime/wire.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { redisServer, startRedis, type TestRedis } from '../../support/redis.ts';

const tls = makeCertificate();

(process.env.CI ? test : test.skip)('there are redis-server and openssl', () => {
  expect([redisServer, tls]).not.toContain(undefined);
});

(redisServer && tls ? describe : describe.skip)('with redis-server and openssl, a cache on Redis', () => {
  let server: TestRedis;
  let open: OpenCache[] = [];

  beforeAll(async () => {
    server = await startRedis(redisServer!, {
      tls: tls!,
      users: [
        'user default on >everybody ~* &* +@all',
        'user app on >of-the-app ~shop/pr-1/* -@all +@read +@write +@transaction +@connection',
      ],
    });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.run('FLUSHALL');
  });
  afterAll(async () => {
    provideCaches(() => undefined);
    await Promise.all(open.map((cache) => cache.close()));
    open = [];
  });

  const wanted = (parts: Partial<RedisServer> = {}): RedisServer => ({
    host: server.host,
    database_index: 0,
    auth: { type: 'acl', username: 'app', password: 'of-the-app' },
    key_prefix: 'shop/pr-1/',
    ...parts,
  });

  function cluster(parts: Partial<RedisServer> = {}): CacheCluster {
    const cache = openRedis('main', wanted(parts));
    open.push(cache);
    provideCaches((name) => (name === 'main' ? cache : undefined));
    return new CacheCluster('main');
  }

  test('values of every kind come back as they were', async () => {
    const main = cluster();
    const texts = new StringKeyspace<string>(main, { keyPattern: 'texts/:key' });
    await texts.set('a', 'grüße 😀');
    expect(await texts.multiGet('a', 'b')).toEqual(['grüße 😀', undefined]);
    expect(await texts.append('a', '!')).toBe(Buffer.byteLength('grüße 😀!'));
    await texts.multiSet([
      ['x', '1'],
      ['y', '2'],
    ]);
    expect([await texts.getAndSet('x', '3'), await texts.getAndDelete('x'), await texts.get('x')]).toEqual([
      '1',
      '3',
      undefined,
    ]);
    await expect(texts.setIfNotExists('y', 'z')).rejects.toBeInstanceOf(CacheKeyExists);
    await expect(texts.replace('x', 'z')).rejects.toBeInstanceOf(CacheMiss);
    const counts = new IntKeyspace<string>(main, { keyPattern: 'counts/:key' });
    expect([await counts.increment('a', 41), await counts.decrement('a', 40), await counts.get('a')]).toEqual([
      41, 1, 1,
    ]);
    const floats = new FloatKeyspace<string>(main, { keyPattern: 'floats/:key' });
    expect(await floats.increment('a', 0.5)).toBe(0.5);
    const users = new StructKeyspace<{ id: number }, { name: string }>(main, { keyPattern: 'users/:id' });
    await users.set({ id: 1 }, { name: 'Ada' });
    expect(await users.get({ id: 1 })).toEqual({ name: 'Ada' });
    const list = new StringListKeyspace<string>(main, { keyPattern: 'lists/:key' });
    await list.pushRight('a', 'x', 'y', 'z');
    expect([
      await list.popLeft('a'),
      await list.items('a'),
      await list.insertBefore('a', 'y', 'w'),
      await list.get('a', 9),
    ]).toEqual(['x', ['y', 'z'], 3, undefined]);
    const set = new StringSetKeyspace<string>(main, { keyPattern: 'sets/:key' });
    expect([await set.add('a', 'x', 'y', 'x'), await set.contains('a', 'y'), (await set.items('a')).sort()]).toEqual([
      2,
      true,
      ['x', 'y'],
    ]);
    const numbers = new NumberSetKeyspace<string>(main, { keyPattern: 'numbers/:key' });
    await numbers.add('a', 1, 2);
    await numbers.add('b', 2, 3);
    expect([await numbers.intersect('a', 'b'), await numbers.unionStore('c', 'a', 'b')]).toEqual([[2], 3]);
    expect(await texts.delete('a', 'y', 'nothing')).toBe(2);
  });

  test('expiry is set together with the value', async () => {
    const brief = new IntKeyspace<string>(cluster(), { keyPattern: ':key', defaultExpiry: expireIn(60_000) });
    await brief.increment('a');
    const left = Number((await server.run('PTTL', 'shop/pr-1/a')).slice(1));
    expect(left).toBeGreaterThan(50_000);
    await brief.increment('a', 1, { expiry: keepTTL });
    expect(Number((await server.run('PTTL', 'shop/pr-1/a')).slice(1))).toBeLessThanOrEqual(left);
  });

  test('keys have the prefix of their environment, and no other is to be had', async () => {
    const main = cluster();
    await new StringKeyspace<string>(main, { keyPattern: ':key' }).set('a', 'x');
    expect(await server.run('KEYS', '*')).toContain('shop/pr-1/a');
    const other = new StringKeyspace<string>(cluster({ key_prefix: 'shop/pr-2/' }), { keyPattern: ':key' });
    await expect(other.get('a')).rejects.toThrow(/NOPERM/);
    await expect(other.get('a')).rejects.toBeInstanceOf(CacheError);
  });

  test('a failing command fails alone, with the error of the server', async () => {
    const main = cluster();
    const texts = new StringKeyspace<string>(main, { keyPattern: ':key' });
    await texts.set('a', 'no number');
    const counts = new IntKeyspace<string>(main, { keyPattern: ':key', defaultExpiry: expireIn(1000) });
    const [fails, works] = [counts.increment('a'), texts.get('a')];
    await expect(fails).rejects.toThrow('INCRBY "a" in cache main: ERR value is not an integer or out of range');
    expect(await works).toBe('no number');
    expect(toApiError(await fails.catch((error) => error)).code).toBe('internal');
  });

  test('databases are apart', async () => {
    const everybody = { type: 'auth_string', auth_string: 'everybody' } as const;
    const [zero, one] = [0, 1].map((database_index) => openRedis('main', wanted({ auth: everybody, database_index })));
    open.push(zero!, one!);
    await zero!.run([['SET', 'k', '0']]);
    expect(await one!.run([['GET', 'k']])).toEqual([null]);
  });

  test('speaks TLS, and only with whom it trusts', async () => {
    const get = (tls_config: RedisServer['tls_config'], host = server.tlsHost) => {
      const cache = openRedis('main', wanted({ host, ...(tls_config && { tls_config }) }));
      open.push(cache);
      return cache.run([['GET', 'shop/pr-1/k']]);
    };
    const { cert: ca } = tls!;
    expect(await get({ ca })).toEqual([null]);
    expect(await get({ disable_ca_validation: true })).toEqual([null]);
    const byAddress = server.tlsHost.replace('localhost', '127.0.0.1');
    expect(await get({ ca, disable_tls_hostname_verification: true }, byAddress)).toEqual([null]);
    await expect(get({})).rejects.toThrow('cache main cannot be reached');
    await expect(get({ ca }, byAddress)).rejects.toThrow('cache main cannot be reached');
  });

  test('a wrong password is an error that says so', async () => {
    const texts = new StringKeyspace<string>(cluster({ auth: { type: 'auth_string', auth_string: 'wrong' } }), {
      keyPattern: ':key',
    });
    await expect(texts.get('a')).rejects.toThrow(/^GET "a" in cache main: WRONGPASS/);
  });

  test('a server that is not there is not available', async () => {
    const texts = new StringKeyspace<string>(cluster({ host: '127.0.0.1:1' }), { keyPattern: ':key' });
    const error = await texts.get('a').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CacheError);
    const { code, message } = toApiError(error);
    expect([code, message]).toEqual(['unavailable', 'cache main cannot be reached']);
  });

  test('what was sent is not sent again when its answer is lost, and what waits for a connection is', async () => {
    const [host, port] = server.host.split(':');
    const sockets = new Set<Socket>();
    let lose = true;
    const network = createServer((client) => {
      const upstream = connect(Number(port), host);
      for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
      let losing = false;
      client.on('data', (chunk) => {
        losing ||= lose && /incrby/i.test(chunk.toString());
        upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        if (!losing) return void client.write(chunk);
        lose = false;
        client.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(network, 'listening');
    try {
      const counts = new IntKeyspace<string>(
        cluster({ host: `127.0.0.1:${(network.address() as AddressInfo).port}` }),
        {
          keyPattern: ':key',
        },
      );
      expect(await counts.get('a')).toBeUndefined();
      const [first, second] = [counts.increment('a'), counts.increment('a')];
      for (const lost of [first, second]) {
        const { code } = toApiError(await lost.catch((error: unknown) => error));
        expect(code).toBe('unavailable');
      }
      // There is no connection yet.
      const third = counts.increment('b');
      expect(await third).toBe(1);
      expect(await counts.get('a')).toBe(2);
    } finally {
      for (const socket of sockets) socket.destroy();
      network.close();
    }
  });

  test('a server that crashes under load costs what was under way, and then all is well again', async () => {
    const counts = new IntKeyspace<string>(cluster(), { keyPattern: ':key' });
    let stop = false;
    const seen: unknown[] = [];
    const load = (async () => {
      while (!stop) {
        const all = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => counts.increment(`k${index}`)));
        seen.push(...all.flatMap((one) => (one.status === 'rejected' ? [toApiError(one.reason).code] : [])));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await server.start();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    stop = true;
    await load;
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set(['unavailable']));
    expect(await counts.increment('after')).toBe(1);
  });
});
