import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { dockerRegistry } from '../support/registries.ts';
import { hasEngine, startEngine } from './oci/support/docker.ts';
import { judge } from './oci/support/judge.ts';
import { directory } from './sample.ts';
import { pushShop, type ShopInRegistry } from './shop-in-registry.ts';

/** The shop as our own command pushed it, judged by what others wrote. */

const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;
const judges = dockerRegistry !== undefined && process.platform === 'linux';
const ifEngine = judges && hasEngine ? test : test.skip;
const ifSkopeo = judges && has('skopeo') ? test : test.skip;
const ifUmoci = judges && has('skopeo') && has('umoci') ? test : test.skip;

let place: Awaited<ReturnType<typeof directory>>;
let shop: ShopInRegistry;
/** Repository and digest of the image with all services, by which it is pulled. */
let image: string;

beforeAll(async () => {
  if (!judges) return;
  place = await directory();
  shop = await pushShop(place.path);
  image = `${shop.host}/shop@${shop.built.images['all-in-one/app']}`;
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** A container that may do nothing but run: what a careful orchestrator gives it. */
const locked = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=host'];

ifEngine(
  'a Docker engine pulls the shop, migrates its databases, serves, and ends in time (as root, with dockerd and docker-registry)',
  async () => {
    const postgres = await startPostgres();
    await using engine = await startEngine();
    try {
      await postgres.run('postgres', 'CREATE DATABASE orders', 'CREATE DATABASE analytics');
      const { docker } = engine;
      docker('pull', '--quiet', image);
      const port = await freePort();
      const config = join(place.path, 'infra.json');
      await writeFile(config, JSON.stringify(configOf(postgres)));
      await chmod(config, 0o644);
      const settings = [
        ...['--volume', `${config}:/etc/infra.json:ro`, '--env', 'ENCORE_INFRA_CONFIG_PATH=/etc/infra.json'],
        ...['--env', `DATABASE_PASSWORD=${postgres.password}`, '--env', 'MAIL_API_KEY=key'],
        ...['--env', 'HOST=127.0.0.1', '--env', `PORT=${port}`],
      ];
      const migrated = docker('run', '--rm', ...locked, ...settings, image, 'migrate.mjs');
      expect(
        migrated
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).event),
      ).toContain('applied');

      docker('run', '--detach', '--name=shop', ...locked, ...settings, image);
      await answers(`http://127.0.0.1:${port}/__encore/healthz`, () => docker('logs', 'shop'));
      const order = { customer: 'ada@example.com', product: 'compass', quantity: 2 };
      const placed = await post(`http://127.0.0.1:${port}/orders`, order);
      expect(placed).toMatchObject({ ...order, total: 4700, confirmedAt: null });
      // The other services have heard of it: through the queues that the migration made.
      await until(async () => (await get(`http://127.0.0.1:${port}/orders/${placed.id}`)).confirmedAt !== null);
      await until(async () => (await get(`http://127.0.0.1:${port}/analytics/daily`)).days[0]?.revenue === 4700);
      const seen = JSON.parse(docker('inspect', 'shop'))[0];
      expect([seen.Config.User, seen.HostConfig.ReadonlyRootfs]).toEqual(['65532:65532', true]);
      const status = await readFile(`/proc/${seen.State.Pid}/status`, 'utf8');
      for (const line of ['Uid:\t65532\t65532\t65532\t65532', 'CapEff:\t0000000000000000', 'NoNewPrivs:\t1'])
        expect(status).toContain(line);

      expect(docker('history', '--format', '{{.CreatedBy}}', image).trim().split('\n')).toEqual([
        'fairlead: application',
        'fairlead: dependencies',
        'node',
      ]);
      await expectSaved(docker, image);
      // Docker asks for the first time ten seconds after the start.
      await until(
        async () => docker('inspect', '--format', '{{.State.Health.Status}}', 'shop').trim() === 'healthy',
        () => docker('inspect', '--format', '{{json .State.Health}}', 'shop'),
      );

      const begin = performance.now();
      docker('stop', '--time=10', 'shop');
      expect(performance.now() - begin).toBeLessThan(8000);
      expect(docker('inspect', '--format', '{{.State.ExitCode}}', 'shop').trim()).toBe('0');
    } finally {
      await postgres.stop();
    }
  },
);

