import { expect, test } from '@jest/globals';
import type { Operation } from '../../analyzer/graph.ts';
import { keysFrom } from '../../local/keys.ts';
import { type Addresses, doorsOf, layOut } from '../../local/layout.ts';
import { canonicalDigest, type Environment, type Graph, imageKey, type Plan, processesOf } from '../../pipeline/mod.ts';
import { environmentOf, planOf, tinyGraph } from '../conformance/tiny-app.ts';
import { release } from '../support/release.ts';

const keys = keysFrom('master');
const secrets = { GREETING: 'hello' };
const addresses: Addresses = {
  front: 4000,
  doors: { back: 4001, web: 4002 },
  postgres: 5000,
  buckets: '/state/buckets',
};

function plan(
  processes: Plan['settings']['processes'],
  environment: Environment = environmentOf('pr-1'),
  version = 'one',
): Plan {
  const graph = tinyGraph({ version });
  const images = (['all-in-one', 'per-service'] as const).flatMap((allocation) =>
    processesOf(graph, allocation).map(({ name }) => [imageKey(allocation, name), canonicalDigest(name)] as const),
  );
  const built = release(
    graph,
    Object.fromEntries(images),
    { hash: canonicalDigest(version) },
    { migrate: 'all-in-one/app', tool: version },
  );
  return planOf(built, environment, { processes, cron: true });
}

const processOf = (layout: ReturnType<typeof layOut>, name: string) =>
  layout.processes.find((one) => one.name === name)!;

test('a process knows what its services use, and nothing more', () => {
  const layout = layOut(plan('per-service'), addresses, keys, secrets);
  const [gateway, back, web] = ['gateway', 'back', 'web'].map((name) => processOf(layout, name));
  expect(gateway!.config).toMatchObject({
    metadata: {
      app_id: 'tiny',
      env_name: 'pr-1',
      env_type: 'ephemeral',
      cloud: 'local',
      base_url: 'http://localhost:4000',
    },
    service_discovery: { back: { base_url: 'http://127.0.0.1:4001' }, web: { base_url: 'http://127.0.0.1:4002' } },
  });
  for (const key of ['sql_servers', 'secrets']) expect(gateway!.config).not.toHaveProperty(key);
  expect(gateway!.config.fairlead).toEqual({ version: 1, release: layout.release });

  expect(web!.config.service_discovery).toEqual({ back: { base_url: 'http://127.0.0.1:4001' } });
  expect(web!.config.secrets).toEqual({ GREETING: { $env: 'FAIRLEAD_SECRET_GREETING' } });
  expect(web!.config.sql_servers).toMatchObject([
    { host: '127.0.0.1:5000', databases: { notes: { name: expect.stringMatching(/^tiny_pr_1_notes_/) } } },
  ]);
  expect(web!.config.fairlead!.broker!.topics).toMatchObject({ noted: { queues: [{ subscription: 'keep' }] } });

  expect(back!.config.service_discovery).toEqual({});
  for (const key of ['sql_servers', 'secrets']) expect(back!.config).not.toHaveProperty(key);
  expect(back!.config.fairlead!.broker).toMatchObject({ username: expect.stringMatching(/^tiny_pr_1_back_/) });
});

test('a process is one of production everywhere but where it is developed', () => {
  const at = (environment: Environment) => layOut(plan('all-in-one', environment), addresses, keys, secrets);
  expect(at(environmentOf('pr-1')).processes[0]!.env).toMatchObject({ NODE_ENV: 'production' });
  expect(at(environmentOf('production', 'production')).processes[0]!.env).toMatchObject({ NODE_ENV: 'production' });
  expect(at(environmentOf('local', 'local')).processes[0]!.env).not.toHaveProperty('NODE_ENV');
});

test('no secret stands in a configuration', () => {
  for (const processes of ['all-in-one', 'per-service'] as const) {
    const layout = layOut(plan(processes), addresses, keys, secrets);
    const written = JSON.stringify([layout.processes.map(({ config }) => config), layout.migrate!.config]);
    const values = [...layout.processes, layout.migrate!].flatMap(({ env }) => Object.values(env));
    expect(values).toContain('hello');
    for (const value of values) expect(written).not.toContain(value);
  }
});

test('environments share no name, password or key', () => {
  const [one, two] = ['pr-1', 'pr-2'].map((name) =>
    layOut(plan('all-in-one', environmentOf(name)), addresses, keys, secrets),
  );
  const secretsOf = (layout: typeof one) => [
    layout!.internalKey,
    layout!.database!.owner,
    ...layout!.database!.roles,
    ...layout!.database!.databases.map(({ physical }) => physical),
    layout!.database!.broker!.schema,
  ];
  for (const [index, value] of secretsOf(one).entries()) expect(secretsOf(two)[index]).not.toEqual(value);
});

