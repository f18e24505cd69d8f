import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Locks, lockName } from '../../local/lock.ts';
import { identify, isAlive } from '../../local/process-identity.ts';
import { pathsOf } from '../../local/state.ts';
import type { Reporter, Settings } from '../../pipeline/mod.ts';
import { type AppVersion, environmentOf, get, planOf, post, quiet, tinyGraph, until } from '../conformance/tiny-app.ts';
import { type LocalHarness, makeLocalHarness } from './support/harness.ts';

const environment = environmentOf('pr-1');
let harness: LocalHarness;
let directory: string;

beforeAll(async () => {
  harness = await makeLocalHarness();
  directory = pathsOf(harness.stateDirectory).environment(environment);
  await harness.target.secrets.set('tiny', 'GREETING', 'hello', [{ type: 'preview' }]);
});
afterEach(() => harness.target.destroy(environment, quiet));
afterAll(() => harness?.dispose());

const apply = (app: AppVersion, settings?: Partial<Settings>, report: Reporter = quiet) =>
  harness.target.apply(planOf(harness.store.build(app, tinyGraph(app)), environment, settings), report);

const supervisor = () => new Locks(harness.stateDirectory).holder(lockName('supervisor', environment))!;

test.each(['all-in-one', 'per-service'] as const)(
  'no request fails while releases are replaced %s',
  async (processes) => {
    const { url } = await apply({ version: 'v0' }, { processes });
    const answers: string[] = [];
    let hammering = true;
    const clients = Array.from({ length: 8 }, async (_, index) => {
      const agent = new Agent({ keepAlive: index % 2 === 0 });
      while (hammering) {
        // Some take longer than a replacement.
        const path = index === 0 ? '/slow' : '/version';
        answers.push(await ask(`${url}${path}`, agent));
      }
      agent.destroy();
    });
    for (const version of ['v1', 'v2']) {
      await apply({ version }, { processes });
      await until(() => answers.includes(`200 ${version}`));
    }
    hammering = false;
    await Promise.all(clients);
    expect([...new Set(answers)].sort()).toEqual(['200 v0', '200 v1', '200 v2']);
  },
);

/** Status and version, or what went wrong. */
async function ask(url: string, agent: Agent): Promise<string> {
  const asked = request(url, { agent });
  asked.end();
  try {
    const [response] = await once(asked, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return `${response.statusCode} ${JSON.parse(body).version}`;
  } catch (error) {
    return String(error);
  }
}

test('the front door says who asks, whatever the client claims, and writes a line per request', async () => {
  const { url } = await apply({ version: 'one' });
  const response = await fetch(`${url}/headers?token=hidden`, {
    headers: { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6' },
  });
  const { host } = new URL(url);
  const headers = (await response.json()) as Record<string, string>;
  expect(headers).toMatchObject({
    host,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': host,
  });
  expect(headers).not.toHaveProperty('forwarded');
  const log = join(directory, 'logs', '@front-door.log');
  await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('GET /headers 200'));
  expect(readFileSync(log, 'utf8')).not.toContain('hidden');
});

test('passes WebSockets through', async () => {
  const { url } = await apply({ version: 'one' });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  await until(() => received.includes('101 Switching Protocols'));
  socket.write('ping');
  await until(() => received.endsWith('one:ping'));
  socket.destroy();
});

test('processes see nothing of the environment Fairlead runs in, and no secret is on disk', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'of the developer';
  try {
    const { url } = await apply({ version: 'one' });
    const seen = (await get(url, '/environment')) as Record<string, string>;
    expect(seen).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
    expect(seen).toMatchObject({ HOST: '127.0.0.1', FAIRLEAD_SECRET_GREETING: 'hello' });
    const config = readFileSync(seen.ENCORE_INFRA_CONFIG_PATH!, 'utf8');
    for (const secret of [seen.FAIRLEAD_DATABASE_PASSWORD!, seen.FAIRLEAD_INTERNAL_KEY!, 'hello'])
      expect(config).not.toContain(secret);
  } finally {
    delete process.env.AWS_SECRET_ACCESS_KEY;
  }
});

test('starts a process again that has crashed', async () => {
  const { url } = await apply({ version: 'one' });
  const { pid } = (await get(url, '/version')) as { pid: number };
  await get(url, '/crash').catch(() => {});
  await until(async () => ((await get(url, '/version').catch(() => ({ pid }))) as { pid: number }).pid !== pid);
  expect(await harness.target.read(environment)).toMatchObject({
    state: 'running',
    processes: [{ name: 'app', state: 'running' }],
  });
});

