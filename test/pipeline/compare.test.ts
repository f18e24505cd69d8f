import { expect, test } from '@jest/globals';
import type { Graph, Middleware, Use } from '../../analyzer/mod.ts';
import { compareGraphs } from '../../pipeline/compare/graphs.ts';
import {
  authHandler,
  bucket,
  cache,
  endpoint,
  gateway,
  graph,
  keyspace,
  metric,
  position,
  service,
  topic,
  use,
} from '../support/graph.ts';

const text = { type: 'string' };
const object = (...fields: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(fields.map((field) => [field, text])),
});
const middleware = (name?: string, target: Middleware['target'] = {}): Middleware => ({
  ...(name !== undefined && { name }),
  target,
  position,
});

const everything = graph({
  settings: {
    cors: { allowHeaders: ['x-a', 'x-b'], debug: false },
    workerPooling: true,
    hooks: { prebuild: { command: 'make', env: { TOKEN: 'hush' } } },
    docker: { baseImage: 'node:24' },
    logLevel: 'info',
  },
  gateway: gateway(),
  authHandler: authHandler({ request: { schema: object('authorization'), encodings: [] } }),
  services: [
    service('web', {
      endpoints: [
        endpoint('feed', { kind: 'stream', stream: { in: object('a'), out: object('b') }, tags: ['slow'] }),
        endpoint('files', { kind: 'assets', assets: { directory: 'web/dist', headers: { 'x-a': ['1'] } } }),
        endpoint('hook', { kind: 'raw' }),
      ],
      middleware: [middleware('log'), middleware('limit', { expose: true, tags: ['slow', 'big'] }), middleware()],
    }),
  ],
  topics: [topic('events', { attributes: ['region'] })],
  buckets: [bucket('files')],
  caches: [cache('sessions', [keyspace('s/:key', { defaultExpiry: { after: 60_000 } })])],
  metrics: [metric('orders', { labels: [{ name: 'country', type: 'string' }] })],
  uses: [
    use('web', { kind: 'bucket', name: 'files' }, ['download', 'upload']),
    use('web', { kind: 'keyspace', cache: 'sessions', name: 's/:key' }, ['read']),
    use('web', { kind: 'metric', name: 'orders' }, ['record']),
  ],
});
const web = everything.services[0]!;

const changes = (before: Graph | undefined, after: Graph) =>
  compareGraphs(after, before, new Map()).map(
    ({ action, sentence, danger }) => `${action} ${sentence}${danger ? ` !${danger}` : ''}`,
  );

test('every kind is added', () => {
  expect(changes(undefined, everything)).toEqual([
    'add setting build.docker.base_image is set to node:24',
    'add setting build.hooks.prebuild is set to make',
    'add setting build.worker_pooling is set to true',
    'add setting global_cors.allow_headers is set to x-a, x-b',
    'add setting global_cors.debug is set to false',
    'add setting log_level is set to info',
    'add gateway gateway is added',
    'add auth handler auth is added',
    'add service web is added',
    'add middleware web.#3 is added: wraps every endpoint',
    'add middleware web.limit is added: wraps endpoints that are exposed and have one of the tags slow, big',
    'add middleware web.log is added: wraps every endpoint',
    'add endpoint web.feed (private) is added',
    'add endpoint web.files (private) is added',
    'add endpoint web.hook (private) is added',
    'add topic events is added',
    'add bucket files is added',
    'add cache sessions is added',
    'add keyspace sessions → s/:key (string) is added',
    'add metric orders is added',
    'add service web may now download from and upload to bucket files',
    'add service web may now read keyspace s/:key of cache sessions',
    'add service web may now record metric orders',
  ]);
});

test('every kind goes, and what is lost with it is said', () => {
  expect(changes(everything, graph()).filter((change) => !change.includes('setting'))).toEqual([
    'remove gateway gateway is removed',
    'remove auth handler auth is removed',
    'remove service web is removed',
    'remove middleware web.#3 is removed',
    'remove middleware web.limit is removed',
    'remove middleware web.log is removed',
    'remove endpoint web.feed (private) is removed',
    'remove endpoint web.files (private) is removed',
    'remove endpoint web.hook (private) is removed',
    'remove topic events is removed !messages on their way are lost',
    'remove bucket files is removed !no code reaches its objects any longer',
    'remove cache sessions is removed',
    'remove keyspace sessions → s/:key (string) is removed',
    'remove metric orders is removed',
    'remove service web may no longer download from and upload to bucket files',
    'remove service web may no longer read keyspace s/:key of cache sessions',
    'remove service web may no longer record metric orders',
  ]);
});

test('the same Graph changes nothing', () => {
  expect(changes(everything, structuredClone(everything))).toEqual([]);
});

