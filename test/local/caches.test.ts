import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { readRecord } from '../../local/environments.ts';
import { createLocalTarget } from '../../local/mod.ts';
import { pathsOf } from '../../local/state.ts';
import { stopEnvironment } from '../../local/stop.ts';
import { storedImages, storeOf } from '../../local/store.ts';
import { type Environment, makePlan, parseConfig, type Release, type Reporter } from '../../pipeline/mod.ts';

/** Two services, each in a process of its own, that share one cache; a second cache is of one of them alone. */
const sources = (version: string) => ({
  'package.json': '{"name":"visits","type":"module"}',
  'stores/caches.ts': `
    import { CacheCluster, IntKeyspace, StringKeyspace, expireInHours } from 'encore.dev/storage/cache';
    const main = new CacheCluster('main', { evictionPolicy: 'allkeys-lfu' });
    export const visits = new IntKeyspace<string>(main, { keyPattern: 'visits/:page', defaultExpiry: expireInHours(1) });
    const own = new CacheCluster('own', { evictionPolicy: 'noeviction' });
    export const notes = new StringKeyspace<string>(own, { keyPattern: 'visits/:page' });`,
  'counter/counter.ts': `
    import { api } from 'encore.dev/api';
    import { notes, visits } from '../stores/caches';
    export const count = api({ method: 'POST', path: '/count/:page', expose: true },
      async ({ page }: { page: string }): Promise<{ count: number; note?: string; version: string }> => {
        const note = await notes.get(page);
        await notes.set(page, 'seen');
        return { count: await visits.increment(page), version: '${version}', ...(note !== undefined && { note }) };
      });`,
  'reader/reader.ts': `
    import { api } from 'encore.dev/api';
    import { visits } from '../stores/caches';
    export const read = api({ method: 'GET', path: '/read/:page', expose: true },
      async ({ page }: { page: string }): Promise<{ count: number | null }> => ({ count: (await visits.get(page)) ?? null }));
    export const environment = api({ method: 'GET', path: '/environment', expose: true },
      async (): Promise<{ names: string[] }> => ({ names: Object.keys(process.env).filter((name) => /CACHE/.test(name)) }));`,
});

const quiet: Reporter = { step: (_, work) => work(), info() {}, warn() {} };
const environmentOf = (name: string): Environment => ({ application: 'visits', name, type: 'preview' });
const [one, two] = [environmentOf('pr-1'), environmentOf('pr-2')];
const root = mkdtempSync(join(tmpdir(), 'fairlead-visits-'));
const stateDirectory = join(root, 'state');
const target = createLocalTarget({ stateDirectory, images: storedImages(stateDirectory) });
let release: Release;

async function build(version: string): Promise<Release> {
  for (const [path, text] of Object.entries(sources(version))) {
    await mkdir(dirname(join(root, 'app', path)), { recursive: true });
    await writeFile(join(root, 'app', path), text);
  }
  const builder = createBuilder({ repository: storeOf(stateDirectory, 'visits'), tool: '1.2.3' });
  const config = parseConfig('{"environments":{"preview":{"processes":"per-service"}}}', 'fairlead.json');
  return builder.build(join(root, 'app'), config, quiet);
}

async function deploy(environment: Environment, wanted: Release): Promise<string> {
  const settings = { processes: 'per-service', cron: false, healthTimeout: 20_000 } as const;
  return (await target.apply(makePlan({ release: wanted, environment, settings }), quiet)).url;
}

const ask = async (url: string, path: string, method = 'GET') => (await fetch(url + path, { method })).json();
const portOf = (environment: Environment) => readRecord(pathsOf(stateDirectory), environment)!.cache!;

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}

beforeAll(async () => {
  chmodSync(root, 0o711);
  release = await build('v1');
}, 120_000);

afterAll(async () => {
  for (const environment of [one, two]) await target.destroy(environment, quiet);
  rmSync(root, { recursive: true, force: true });
}, 60_000);

test('processes of an environment share their caches, and no other environment does', async () => {
  const [first, second] = [await deploy(one, release), await deploy(two, release)];
  expect(await ask(first, '/count/a', 'POST')).toEqual({ count: 1, version: 'v1' });
  expect(await ask(first, '/count/a', 'POST')).toEqual({ count: 2, version: 'v1', note: 'seen' });
  expect(await ask(first, '/read/a')).toEqual({ count: 2 });
  expect(await ask(second, '/read/a')).toEqual({ count: null });
  expect(portOf(one)).not.toBe(portOf(two));
}, 60_000);

test('a process has the passwords of the caches that it uses', async () => {
  const url = await deploy(one, release);
  expect(await ask(url, '/environment')).toEqual({ names: ['FAIRLEAD_CACHE_PASSWORD_1'] });
}, 60_000);

test('a deployment keeps what is in the caches', async () => {
  await deploy(one, release);
  const url = await deploy(one, await build('v2'));
  expect(await ask(url, '/count/a', 'POST')).toEqual({ count: 3, version: 'v2', note: 'seen' });
}, 60_000);

test('a stop empties them, and they come back on the same port', async () => {
  const port = portOf(one);
  await stopEnvironment(stateDirectory, one);
  expect(await listens(port)).toBe(false);
  const url = await deploy(one, release);
  expect([portOf(one), await listens(port)]).toEqual([port, true]);
  expect(await ask(url, '/count/a', 'POST')).toEqual({ count: 1, version: 'v1' });
}, 60_000);

test('a port that somebody else has is said, and nothing is left running', async () => {
  await stopEnvironment(stateDirectory, two);
  const other = createServer().listen(portOf(two), '127.0.0.1');
  await once(other, 'listening');
  await expect(deploy(two, release)).rejects.toMatchObject({ diagnostics: [{ code: 'FL4014' }] });
  other.close();
  await once(other, 'close');
  expect(await ask(await deploy(two, release), '/read/a')).toEqual({ count: null });
}, 60_000);

test('an environment that is destroyed leaves no server', async () => {
  const port = portOf(two);
  await target.destroy(two, quiet);
  expect(await listens(port)).toBe(false);
}, 60_000);