test('brings PostgreSQL back when it has died, and says so as long as it is away', async () => {
  const { url } = await apply({ version: 'one' });
  await post(url, '/notes', 'kept');
  const pidFile = join(harness.stateDirectory, 'postgres', 'data', 'postmaster.pid');
  const postmaster = () => Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  const former = postmaster();
  // Whoever starts the server waits for this lock, so that it stays away while we look.
  await new Locks(harness.stateDirectory).hold('postgres', async () => {
    process.kill(former, 'SIGKILL');
    await until(() => identify(former) === undefined);
    expect(await harness.target.read(environment)).toMatchObject({ state: 'incomplete' });
  });
  await until(async () => JSON.stringify(await get(url, '/notes').catch(() => undefined)) === '["kept"]');
  expect(postmaster()).not.toBe(former);
  expect(await harness.target.read(environment)).toMatchObject({ state: 'running', url });
});

test('processes do not outlive a supervisor that is killed, and the next apply brings all back', async () => {
  const { url } = await apply({ version: 'one' });
  const { pid } = (await get(url, '/version')) as { pid: number };
  process.kill(supervisor().pid, 'SIGKILL');
  await until(() => identify(pid) === undefined);
  expect(await harness.target.read(environment)).toMatchObject({ state: 'stopped', processes: [], url });
  expect(await apply({ version: 'one' })).toMatchObject({ url, started: ['app'] });
  expect(await get(url, '/version')).toMatchObject({ version: 'one' });
});

test('ends what a killed supervisor left hanging, and touches no stranger', async () => {
  const { url } = await apply({ version: 'one' });
  const { pid } = (await get(url, '/version')) as { pid: number };
  const record = join(directory, 'run', 'processes.json');
  const [hanging] = JSON.parse(readFileSync(record, 'utf8')) as [{ pid: number; started: string }];
  expect(hanging.pid).toBe(pid);
  // A stopped process does not notice that its supervisor is gone.
  process.kill(pid, 'SIGSTOP');
  process.kill(supervisor().pid, 'SIGKILL');
  // The number of this very process, but of an earlier life.
  writeFileSync(record, JSON.stringify([hanging, { pid: process.pid, started: 'long ago' }]));
  await apply({ version: 'one' });
  expect(isAlive(hanging)).toBe(false);
});

test('destroys an environment whose supervisor is dead and whose process hangs', async () => {
  const { url } = await apply({ version: 'one' });
  const { pid } = (await get(url, '/version')) as { pid: number };
  process.kill(pid, 'SIGSTOP');
  process.kill(supervisor().pid, 'SIGKILL');
  expect(await harness.target.destroy(environment, quiet)).toMatchObject({ left: [] });
  expect(identify(pid)).toBeUndefined();
  expect(await harness.remains(environment)).toEqual([]);
});

test('a supervisor that comes up only after its environment was destroyed ends by itself', async () => {
  const main = resolve('local/supervisor/main.ts');
  const late = spawn(process.execPath, [main, harness.stateDirectory, environment.application, environment.name]);
  expect(await once(late, 'exit')).toEqual([0, null]);
  expect(existsSync(directory)).toBe(false);
});

test('a port in use is an error before anything is started or replaced', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  try {
    const { url } = await apply({ version: 'one' });
    const steps: string[] = [];
    const report: Reporter = {
      ...quiet,
      step: (title, work) => {
        steps.push(title);
        return work();
      },
    };
    const refused = apply({ version: 'two' }, { port }, report);
    await expect(refused).rejects.toThrow(new RegExp(`FL4014: port ${port} .* in use`));
    expect(steps).toEqual([]);
    expect(await get(url, '/version')).toMatchObject({ version: 'one' });
    expect(await harness.target.read(environment)).toMatchObject({ state: 'running', url });
  } finally {
    stranger.close();
  }
  const moved = await apply({ version: 'two' }, { port });
  expect(moved.url).toBe(`http://localhost:${port}`);
  expect(await get(moved.url, '/version')).toMatchObject({ version: 'two' });
});

test('runs cron jobs when they are due, and logs those that fail', async () => {
  const jobs = { version: 'one' };
  const graph = {
    ...tinyGraph(jobs),
    cronJobs: tinyGraph(jobs).cronJobs.map((job) => ({ ...job, when: { every: 100 } })),
  };
  const release = harness.store.build(jobs, graph);
  const { url } = await harness.target.apply(planOf(release, environment, { cron: true }), quiet);
  await until(async () => Number(await get(url, '/ticks')) > 1);
  const log = () => readFileSync(join(directory, 'logs', '@cron.log'), 'utf8');
  await until(() => log().includes('the cron job broken failed: status 500'));
});
