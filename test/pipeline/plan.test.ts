import { expect, test } from '@jest/globals';
import { migrationsOf, pendingMigrations } from '../../pipeline/migrations.ts';
import {
  databaseSchemas,
  type Graph,
  makePlan,
  parseConfig,
  parseEnvironment,
  settingsFor,
} from '../../pipeline/mod.ts';
import { bucket, cache, keyspace, topic, use } from '../support/graph.ts';
import {
  at,
  endpoint,
  message,
  migrations,
  sampleGraph,
  sampleRelease,
  service,
  subscription,
} from './sample-graph.ts';

const production = parseEnvironment('shop', 'production');

const shop = sampleGraph({
  services: [
    service('analytics', { subscriptions: [subscription('analytics', 'order-created')] }),
    service('orders', { endpoints: [endpoint('create', { request: message('item') })] }),
  ],
  databases: [migrations('orders', 'create', 'note')],
  topics: [topic('order-created', { position: at('orders/topic.ts') })],
  cronJobs: [
    {
      name: 'daily',
      when: { every: 3_600_000 },
      endpoint: { service: 'orders', endpoint: 'create' },
      service: 'orders',
      position: at('orders/cron.ts'),
    },
  ],
  secrets: [{ name: 'MailKey', position: at('orders/mail.ts') }],
  uses: [
    use('orders', { kind: 'database', name: 'orders' }, ['query']),
    use('orders', { kind: 'secret', name: 'MailKey' }, ['read']),
    use('orders', { kind: 'topic', name: 'order-created' }, ['publish']),
  ],
});

test('a plan says everything an environment will consist of', () => {
  const release = sampleRelease(shop);
  const { images } = release.content;
  const config = parseConfig(
    '{"environments":{"production":{"processes":"per-service","cron":false}}}',
    'fairlead.json',
  );
  const plan = makePlan({ release, environment: production, settings: settingsFor(config, production) });
  expect(plan).toMatchObject({
    processes: [
      { name: 'gateway', services: [], gateway: true, image: images['per-service/gateway'] },
      { name: 'analytics', services: ['analytics'], gateway: false, image: images['per-service/analytics'] },
      { name: 'orders', services: ['orders'], gateway: false, image: images['per-service/orders'] },
    ],
    databases: [{ name: 'orders', services: ['orders'], head: 2 }],
    topics: [
      { name: 'order-created', publishers: ['orders'], subscriptions: [{ name: 'analytics', service: 'analytics' }] },
    ],
    cronJobs: [{ name: 'daily', service: 'orders', endpoint: 'create', when: { every: 3_600_000 }, enabled: false }],
    secrets: [{ name: 'MailKey', processes: ['orders'] }],
  });
  expect(
    plan.permissions.map(({ service: who, process, operations, resource }) => [who, process, ...operations, resource]),
  ).toEqual([
    ['analytics', 'analytics', 'consume', { kind: 'subscription', topic: 'order-created', name: 'analytics' }],
    ['orders', 'orders', 'query', { kind: 'database', name: 'orders' }],
    ['orders', 'orders', 'read', { kind: 'secret', name: 'MailKey' }],
    ['orders', 'orders', 'publish', { kind: 'topic', name: 'order-created' }],
  ]);
});

test('a plan says who uses which bucket and which cache', () => {
  const graph = sampleGraph({
    services: [service('a'), service('b')],
    buckets: [bucket('files', { public: true }), bucket('unused', { versioned: true })],
    caches: [cache('sessions', [keyspace('s/:key'), keyspace('t/:key')], { evictionPolicy: 'noeviction' })],
    uses: [
      use('a', { kind: 'bucket', name: 'files' }, ['upload']),
      use('a', { kind: 'keyspace', cache: 'sessions', name: 't/:key' }, ['read']),
      use('b', { kind: 'keyspace', cache: 'sessions', name: 's/:key' }, ['write']),
      use('b', { kind: 'keyspace', cache: 'sessions', name: 't/:key' }, ['write']),
    ],
  });
  const { buckets, caches } = makePlan(base(graph));
  expect(buckets).toEqual([
    { name: 'files', public: true, versioned: false, services: ['a'] },
    { name: 'unused', public: false, versioned: true, services: [] },
  ]);
  expect(caches).toEqual([{ name: 'sessions', evictionPolicy: 'noeviction', services: ['a', 'b'] }]);
});

test('in a new environment everything is added, and nothing is dangerous', () => {
  expect(changesOf(undefined, { ...shop, databases: [migrations('orders', 'create', 'drop!')] })).toEqual([
    'add service analytics is added',
    'add service orders is added',
    'add endpoint orders.create (POST /create) is added',
    'add database orders is added',
    'add migration 1_create runs on database orders',
    'add migration 2_drop runs on database orders',
    'add topic order-created is added',
    'add topic order-created gains the subscriber analytics',
    'add cron job daily is added',
    'add secret MailKey is added',
    'add service orders may now query database orders',
    'add service orders may now read secret MailKey',
    'add service orders may now publish to topic order-created',
  ]);
});

test('the same Graph changes nothing', () => {
  expect(changesOf(shop, structuredClone(shop))).toEqual([]);
});

test('what goes is said too, with what is lost', () => {
  expect(changesOf(shop, sampleGraph())).toEqual([
    'remove service analytics is removed',
    'remove service orders is removed',
    'remove endpoint orders.create (POST /create) is removed',
    'remove database orders is removed !no code reaches its data any longer',
    'remove topic order-created is removed !messages on their way are lost',
    'remove topic order-created loses the subscriber analytics !messages on their way to it are lost',
    'remove cron job daily is removed',
    'remove secret MailKey is removed',
    'remove service orders may no longer query database orders',
    'remove service orders may no longer read secret MailKey',
    'remove service orders may no longer publish to topic order-created',
  ]);
});

