import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { brokerSchema } from '../../runtime/postgres/broker-schema.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { configOf } from './support/config.ts';
import { type AppProcess, killAll, startProcess } from './support/process.ts';

let postgres: TestPostgres;
let config: InfraConfig;

beforeAll(async () => {
  postgres = await startPostgres();
  config = configOf(postgres, { databases: ['postgres'], topics: { jobs: ['work'] } });
  await postgres.run('postgres', 'CREATE TABLE done (what text)', ...brokerSchema(config.fairlead!.broker!));
});
afterAll(() => postgres.stop());
beforeEach(() => postgres.run('postgres', 'TRUNCATE done, "Broker ""1"""."jobs/work"'));
afterEach(killAll);

const run = (grace: number, env: Record<string, string> = {}) =>
  startProcess('./shutdown.ts', { ...config, graceful_shutdown: { total: grace } }, env);

/** Everything that takes its time, begun. */
async function begin(app: AppProcess): Promise<{ request: Promise<number | 'cut off'>; stream: Promise<number> }> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/talk`);
  await once(socket, 'open');
  const stream = once(socket, 'close').then(([code]) => code as number);
  await fetch(`${app.url}/transact`);
  await fetch(`${app.url}/publish`);
  const request = fetch(`${app.url}/slow`).then(
    ({ status }) => status,
    () => 'cut off' as const,
  );
  for (const what of ['transaction', 'message', 'request'])
    await app.line(({ message }) => message === `${what} began`);
  return { request, stream };
}

const rows = async () => ({
  done: (await postgres.run('postgres', 'SELECT what FROM done ORDER BY what')).map(({ what }) => what),
  queue: await postgres.run('postgres', 'SELECT state FROM "Broker ""1"""."jobs/work"'),
});

test('SIGTERM lets requests, streams, messages and transactions come to their end', async () => {
  const app = await run(10);
  const { request, stream } = await begin(app);
  app.kill('SIGTERM');
  expect([await request, await stream, await app.ended]).toEqual([200, 1001, 0]);
  expect(await rows()).toEqual({ done: ['begun', 'finished'], queue: [] });
  const ends = app.lines.map(({ message }) => message).filter((message) => / ended$/.test(String(message)));
  expect(ends.sort()).toEqual(['message ended', 'request ended', 'stream ended', 'transaction ended']);
});

test('what takes longer than the grace time is cut off, and the transaction with it', async () => {
  const app = await run(0.2, { TAKES: '60000' });
  const { request } = await begin(app);
  app.kill('SIGTERM');
  expect([await request, await app.ended]).toEqual(['cut off', 0]);
  await app.line(({ message }) => message === 'the shutdown took too long: what is left is cut off');
  expect(await rows()).toEqual({ done: [], queue: [{ state: 'ready' }] });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second signal ends it at once: %s', async (signal, code) => {
  const app = await run(600, { TAKES: '60000' });
  const { request } = await begin(app);
  app.kill('SIGTERM');
  await app.line(({ message }) => message === 'shutting down');
  app.kill(signal);
  expect([await request, await app.ended]).toEqual(['cut off', code]);
});

test('a promise that nobody took is in the log with its request, also after that, and takes no other one down', async () => {
  const app = await run(5);
  const slow = fetch(`${app.url}/slow`);
  await app.line(({ message }) => message === 'request began');
  for (const [endpoint, error] of [
    ['floating', 'left alone'],
    ['later', 'left alone later'],
  ]) {
    const { status, headers } = await fetch(`${app.url}/${endpoint}`);
    expect(status).toBe(200);
    expect(await app.line((line) => line.message === 'unhandled rejection' && line.error === error)).toMatchObject({
      ...{ level: 'error', service: 'web', endpoint, stack: expect.stringContaining('shutdown.ts') },
      trace_id: headers.get('x-encore-trace-id'),
    });
  }
  expect((await slow).status).toBe(200);
});
