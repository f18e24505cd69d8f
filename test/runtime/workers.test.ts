import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import parsePrometheus from 'parse-prometheus-text-format';
import { WebSocket } from 'ws';
import { brokerSchema } from '../../runtime/postgres/broker-schema.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import type { FromWorker } from '../../runtime/workers/messages.ts';
import { shareOf } from '../../runtime/workers/role.ts';
import { Totals } from '../../runtime/workers/totals.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { configOf } from './support/config.ts';
import { type AppProcess, killAll, spawnProcess, startProcess, until } from './support/process.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
afterEach(killAll);

const run = (config: InfraConfig = {}, env: Record<string, string> = {}) =>
  startProcess('./workers.ts', { worker_threads: 2, ...config }, env);
const ask = async (app: AppProcess, path: string) => {
  const [response] = (await once(get(`${app.url}${path}`, { agent: new Agent() }), 'response')) as [
    NodeJS.ReadableStream & { statusCode: number },
  ];
  const body = await text(response);
  return { status: response.statusCode, body: body === '' ? undefined : JSON.parse(body) };
};
const pidsOf = async (app: AppProcess, path: string, pidOf = (body: unknown) => (body as { pid: number }).pid) =>
  new Set(await Promise.all(Array.from({ length: 8 }, async () => pidOf((await ask(app, path)).body))));
const linesOf = ({ lines }: AppProcess, message: string) => lines.filter((line) => line.message === message);

test('requests of every kind go to workers in turn, which share no state; the application is loaded by them alone', async () => {
  const app = await run({}, { FAIRLEAD_METRICS_PORT: '0' });
  const pids = await pidsOf(app, '/who');
  expect(pids.size).toBe(2);
  expect(new Set(linesOf(app, 'the application is loaded').map(({ pid }) => pid))).toEqual(pids);
  expect(await pidsOf(app, '/raw', Number)).toEqual(pids);
  const streamed = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const socket = new WebSocket(`${app.url.replace('http', 'ws')}/echo`);
      await once(socket, 'open');
      socket.send('{"id":"a"}');
      const [data] = await once(socket, 'message');
      socket.close();
      return (JSON.parse(String(data)) as { pid: number }).pid;
    }),
  );
  expect(new Set(streamed)).toEqual(pids);
  expect((await ask(app, '/__encore/healthz')).status).toBe(200);
  // Eight requests, of which each worker has counted its own.
  const { body } = await ask(app, '/who');
  expect((body as { count: number }).count).toBeLessThan(9);

  const [started, ...others] = linesOf(app, 'application started');
  expect([started, others]).toMatchObject([{ workers: 2, services: ['web'], gateway: true }, []]);
  const metrics = async () =>
    parsePrometheus(await (await fetch(`http://127.0.0.1:${started!.metrics_port}/metrics`)).text());
  const metricOf = async (name: string) => (await metrics()).find((one) => one.name === name)?.metrics;
  expect(await metricOf('asked')).toMatchObject([{ value: '9' }]);
  expect(await metricOf('busy')).toMatchObject([{ value: '2' }]);
  const [victim] = pids;
  process.kill(victim!, 'SIGKILL');
  await until(() => new Set(linesOf(app, 'the application is loaded').map(({ pid }) => pid)).size === 3);
  expect(await metricOf('asked')).toMatchObject([{ value: '9' }]);
});

test('whoever leads workers makes no spans', async () => {
  const app = await run(
    { fairlead: { version: 1, telemetry: { otlp: 'http://127.0.0.1:1' } } },
    { TELLS_TRACING: '1' },
  );
  const lines = linesOf(app, 'before the application').map(({ leads, traces }) => [leads, traces]);
  expect(lines.sort()).toEqual([
    [false, true],
    [false, true],
    [true, false],
  ]);
});

