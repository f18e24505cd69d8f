import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { brokerSchema } from '../../runtime/postgres/broker-schema.ts';
import { openPool } from '../../runtime/postgres/connect.ts';
import { Topic } from '../../runtime/pubsub/mod.ts';
import { QueueConsumer } from '../../runtime/pubsub/postgres-consumer.ts';
import type { Delivery } from '../../runtime/pubsub/provider.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { describePubsub } from '../conformance/pubsub.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { configOf } from './support/config.ts';
import { publishJob, readJournal } from './support/journal.ts';
import { killAll, startProcess, until } from './support/process.ts';

let postgres: TestPostgres;
let directory: string;
let journal: string;
let count = 0;
let config: InfraConfig;

beforeAll(async () => {
  postgres = await startPostgres();
  directory = mkdtempSync(join(tmpdir(), 'fairlead-pubsub-'));
});

afterAll(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  journal = join(directory, `journal${++count}`);
  config = await configure(['work', 'audit']);
});

/** The topic `jobs` with these subscriptions, all of them empty. */
async function configure(subscriptions: string[]): Promise<InfraConfig> {
  const made = configOf(postgres, { topics: { jobs: subscriptions } });
  const { broker } = made.fairlead ?? {};
  if (!broker) throw new Error('no broker');
  await postgres.run(
    'postgres',
    `DROP SCHEMA IF EXISTS "Broker ""1""" CASCADE`,
    ...brokerSchema(broker),
    ...brokerSchema(broker),
  );
  return made;
}

afterEach(killAll);

const run = (env: Record<string, string> = {}) => startProcess('./worker.ts', config, { JOURNAL: journal, ...env });

const entries = (what?: string) => readJournal(journal, what);

const queue = (name: string) => `"Broker ""1"""."jobs/${name}"`;
const rows = (name: string) =>
  postgres.run('postgres', `SELECT state, attempts, last_error FROM ${queue(name)} ORDER BY id`);
const empty = (name: string) => until(async () => (await rows(name)).length === 0);

describe('topics on PostgreSQL', () =>
  describePubsub({
    ordered: true,
    make: async ({ subscriptions }) => ({
      config: await configure(subscriptions),
      isEmpty: async (name) => (await rows(name)).length === 0,
    }),
  }));

describe('a consumer by itself', () => {
  const subscription = {
    ...{ name: 'work', topic: 'jobs', ackDeadline: 60_000, messageRetention: 600_000 },
    retry: { minBackoff: 60_000, maxBackoff: 60_000, maxRetries: 5 },
  };
  const consume = async (deliver: (message: Delivery) => Promise<void>) => {
    const pool = await openPool({ ...postgres, database: 'postgres', ssl: false }, { max: 2, min: 0 });
    const consumer = new QueueConsumer({ pool, table: queue('work'), owner: 7, subscription, deliver });
    await postgres.run('postgres', `INSERT INTO ${queue('work')} (message_id, body) VALUES ('a', '{}')`);
    consumer.wake();
    const stop = () => consumer.stop().then(() => pool.end());
    return { consumer, [Symbol.asyncDispose]: stop };
  };

  test('keeps what it handles, also while it has no connection that says that it is there', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const attempts: number[] = [];
    await using consuming = await consume(({ attempt }) => {
      attempts.push(attempt);
      return end;
    });
    await until(() => attempts.length === 1);
    // Now and then it looks for what consumers held that are no more.
    await sleep(2_600);
    consuming.consumer.wake();
    await postgres.run('postgres', `INSERT INTO ${queue('work')} (message_id, body) VALUES ('b', '{}')`);
    await until(() => {
      consuming.consumer.wake();
      return attempts.length === 2;
    });
    resolve();
    expect(attempts).toEqual([1, 1]);
  });

  test('looks again in time when the clock was set back', async () => {
    const seen: string[] = [];
    await using consuming = await consume(async ({ id }) => void seen.push(id));
    await until(() => seen.length === 1);
    await empty('work');
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    await postgres.run(
      'postgres',
      `INSERT INTO ${queue('work')} (message_id, body, visible_at) VALUES ('b', '{}', now() + interval '300 milliseconds')`,
    );
    consuming.consumer.wake();
    await until(() => seen.length === 2).finally(() => clock.mockRestore());
    expect(seen).toEqual(['a', 'b']);
  });

  test.each([
    ['a NUL, which PostgreSQL has not', new Error('no \0 here'), 'no \ufffd here'],
    ['no text at all', Object.create(null), '[Object: null prototype] {}'],
    ['very much text', new Error('x'.repeat(100_000)), 'x'.repeat(8_192)],
  ])('keeps an error with %s, and waits as long as for any other', async (_, thrown, kept) => {
    await using _consuming = await consume(() => Promise.reject(thrown));
    const [row] = await until(async () => {
      const left = await postgres.run('postgres', `SELECT last_error, owner FROM ${queue('work')}`);
      return left[0]?.last_error !== null && left;
    });
    expect(row).toEqual({ last_error: kept, owner: null });
  });
});

