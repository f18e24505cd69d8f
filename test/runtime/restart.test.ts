import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createManifest } from '../../images/bundle/manifest.ts';
import type { Running } from '../../runtime/internal/start.ts';
import { brokerSchema } from '../../runtime/postgres/broker-schema.ts';
import type { Topic } from '../../runtime/pubsub/mod.ts';
import type { StringKeyspace } from '../../runtime/storage/cache/mod.ts';
import type { SQLDatabase } from '../../runtime/storage/sqldb/mod.ts';
import * as built from '../support/graph.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { redisServer, startRedis, type TestRedis } from '../support/redis.ts';
import { configOf } from './support/config.ts';
import { graphOf, message, text } from './support/graph.ts';
import { until } from './support/process.ts';

/** Declared once the configuration is there, which is read once. */
let db: SQLDatabase;
let topic: Topic<{ text: string }>;
let texts: StringKeyspace<string>;

const handlers: Record<string, () => Promise<void>> = {
  query: async () => void (await db.queryRow`SELECT pg_sleep(0.002), count(*) FROM notes`),
  async transaction() {
    await using tx = await db.begin();
    await tx.exec`INSERT INTO notes (text) VALUES (${'x'})`;
    await tx.commit();
  },
  async connection() {
    const connection = await db.acquire();
    try {
      await connection.exec`SELECT 1`;
    } finally {
      await connection.close();
    }
  },
  publish: async () => void (await topic.publish({ text: 'x' })),
  cached: () => texts.set('a', 'x'),
  wrong: async () => void (await db.exec`SELECT * FROM nothing`),
};

let postgres: TestPostgres;
let redis: TestRedis | undefined;
let directory: string;
let app: Running;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.run('postgres', 'CREATE DATABASE test');
  await postgres.run('test', 'CREATE TABLE notes (text text)');
  redis = redisServer === undefined ? undefined : await startRedis(redisServer);
  directory = mkdtempSync(join(tmpdir(), 'fairlead-restart-'));
  const config = configOf(postgres, { databases: ['test'], topics: { said: ['heard'] } });
  await postgres.run('postgres', ...brokerSchema(config.fairlead!.broker!));
  if (redis) config.redis = { main: { host: redis.host, database_index: 0 } };
  writeFileSync(join(directory, 'infra.config.json'), JSON.stringify(config));
  Object.assign(process.env, { ENCORE_INFRA_CONFIG_PATH: join(directory, 'infra.config.json') });
  Object.assign(process.env, { ENCORE_NOLOG: '1', HOST: '127.0.0.1', PORT: '0' });
  const [sqldb, pubsub, caches, { start }] = await Promise.all([
    import('../../runtime/storage/sqldb/mod.ts'),
    import('../../runtime/pubsub/mod.ts'),
    import('../../runtime/storage/cache/mod.ts'),
    import('../../runtime/internal/start.ts'),
  ]);
  db = new sqldb.SQLDatabase('test');
  topic = new pubsub.Topic<{ text: string }>('said', { deliveryGuarantee: 'at-least-once' });
  texts = new caches.StringKeyspace<string>(new caches.CacheCluster('main'), { keyPattern: 'texts/:key' });
  const endpoints = Object.keys(handlers).map((name) => ({ name, exposed: true, path: `/${name}` }));
  const graph = graphOf(
    { web: { endpoints } },
    {
      topics: [built.topic('said', { message: message({ text }).schema })],
      uses: [built.use('web', { kind: 'topic', name: 'said' }, ['publish'])],
    },
  );
  app = await start({
    manifest: createManifest(graph, { name: 'app', services: ['web'], gateway: true }),
    handlers: Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [`web.${name}`, handler as never])),
  });
});

afterAll(async () => {
  await app.stop();
  await postgres.stop();
  await redis?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ask(name: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${app.port}/${name}`, { method: 'POST' });
  const body = await answer.text();
  return body === '' ? String(answer.status) : `${answer.status} ${JSON.parse(body).code}`;
}

/** What each endpoint answers while something happens, and goes on answering until it is well again. */
async function answersDuring(names: string[], event: () => Promise<void>): Promise<Record<string, string[]>> {
  const found = new Map(names.map((name) => [name, new Set<string>()]));
  let over = false;
  const loops = names
    .flatMap((name) => [name, name, name])
    .map(async (name) => {
      while (!over) found.get(name)!.add(await ask(name));
    });
  await sleep(100);
  await event();
  await until(async () => (await Promise.all(names.map(ask))).every((answer) => answer === '200'));
  over = true;
  await Promise.all(loops);
  return Object.fromEntries([...found].map(([name, answers]) => [name, [...answers].sort()]));
}

test('PostgreSQL restarts: what it was needed for is unavailable, and then works again', async () => {
  const names = ['query', 'transaction', 'connection', 'publish'];
  const answers = await answersDuring(names, postgres.restart);
  // Which of them meet the moment is chance; that any does is not.
  expect(new Set(Object.values(answers).flat())).toEqual(new Set(['200', '503 unavailable']));
  const after = await Promise.all(Array.from({ length: 10 }, () => names.map(ask)).flat());
  expect(new Set(after)).toEqual(new Set(['200']));
  // Connections that were lost are not held: those there are come from what asked at once.
  const [row] = await postgres.run(
    'postgres',
    "SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = 'test'",
  );
  expect(row!.open).toBeLessThanOrEqual(60);
  expect(await ask('wrong')).toBe('500 internal');
});

const withRedis = redisServer === undefined ? test.skip : test;
withRedis('Redis restarts: what it was needed for is unavailable at most, and then works again', async () => {
  const answers = await answersDuring(['cached'], async () => {
    await redis!.kill();
    await until(async () => (await ask('cached')) === '503 unavailable');
    await redis!.start();
  });
  expect(answers).toEqual({ cached: ['200', '503 unavailable'] });
  expect(await ask('cached')).toBe('200');
});