test.each<[string, Partial<Graph>, string[]]>([
  [
    'settings',
    { settings: { ...everything.settings, cors: { allowHeaders: [] }, workerPooling: false, logLevel: 'debug' } },
    [
      'change setting build.worker_pooling becomes false instead of true',
      'change setting global_cors.allow_headers becomes nothing instead of x-a, x-b',
      'remove setting global_cors.debug goes back to its default',
      'change setting log_level becomes debug instead of info',
    ],
  ],
  [
    'the environment of a hook, which is not shown',
    { settings: { ...everything.settings, hooks: { prebuild: { command: 'make', env: { TOKEN: 'other' } } } } },
    ['change setting build.hooks.prebuild changes its environment variables'],
  ],
  [
    'who is let in',
    {
      gateway: gateway({ authenticates: true }),
      authHandler: authHandler({ request: { schema: object('cookie'), encodings: [] }, data: object('userID') }),
    },
    [
      'change gateway gateway now sends requests through the auth handler',
      'change auth handler auth request gains the field cookie, loses the field authorization; auth data gains the field userID',
    ],
  ],
  [
    'what middleware wraps',
    { services: [{ ...web, middleware: [middleware('log', { isRaw: false }), ...web.middleware.slice(1)] }] },
    ['change middleware web.log wraps endpoints that are not raw instead of every endpoint'],
  ],
  [
    'the order of middleware',
    { services: [{ ...web, middleware: [middleware('new'), web.middleware[1]!, web.middleware[0]!] }] },
    [
      'remove middleware web.#3 is removed',
      'add middleware web.new is added: wraps every endpoint',
      'change middleware of service web wraps in another order: limit, log',
    ],
  ],
  [
    'streams, assets and raw endpoints',
    {
      services: [
        {
          ...web,
          endpoints: [
            { ...web.endpoints[0]!, stream: { out: object('c') }, tags: ['quick'], sensitive: true },
            {
              ...web.endpoints[1]!,
              assets: { directory: 'web/out', notFound: { file: 'web/404.html', status: 404 }, headers: {} },
            },
            { ...web.endpoints[2]!, kind: 'typed' },
          ],
        },
      ],
    },
    [
      'change endpoint web.feed (private) now keeps what it carries out of traces; gains the tag quick; loses the tag slow; ' +
        'incoming message loses the field a; outgoing message gains the field c, loses the field b',
      'change endpoint web.files (private) serves web/out instead of web/dist; ' +
        'answers for what is not there with web/404.html (404) instead of an error; changes the headers that it adds',
      'change endpoint web.hook (private) becomes a typed endpoint instead of a raw endpoint',
    ],
  ],
  [
    'the attributes of a topic',
    { topics: [topic('events', { attributes: ['country'] })] },
    ['change topic events gains the attribute country; loses the attribute region'],
  ],
  [
    'a bucket',
    { buckets: [bucket('files', { public: true, versioned: true })] },
    ['change bucket files becomes public: everybody may read its objects; now keeps former versions of objects'],
  ],
  [
    'a cache and its keys',
    {
      caches: [
        cache('sessions', [keyspace('s/:key', { type: 'struct', value: object('user'), defaultExpiry: 'keep' })], {
          evictionPolicy: 'noeviction',
        }),
      ],
    },
    [
      'change cache sessions evicts by noeviction instead of allkeys-lru',
      'change keyspace sessions → s/:key (struct) holds struct instead of string; value gains the field user; ' +
        'expires as before instead of after 60000 ms',
    ],
  ],
  [
    'a metric',
    { metrics: [metric('orders', { type: 'gauge', labels: [{ name: 'country', type: 'number' }] })] },
    [
      'change metric orders becomes a gauge instead of a counter; gains the label country (number); loses the label country (string)',
    ],
  ],
])('a change of %s', (_what, parts, expected) => {
  expect(changes(everything, { ...everything, ...parts })).toEqual(expected);
});

test('a permission that moves to other tables', () => {
  const using = (tables: Use['tables']) =>
    graph({ uses: [{ ...use('a', { kind: 'database', name: 'main' }, ['write']), ...(tables && { tables }) }] });
  const orders = using([{ name: 'orders', operations: ['write'] }]);
  const payments = using([
    { name: 'events', operations: ['read', 'write'] },
    { name: 'pay\nments', operations: ['write'] },
  ]);
  expect(changes(orders, payments)).toEqual([
    'change service a may now read the table events of database main; may now write the tables events, pay ments of database main; ' +
      'may no longer write the table orders of database main',
  ]);
  expect(changes(using(undefined), orders)).toEqual([
    'change service a may now write the table orders of database main',
  ]);
  expect(changes(orders, structuredClone(orders))).toEqual([]);
});