test('what a worker has counted last is read to the end, however much it is', async () => {
  const child = fork(fileURLToPath(new URL('./fixtures/counting-worker.ts', import.meta.url)), { stdio: 'ignore' });
  const series: unknown[] = [];
  child.on('message', (message: FromWorker) => {
    if (message.fairlead === 'counted') series.push(...message.series);
  });
  const [[code]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  expect([code, series.length]).toEqual([0, 20_001]);
});

test('a worker that crashes is said to, and replaced, while the others go on', async () => {
  const app = await run();
  const pids = await pidsOf(app, '/who');
  await expect(ask(app, '/crash')).rejects.toThrow();
  const line = await app.line(({ message }) => /^a worker has ended/.test(String(message)));
  expect(line).toMatchObject({ level: 'error', ended_with: 'SIGKILL', worker: expect.any(Number) });
  expect((await ask(app, '/who')).status).toBe(200);
  const now = await until(async () => {
    const found = await pidsOf(app, '/who');
    return found.size === 2 && found;
  });
  expect([...now].filter((pid) => pids.has(pid))).toHaveLength(1);

  expect((await ask(app, '/thrown')).status).toBe(500);
  await app.line(({ ended_with }) => ended_with === '1');
  await until(async () => (await pidsOf(app, '/who')).size === 2);
  expect(linesOf(app, 'uncaught exception')).toMatchObject([{ error: 'thrown into the air', endpoint: 'thrown' }]);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s lets all workers finish what is at hand', async (signal) => {
  const app = await run();
  const answers = [ask(app, '/slow'), ask(app, '/slow')];
  await until(() => linesOf(app, 'slow began').length === 2);
  app.kill(signal);
  await app.line(({ message }) => message === 'shutting down');
  await expect(ask(app, '/who')).rejects.toThrow();
  const pids = (await Promise.all(answers)).map(({ body }) => (body as { pid: number }).pid);
  expect(new Set(pids).size).toBe(2);
  expect(await app.ended).toBe(0);
  expect(linesOf(app, 'shutting down')).toHaveLength(1);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a worker that never lets go is ended after the grace time, and by a second signal at once', async () => {
  for (const again of [false, true]) {
    const app = await run({ graceful_shutdown: { total: again ? 600 : 0.1 } });
    const stuck = ask(app, '/stuck').catch(() => 'cut off');
    await app.line(({ message }) => message === 'stuck');
    const pids = linesOf(app, 'the application is loaded').map(({ pid }) => pid as number);
    app.kill('SIGTERM');
    await app.line(({ message }) => message === 'shutting down');
    if (again) app.kill('SIGTERM');
    expect([await app.ended, await stuck]).toEqual([again ? 143 : 0, 'cut off']);
    await until(() => !pids.some(isAlive));
  }
});

test('workers end with the process that leads them', async () => {
  const app = await run();
  const pids = await pidsOf(app, '/who');
  app.kill('SIGKILL');
  await until(() => ![...pids].some(isAlive));
});

test('messages are shared, within what the subscription says, and its part is taken over with the worker', async () => {
  const config = configOf(postgres, { topics: { jobs: ['work'] } });
  await postgres.run('postgres', ...brokerSchema(config.fairlead!.broker!));
  const publish = async (app: AppProcess, id: string) =>
    void (await fetch(`${app.url}/jobs`, { method: 'POST', body: JSON.stringify({ id }) }));
  const worked = (app: AppProcess) => linesOf(app, 'worked');
  const both = await run(config, { SUBSCRIBES: '1', MAX: '2' });
  await Promise.all(Array.from({ length: 12 }, (_, i) => publish(both, `${i}`)));
  await until(() => worked(both).length === 12);
  expect(new Set(worked(both).map(({ pid }) => pid)).size).toBe(2);
  expect(new Set(worked(both).map(({ most }) => most))).toEqual(new Set([1]));
  both.kill('SIGTERM');
  expect(await both.ended).toBe(0);

  const alone = await run(config, { SUBSCRIBES: '1', MAX: '1' });
  await Promise.all(Array.from({ length: 4 }, (_, i) => publish(alone, `${i}`)));
  await until(() => worked(alone).length === 4);
  const [consumer, ...others] = new Set(worked(alone).map(({ pid }) => pid as number));
  expect(others).toEqual([]);
  process.kill(consumer!, 'SIGKILL');
  await publish(alone, 'after').catch(() => publish(alone, 'after'));
  await until(() => worked(alone).some(({ id, pid }) => id === 'after' && pid !== consumer));
});

test('what keeps a worker from starting is said once, and ends the process', async () => {
  const first = await run();
  const { port } = new URL(first.url);
  const second = spawnProcess('./workers.ts', { worker_threads: 2 }, { PORT: port });
  expect(await second.ended).toBe(1);
  expect(second.lines.filter(({ code }) => code === 'FL6005')).toHaveLength(1);
});

test('there are as many as CPUs, or none, and caches in memory are worth a warning', async () => {
  const redis = { main: { host: 'h:1', database_index: 0, in_memory: true } };
  const [many, one] = await Promise.all([run({ worker_threads: 0, redis }), run({ worker_threads: 1, redis })]);
  const loaded = (app: AppProcess) => linesOf(app, 'the application is loaded').length;
  expect([loaded(many), loaded(one)]).toEqual([availableParallelism(), 1]);
  const warned = ({ lines }: AppProcess) => lines.filter(({ level }) => level === 'warn');
  if (availableParallelism() > 1) expect(warned(many)).toMatchObject([{ caches: ['main'] }]);
  expect([warned(one), linesOf(one, 'application started')[0]]).toEqual([
    [],
    expect.not.objectContaining({ workers: 1 }),
  ]);
});

test.each([
  [1, 4, [1, 0, 0, 0]],
  [5, 2, [3, 2]],
  [100, 3, [34, 33, 33]],
  [0, 2, [0, 0]],
])('%i among %i are %j', (total, count, parts) => {
  expect(parts.map((_, index) => shareOf(total, { index, count }))).toEqual(parts);
});

test('counters of a worker that is gone are kept, gauges are not', () => {
  const totals = new Totals();
  const series = (type: 'counter' | 'gauge', value: number) => ({ name: type, type, labels: { a: 'x' }, value });
  totals.report(0, [series('counter', 1), series('gauge', 1)]);
  totals.report(1, [series('counter', 2), series('gauge', 2)]);
  totals.report(0, [series('counter', 5), series('gauge', 5)]);
  expect(totals.series()).toEqual([series('counter', 7), series('gauge', 7)]);
  totals.ended(0);
  totals.report(0, [series('counter', 1)]);
  expect(totals.series()).toEqual([series('counter', 8), series('gauge', 2)]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