test.each<[string, Partial<Graph>, string[]]>([
  [
    'a field of a request',
    { services: withEndpoint({ request: message('item', 'note') }) },
    ['change endpoint orders.create (POST /create) request gains the field note'],
  ],
  [
    'fields of a request, and a response',
    { services: withEndpoint({ request: message('amount'), response: message('id') }) },
    [
      'change endpoint orders.create (POST /create) request gains the field amount, loses the field item; response gains the field id',
    ],
  ],
  [
    'what a named schema means',
    {
      services: withEndpoint({ request: { schema: { $ref: '#/schemas/Order' }, encodings: [] } }),
      schemas: { Order: { type: 'object', properties: { item: { type: 'number' } }, required: ['item'] } },
    },
    ['change endpoint orders.create (POST /create) request changes the field item'],
  ],
  [
    'nothing but the words about a message',
    {
      services: withEndpoint({
        request: { ...message('item'), schema: { ...message('item').schema, description: 'An order.' } },
      }),
    },
    [],
  ],
  [
    'who may reach an endpoint',
    { services: withEndpoint({ request: message('item'), exposed: false, auth: true }) },
    ['change endpoint orders.create (private) is no longer reachable from outside; now requires authentication'],
  ],
  [
    'the address of an endpoint',
    { services: withEndpoint({ request: message('item'), path: '/orders', methods: ['PUT'], bodyLimit: null }) },
    [
      'change endpoint orders.create (PUT /orders) moves from /create to /orders; answers PUT instead of POST; takes bodies of any size instead of bodies up to 2097152 bytes',
    ],
  ],
  [
    'a migration that old code cannot live with',
    { databases: [migrations('orders', 'create', 'note', 'drop!')] },
    ['add migration 3_drop runs on database orders !drop drops a column'],
  ],
  [
    'a topic and its subscriber',
    {
      topics: [{ ...shop.topics[0]!, deliveryGuarantee: 'exactly-once', orderingAttribute: 'id' }],
      services: [
        service('analytics', { subscriptions: [subscription('analytics', 'order-created', { ackDeadline: 5000 })] }),
        shop.services[1]!,
      ],
    },
    [
      'change topic order-created delivers exactly-once; is ordered by id',
      'change subscription order-created → analytics changes its ack deadline (ms) from 30000 to 5000',
    ],
  ],
  [
    'when a cron job runs',
    { cronJobs: [{ ...shop.cronJobs[0]!, when: { schedule: '0 4 * * *' } }] },
    ['change cron job daily runs at 0 4 * * * instead of every 60 min'],
  ],
  [
    'what a service may do',
    {
      uses: [
        use('analytics', { kind: 'endpoint', service: 'orders', name: 'create' }, ['call']),
        use('orders', { kind: 'database', name: 'orders' }, ['connect']),
        ...shop.uses.slice(1),
      ],
    },
    [
      'add service analytics may now call endpoint orders.create',
      'change service orders may now connect directly to database orders; may no longer query database orders',
    ],
  ],
])('a change of %s', (_what, parts, expected) => {
  expect(changesOf(shop, { ...shop, ...parts })).toEqual(expected);
});

test('a first migration with the number 0 is one that runs', () => {
  const numbered = (...versions: number[]) => {
    const { migrations: written, ...database } = migrations('orders', ...versions.map(String));
    const files = written!.files.map((file, index) => ({ ...file, version: versions[index]! }));
    return sampleGraph({ databases: [{ ...database, migrations: { ...written!, files } }] });
  };
  const none = sampleGraph({ databases: [migrations('orders')] });
  expect(pendingMigrations(numbered(0, 1), migrationsOf(none))).toHaveLength(2);
  expect(pendingMigrations(numbered(0, 1), migrationsOf(numbered(0)))).toHaveLength(1);
  expect(databaseSchemas(numbered(0)).orders).toMatchObject({ head: 0, oldest: -1 });
  expect(databaseSchemas(none).orders).toMatchObject({ head: -1, oldest: -1 });
});

test('a change points to the line that causes it', () => {
  const after = { ...shop, databases: [migrations('orders', 'create', 'note', 'more')] };
  const plan = makePlan({ ...base(after), deployed: sampleRelease(shop) });
  expect(plan.changes.map(({ position }) => position)).toEqual([at('orders/migrations/3_more.up.sql')]);
});

test('a release that was not built for the processes wanted has no plan', () => {
  const { release, ...rest } = base(shop);
  const content = { ...release.content, images: {} };
  expect(() => makePlan({ ...rest, release: { ...release, content } })).toThrow(/^FL3009/);
});

function changesOf(before: Graph | undefined, after: Graph): string[] {
  const plan = makePlan({ ...base(after), ...(before && { deployed: sampleRelease(before) }) });
  return plan.changes.map(({ action, sentence, danger }) => `${action} ${sentence}${danger ? ` !${danger}` : ''}`);
}

function base(graph: Graph) {
  const settings = settingsFor(parseConfig('{}', 'fairlead.json'), production);
  return { release: sampleRelease(graph), environment: production, settings };
}

function withEndpoint(parts: Parameters<typeof endpoint>[1]) {
  return [shop.services[0]!, service('orders', { endpoints: [endpoint('create', parts)] })];
}