test('a process changes with its image, its configuration and its secrets, but not with the name of the release', () => {
  const base = layOut(plan('per-service'), addresses, keys, secrets);
  const changed = (other: ReturnType<typeof layOut>) =>
    base.processes
      .filter(({ name, fingerprint }) => processOf(other, name).fingerprint !== fingerprint)
      .map(({ name }) => name);
  const again = layOut(plan('per-service', environmentOf('pr-1'), 'two'), addresses, keys, secrets);
  expect(again.release).not.toBe(base.release);
  expect(changed(again)).toEqual([]);
  expect(changed(layOut(plan('per-service'), addresses, keys, { GREETING: 'other' }))).toEqual(['web']);
  expect(changed(layOut(plan('per-service'), { ...addresses, postgres: 5001 }, keys, secrets))).toEqual([
    'back',
    'web',
  ]);
  const imaged = plan('per-service');
  const processes = imaged.processes.map((one) =>
    one.name === 'back' ? { ...one, image: canonicalDigest('new') } : one,
  );
  expect(changed(layOut({ ...imaged, processes }, addresses, keys, secrets))).toEqual(['back']);
});

test('the gateway knows which pages it lets in, and everybody what to log', () => {
  const base = plan('per-service');
  const { content } = base.release;
  const settings: Graph['settings'] = {
    cors: {
      debug: true,
      allowHeaders: ['x-a'],
      exposeHeaders: ['x-b'],
      allowOriginsWithoutCredentials: ['https://a.example'],
      allowOriginsWithCredentials: ['https://b.example'],
    },
    logLevel: 'warn',
  };
  const release = { ...base.release, content: { ...content, graph: { ...content.graph, settings } } };
  const { processes } = layOut({ ...base, release }, addresses, keys, secrets);
  expect(processes.map(({ name, config }) => [name, config.cors, config.log_config])).toEqual([
    [
      'gateway',
      {
        debug: true,
        allow_headers: ['x-a'],
        expose_headers: ['x-b'],
        allow_origins_without_credentials: ['https://a.example'],
        allow_origins_with_credentials: ['https://b.example'],
      },
      'warn',
    ],
    ['back', undefined, 'warn'],
    ['web', undefined, 'warn'],
  ]);
  for (const { config } of layOut(base, addresses, keys, secrets).processes) {
    for (const key of ['cors', 'log_config']) expect(config).not.toHaveProperty(key);
  }
});

test('a developer’s machine lets in every page, with credentials, whatever is said for elsewhere', () => {
  const base = plan('all-in-one', environmentOf('local', 'local'));
  const { content } = base.release;
  const settings: Graph['settings'] = {
    cors: { allowHeaders: ['x-a'], allowOriginsWithCredentials: ['https://b.example'] },
  };
  const release = { ...base.release, content: { ...content, graph: { ...content.graph, settings } } };
  const everybody = { allow_origins_without_credentials: ['*'], allow_origins_with_credentials: ['*'] };
  const corsIn = (one: Plan) => layOut(one, addresses, keys, secrets).processes[0]!.config.cors;
  expect(corsIn(base)).toEqual(everybody);
  expect(corsIn({ ...base, release })).toEqual({ allow_headers: ['x-a'], ...everybody });
});

test('doors are for processes that others call', () => {
  expect(doorsOf(plan('all-in-one'))).toEqual([]);
  expect(doorsOf(plan('per-service'))).toEqual(['back', 'web']);
});

test('cron jobs run where their service is, and only if the scheduler is on', () => {
  const on = plan('per-service');
  expect(layOut(on, addresses, keys, secrets).cronJobs).toMatchObject([
    { name: 'broken', process: 'web', enabled: true },
    { name: 'tick', process: 'web', enabled: true },
  ]);
  const off = { ...on, settings: { ...on.settings, cron: false } };
  expect(layOut(off, addresses, keys, secrets).cronJobs.map(({ enabled }) => enabled)).toEqual([false, false]);
});