test('a pooler that refuses options of connections, as PgBouncer does, may be in between', async () => {
  await using pooler = await refusingOptions(postgres);
  const server = { ...postgres, ...pooler, database: 'postgres', ssl: false } as const;
  const pool = await openPool(server, { max: 1, min: 0, first: 'SET synchronous_commit = off' });
  expect((await pool.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }]);
  await pool.end();
  config.fairlead!.broker!.host = `${pooler.host}:${pooler.port}`;
  const app = await run({ SUBSCRIBE: 'work' });
  await publishJob(app, { id: 'a' });
  await empty('work');
  expect(entries('end')).toMatchObject([{ id: 'a' }]);
  expect(pooler.refused()).toBe(0);
});

/** Passes on what comes, but for connections that begin with options. */
async function refusingOptions({ port }: TestPostgres) {
  let refused = 0;
  const server = createServer((from) => {
    from.once('data', (startup) => {
      if (startup.includes('options\0')) {
        refused += 1;
        return from.destroy();
      }
      const to = connect(port, '127.0.0.1').on('error', () => from.destroy());
      to.write(startup);
      from.on('error', () => to.destroy());
      from.pipe(to).pipe(from);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

test('after the last retry it becomes a dead letter that keeps its error', async () => {
  const app = await run({ SUBSCRIBE: 'work', RETRY: '{"maxRetries": 1}' });
  const { id } = await publishJob(app, { id: 'a', does: 'fail', times: 99 });
  const line = await app.line((line) => line.message === 'message became a dead letter' && line.message_id === id);
  const failed = app.lines.filter(({ message }) => message === 'message failed');
  expect(line).toMatchObject({ trace_id: failed[1]?.trace_id, span_id: failed[1]?.span_id });
  expect(new Set(failed.map(({ trace_id }) => trace_id)).size).toBe(1);
  await publishJob(app, { id: 'b' });
  await until(() => entries('end').length === 1);
  expect(
    await until(async () => {
      const left = await rows('work');
      return left.length === 1 && left;
    }),
  ).toEqual([{ state: 'dead', attempts: 2, last_error: 'no. 2' }]);
});

test('back-off doubles between its bounds', async () => {
  const app = await run({ SUBSCRIBE: 'work', RETRY: '{"minBackoff": 1000, "maxBackoff": 60000}' });
  const wait = async () => {
    const [row] = await postgres.run(
      'postgres',
      `SELECT attempts, owner, extract(epoch FROM visible_at - now()) AS wait FROM ${queue('work')}`,
    );
    return row?.owner === null && row.attempts === 2 && Number(row.wait);
  };
  await publishJob(app, { id: 'a', does: 'fail', times: 99 });
  const second = await until(wait);
  expect(second).toBeGreaterThan(1);
  expect(second).toBeLessThanOrEqual(2);
});

test('a message whose process is killed is delivered again at once to another', async () => {
  const first = await run({ SUBSCRIBE: 'work', ACK: '600000' });
  await publishJob(first, { id: 'a', does: 'sleep', times: 1000 });
  await until(() => entries('begin').length === 1);
  first.kill('SIGKILL');
  await first.ended;
  expect(entries('end')).toEqual([]);
  await run({ SUBSCRIBE: 'work', ACK: '600000' });
  await empty('work');
  expect(entries('end')).toMatchObject([{ id: 'a', attempt: 2 }]);
});

test('a message that kills its process every time becomes a dead letter', async () => {
  const app = await run({ SUBSCRIBE: '' });
  await publishJob(app, { id: 'a' });
  await postgres.run('postgres', `UPDATE ${queue('work')} SET attempts = 4`);
  await run({ SUBSCRIBE: 'work' });
  await until(async () => (await rows('work'))[0]?.state === 'dead');
  expect(await rows('work')).toMatchObject([{ last_error: 'not done before its ack deadline' }]);
  expect(entries()).toEqual([]);
});

test('a dead letter keeps the error of an attempt before the one that was cut off', async () => {
  const app = await run({ SUBSCRIBE: '' });
  await publishJob(app, { id: 'a' });
  await postgres.run('postgres', `UPDATE ${queue('work')} SET attempts = 4, last_error = 'no. 3'`);
  await run({ SUBSCRIBE: 'work' });
  await until(async () => (await rows('work'))[0]?.state === 'dead');
  expect(await rows('work')).toMatchObject([{ last_error: 'no. 3' }]);
});

test('a message that is not done by its ack deadline is delivered again, and its late end changes nothing', async () => {
  const app = await run({ SUBSCRIBE: 'work', ACK: '300' });
  await publishJob(app, { id: 'a', does: 'hang' });
  await until(() => entries('begin').some(({ attempt }) => attempt === 2));
  expect((await rows('work'))[0]).toMatchObject({ state: 'ready' });
});

test('what is not handled within the grace period is delivered again', async () => {
  config.graceful_shutdown = { total: 0.2 };
  const app = await run({ SUBSCRIBE: 'work' });
  await publishJob(app, { id: 'slow', does: 'hang' });
  await until(() => entries('begin').length === 1);
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
  await run({ SUBSCRIBE: 'work' });
  await until(() => entries('begin').some(({ attempt }) => attempt === 2));
});

test('survives a restart of PostgreSQL', async () => {
  const app = await run({ SUBSCRIBE: 'work' });
  await publishJob(app, { id: 'before' });
  await empty('work');
  await postgres.restart();
  const lost = await app.line(({ retry_in_ms }) => retry_in_ms !== undefined);
  expect(lost).toMatchObject({
    level: 'warn',
    message: 'the broker in PostgreSQL cannot be reached',
    error: expect.stringMatching(/./),
  });
  expect(lost).not.toHaveProperty('stack');
  await until(async () => {
    const response = await fetch(`${app.url}/jobs`, {
      method: 'POST',
      body: JSON.stringify({ id: 'after', at: new Date() }),
    });
    return response.ok;
  });
  await until(() => entries('end').some(({ id }) => id === 'after'));
});

test('messages older than the subscription keeps them are removed', async () => {
  const app = await run({ SUBSCRIBE: '' });
  await publishJob(app, { id: 'old' });
  await postgres.run('postgres', `UPDATE ${queue('work')} SET published_at = now() - interval '8 days'`);
  await run({ SUBSCRIBE: 'work' });
  await empty('work');
  expect(entries('begin')).toEqual([]);
});

test('works with no more rights than the broker promises', async () => {
  const [publisher, subscriber] = ['publisher', 'subscriber'];
  for (const role of [publisher, subscriber]) {
    await postgres.run(
      'postgres',
      `DROP ROLE IF EXISTS ${role}`,
      `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`,
      `GRANT USAGE ON SCHEMA "Broker ""1""" TO ${role}`,
    );
  }
  await postgres.run(
    'postgres',
    `GRANT INSERT ON ${queue('work')}, ${queue('audit')} TO ${publisher}`,
    `GRANT SELECT, UPDATE, DELETE ON ${queue('work')} TO ${subscriber}`,
  );
  const as = (username: string): InfraConfig => {
    const copy = structuredClone(config);
    Object.assign(copy.fairlead?.broker ?? {}, { username, password: { $env: 'BROKER_PASSWORD' } });
    return copy;
  };
  const env = { JOURNAL: journal, BROKER_PASSWORD: 'secret' };
  const app = await startProcess('./worker.ts', as(publisher), { ...env, SUBSCRIBE: '' });
  await startProcess('./worker.ts', as(subscriber), { ...env, SUBSCRIBE: 'work' });
  await publishJob(app, { id: 'a', does: 'fail', times: 1 });
  await empty('work');
  expect(entries('end')).toMatchObject([{ id: 'a', attempt: 2 }]);
  expect(await rows('audit')).toHaveLength(1);
});

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  ['text', 'text'],
  [[], 'a list'],
  [Symbol('s'), 'Symbol(s)'],
])('%p is no message', async (message, said) => {
  const publishing = new Topic('jobs', { deliveryGuarantee: 'at-least-once' }).publish(message as object);
  await expect(publishing).rejects.toThrow(`topic jobs: a message is an object, not ${said}`);
});

test('without a broker publishing fails and says so', async () => {
  config = {};
  const app = await run();
  await app.line(
    ({ message }) => message === 'no broker is configured: the subscriptions of this process receive nothing',
  );
  const response = await fetch(`${app.url}/jobs`, {
    method: 'POST',
    body: JSON.stringify({ id: 'a', at: new Date() }),
  });
  expect(response.status).toBe(500);
  await app.line((line) => String(line.error).startsWith('no broker is configured'));
});