/** Docker's own archive has the three layers, and in them the files, which are of root and can be read by all. */
async function expectSaved(docker: (...args: string[]) => string, image: string): Promise<void> {
  const archive = join(place.path, 'shop.tar');
  docker('save', '--output', archive, image);
  const [manifest] = JSON.parse(judge('tar', '--extract', '--to-stdout', '--file', archive, 'manifest.json'));
  expect(manifest.Layers).toHaveLength(3);
  const listings = manifest.Layers.slice(1).map((layer: string) =>
    judge(
      'sh',
      '-c',
      'tar --extract --to-stdout --file "$0" "$1" | tar --list --verbose --numeric-owner',
      archive,
      layer,
    ),
  );
  const [dependencies, application] = listings.map((listing: string) => listing.trim().split('\n'));
  expect(dependencies.join('\n')).toContain(' app/runtime.mjs');
  for (const name of ['main.mjs', 'main.mjs.map', 'migrate.mjs', 'migrations.json'])
    expect(application.join('\n')).toContain(` app/${name}`);
  for (const line of [...dependencies, ...application])
    expect(line).toMatch(/^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|l.{9}) 0\/0 .* 1970-01-01 /);
}

ifSkopeo('skopeo inspects the shop and copies it for all platforms (with skopeo and docker-registry)', async () => {
  const source = `docker://${image}`;
  const seen = JSON.parse(judge('skopeo', 'inspect', '--tls-verify=false', ...amd64, source));
  expect(seen).toMatchObject({ Name: `${shop.host}/shop`, Architecture: 'amd64', Os: 'linux' });
  expect(seen.Labels['org.opencontainers.image.base.name']).toBe(`${shop.host}/base/node:24`);
  expect(seen.Layers).toHaveLength(3);
  const copy = join(place.path, 'copy');
  judge('skopeo', 'copy', '--quiet', '--all', '--preserve-digests', '--src-tls-verify=false', source, `dir:${copy}`);
  const index = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8'));
  const platforms = index.manifests.map((entry: { platform: { architecture: string } }) => entry.platform.architecture);
  expect(platforms.sort()).toEqual(['amd64', 'arm64']);
  // The platforms differ in what they say, not in what is ours: the layers above the base are the same.
  expect((await readdir(copy)).filter((name) => name.length === 64)).toHaveLength(3 + 2);
});

ifUmoci('umoci unpacks the shop into a bundle that is not root (with umoci, skopeo and docker-registry)', async () => {
  const layout = join(place.path, 'layout');
  const copy = ['copy', '--quiet', '--preserve-digests', '--src-tls-verify=false', ...amd64];
  judge('skopeo', ...copy, `docker://${image}`, `oci:${layout}:shop`);
  const bundle = join(place.path, 'bundle');
  judge('umoci', 'unpack', '--rootless', '--image', `${layout}:shop`, bundle);
  const { process: started } = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8'));
  expect(started).toMatchObject({
    user: { uid: 65532, gid: 65532 },
    cwd: '/app',
    args: ['/bin/node', '--enable-source-maps', 'main.mjs'],
  });
  const app = join(bundle, 'rootfs/app');
  expect((await readdir(app)).sort()).toEqual(expect.arrayContaining(['main.mjs', 'migrate.mjs', 'runtime.mjs']));
  expect((await lstat(join(app, 'main.mjs'))).mtimeMs).toBe(0);
});

const amd64 = ['--override-os=linux', '--override-arch=amd64'];

function configOf({ host, port, user: username }: TestPostgres): InfraConfig {
  const password = { $env: 'DATABASE_PASSWORD' };
  const server = `${host}:${port}`;
  const queue = (subscription: string) => ({ subscription, table: subscription, channel: subscription });
  return {
    metadata: { app_id: 'shop', env_name: 'production', env_type: 'production', cloud: 'local' },
    sql_servers: [
      {
        host: server,
        tls_config: { disabled: true },
        databases: { orders: { username, password }, analytics: { username, password } },
      },
    ],
    secrets: { MailApiKey: { $env: 'MAIL_API_KEY' } },
    fairlead: {
      version: 1,
      broker: {
        host: server,
        database: 'postgres',
        schema: 'broker',
        username,
        password,
        topics: { 'order-created': { queues: [queue('confirm-order'), queue('record-sale')] } },
      },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the shop answers
async function get(url: string): Promise<any> {
  return (await fetch(url)).json();
}

async function post(url: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

async function answers(url: string, logs: () => string): Promise<void> {
  await until(
    async () => (await fetch(url).catch(() => undefined))?.ok ?? false,
    () => `${url} does not answer:\n${logs()}`,
  );
}

/** Waits for at most 15 seconds. */
async function until(condition: () => Promise<boolean>, otherwise = () => 'it did not come about'): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await condition()); await setTimeout(50))
    if (Date.now() > deadline) throw new Error(otherwise());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