test('a process knows the buckets that it uses and what it may do there, and the gateway those that are reached by URL', () => {
  const base = plan('per-service');
  const permission = (process: string, name: string, ...operations: Operation[]) => ({
    process,
    service: process,
    resource: { kind: 'bucket' as const, name },
    operations,
    positions: [],
  });
  const bucket = (name: string, parts: object = {}) => ({
    name,
    public: false,
    versioned: false,
    services: [],
    ...parts,
  });
  const layout = layOut(
    {
      ...base,
      buckets: [bucket('inner'), bucket('photos', { versioned: true }), bucket('shown', { public: true })],
      permissions: [
        ...base.permissions,
        permission('web', 'photos', 'list', 'sign-upload'),
        permission('back', 'photos', 'download'),
        permission('back', 'inner', 'upload', 'remove'),
        permission('web', 'shown', 'public-url'),
      ],
    },
    addresses,
    keys,
    secrets,
  );
  const [gateway, back, web] = ['gateway', 'back', 'web'].map((name) => processOf(layout, name));
  const key = { $env: 'FAIRLEAD_OBJECTS_KEY' };
  const at = (name: string, parts: object) => ({
    directory: `/state/buckets/${name}`,
    versioned: false,
    public: false,
    ...parts,
  });
  const storage = { type: 'disk', base_url: 'http://localhost:4000' };
  expect(web!.config.fairlead!.object_storage).toEqual([
    {
      ...storage,
      key,
      buckets: {
        photos: at('photos', { versioned: true, operations: ['list', 'sign-upload'] }),
        shown: at('shown', { public: true, operations: ['public-url'] }),
      },
    },
  ]);
  expect(back!.config.fairlead!.object_storage).toEqual([
    {
      ...storage,
      buckets: {
        inner: at('inner', { operations: ['remove', 'upload'] }),
        photos: at('photos', { versioned: true, operations: ['download'] }),
      },
    },
  ]);
  expect(gateway!.config.fairlead).not.toHaveProperty('object_storage');
  expect(gateway!.config.fairlead!.object_urls).toEqual({
    key,
    buckets: {
      photos: at('photos', { versioned: true, signed: true }),
      shown: at('shown', { public: true, signed: false }),
    },
  });
  for (const one of [back, web]) expect(one!.config.fairlead).not.toHaveProperty('object_urls');
  const told = [gateway, back, web].map((one) => one!.env.FAIRLEAD_OBJECTS_KEY);
  expect([told[0], told[1]]).toEqual([expect.stringMatching(/^[\w-]{43}$/), undefined]);
  expect(told[2]).toBe(told[0]);
});

test('a process knows the caches that it uses with their passwords; without a server each process has its own in memory', () => {
  const base = plan('per-service');
  const caches = [
    { name: 'main', evictionPolicy: 'allkeys-lru', services: ['back', 'web'] },
    { name: 'own', evictionPolicy: 'noeviction', services: ['web'] },
  ] as const;
  const cached = { ...base, caches: caches.map((cache) => ({ ...cache, services: [...cache.services] })) };
  const layout = layOut(cached, { ...addresses, cache: 4003 }, keys, secrets);
  const entry = (name: string, number: number) => ({
    host: '127.0.0.1:4003',
    database_index: 0,
    auth: { type: 'acl', username: name, password: { $env: `FAIRLEAD_CACHE_PASSWORD_${number}` } },
    in_memory: false,
  });
  expect(processOf(layout, 'web').config.redis).toEqual({ main: entry('main', 1), own: entry('own', 2) });
  expect(processOf(layout, 'back').config.redis).toEqual({ main: entry('main', 1) });
  expect(processOf(layout, 'gateway').config).not.toHaveProperty('redis');
  const { env } = processOf(layout, 'web');
  expect(layout.caches).toEqual({
    port: 4003,
    clusters: [
      { name: 'main', password: env.FAIRLEAD_CACHE_PASSWORD_1, eviction_policy: 'allkeys-lru' },
      { name: 'own', password: env.FAIRLEAD_CACHE_PASSWORD_2, eviction_policy: 'noeviction' },
    ],
  });
  expect(env.FAIRLEAD_CACHE_PASSWORD_1).not.toBe(env.FAIRLEAD_CACHE_PASSWORD_2);
  expect(processOf(layout, 'back').env).not.toHaveProperty('FAIRLEAD_CACHE_PASSWORD_2');
  const alone = layOut(cached, addresses, keys, secrets);
  expect(processOf(alone, 'web').config.redis).toMatchObject({ main: { in_memory: true }, own: { in_memory: true } });
  expect(alone).not.toHaveProperty('caches');
});

test('every process is told of the collector, and another one is another configuration', () => {
  const base = plan('per-service');
  const layout = layOut(base, { ...addresses, collector: 'http://127.0.0.1:4318' }, keys, secrets);
  const without = layOut(base, addresses, keys, secrets);
  for (const { name, config, fingerprint } of layout.processes) {
    expect(config.fairlead?.telemetry).toEqual({ otlp: 'http://127.0.0.1:4318' });
    expect(processOf(without, name).config.fairlead).not.toHaveProperty('telemetry');
    expect(processOf(without, name).fingerprint).not.toBe(fingerprint);
  }
});

test('how long calls wait is said where the environment says it', () => {
  const base = plan('per-service');
  const patient = { ...base, settings: { ...base.settings, callTimeout: 20_000 } };
  for (const { config } of layOut(patient, addresses, keys, secrets).processes)
    expect(config.fairlead?.call_timeout).toBe(20);
  for (const { config } of layOut(base, addresses, keys, secrets).processes)
    expect(config.fairlead).not.toHaveProperty('call_timeout');
});
