import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { corsHeaders } from '../../../runtime/http/cors.ts';
import { checkConfig } from '../../../runtime/infra/schema.ts';
import { openRedis } from '../../../runtime/storage/cache/redis.ts';
import { SQLDatabase } from '../../../runtime/storage/sqldb/mod.ts';
import { closePools } from '../../../runtime/storage/sqldb/pool.ts';
import type { InfraConfig, RedisServer } from '../../../runtime/wire.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { redisServer, startRedis } from '../../support/redis.ts';

// What single keys of `infra.config.json` do, that no other test is about.

describe('a database', () => {
  let postgres: TestPostgres;
  let directory: string;
  const db = new SQLDatabase('orders', { migrations: './migrations' });

  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.run('postgres', 'CREATE DATABASE shop_orders');
    directory = mkdtempSync(join(tmpdir(), 'fairlead-infra-'));
    const { host, port, user: username, password } = postgres;
    const limits = { max_connections: 3, min_connections: 2 };
    const databases = { orders: { name: 'shop_orders', username, password, ...limits } };
    const config: InfraConfig = { sql_servers: [{ host: `${host}:${port}`, databases }] };
    writeFileSync(join(directory, 'infra.config.json'), JSON.stringify(config));
    process.env.ENCORE_INFRA_CONFIG_PATH = join(directory, 'infra.config.json');
  });
  afterEach(closePools);
  afterAll(async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = async () => {
    const row = await db.queryRow<{ count: number }>`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = 'shop_orders'`;
    return row?.count;
  };
  const load = () => Promise.all(Array.from({ length: 9 }, () => db.queryRow`SELECT pg_sleep(0.05)`));

  test('has its own name on the server', async () => {
    expect(await db.queryRow`SELECT current_database() AS name`).toEqual({ name: 'shop_orders' });
  });

  test('gets no more connections than it may, and they wait for each other', async () => {
    await load();
    expect(await open()).toBe(3);
  });

  test('opens none ahead, and keeps connections that nobody needs', async () => {
    expect(await open()).toBe(1);
    await load();
    // A pool closes what has been idle for ten seconds, down to these.
    for (const end = Date.now() + 20_000; (await open()) !== 2; ) {
      if (Date.now() > end) throw new Error('the connections were not let go');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }, 30_000);
});

(redisServer ? test : test.skip)('a cache has one connection, whatever the limits are', async () => {
  const server = await startRedis(redisServer!, { users: ['user app on >pw ~* &* +@all'] });
  const config = {
    host: server.host,
    database_index: 0,
    auth: { type: 'acl', username: 'app', password: 'pw' },
    in_memory: false,
    max_connections: 20,
    min_connections: 5,
  };
  const taken = checkConfig(JSON.stringify({ redis: { main: config } }), 'x').redis!.main as RedisServer;
  const cache = openRedis('main', taken);
  try {
    await Promise.all(Array.from({ length: 20 }, () => cache.run([['GET', 'a']])));
    expect((await server.run('CLIENT', 'LIST')).split('\n').filter((line) => line.includes('user=app'))).toHaveLength(
      1,
    );
  } finally {
    await cache.close();
    await server.stop();
  }
});

test('pages of other origins may ask what the configuration says, and cors.debug changes nothing', () => {
  const cors = {
    allow_headers: ['X-Mine'],
    expose_headers: ['X-Told'],
    allow_origins_without_credentials: ['https://a.test'],
    allow_origins_with_credentials: ['https://b.test'],
  };
  const none = { request: [], response: [] };
  const from = (origin: string, method = 'GET') => corsHeaders(method, { origin }, cors, none);
  expect(from('https://a.test')).not.toHaveProperty('access-control-allow-credentials');
  expect(from('https://a.test')['access-control-allow-origin']).toBe('https://a.test');
  expect(from('https://b.test')).toMatchObject({
    'access-control-allow-origin': 'https://b.test',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': expect.stringMatching(/x-told/i),
  });
  expect(from('https://b.test', 'OPTIONS')['access-control-allow-headers']).toMatch(/x-mine/i);
  expect(from('https://c.test')).toEqual({ vary: 'Origin' });
  expect(corsHeaders('GET', { origin: 'https://b.test' }, { ...cors, debug: true }, none)).toEqual(
    from('https://b.test'),
  );
});
