// A process of an application that does everything that spans are made of: `app`, or `gateway`, `shop`, `stock` and `mail`.
import { createRequire } from 'node:module';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { processesOf } from '../../../pipeline/processes.ts';
import { APIError } from '../../../runtime/api/mod.ts';
import { authHandler } from '../../../runtime/auth/mod.ts';
import { call } from '../../../runtime/internal/clients.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { Subscription, Topic } from '../../../runtime/pubsub/mod.ts';
import { CacheCluster, StringKeyspace } from '../../../runtime/storage/cache/mod.ts';
import { Bucket } from '../../../runtime/storage/objects/mod.ts';
import { SQLDatabase } from '../../../runtime/storage/sqldb/mod.ts';
import { gateway, authHandler as handlerPart, position, topic, use } from '../../support/graph.ts';
import { graphOf, message, number, text } from './graph.ts';

// Another copy than the runtime's, as an application has it.
const { trace } = createRequire(import.meta.url)('@opentelemetry/api') as typeof import('@opentelemetry/api');

const get = { methods: ['GET' as const], exposed: true };
const ordered = message({ item: text });
const traceOnly = message({ trace: text });

const graph = graphOf(
  {
    shop: {
      endpoints: [
        {
          name: 'order',
          exposed: true,
          path: '/orders/:id',
          request: message(
            { id: text, note: text, item: text, secret: text },
            { optional: ['note', 'secret'], places: { id: 'path', note: 'query', secret: 'header X-Secret' } },
          ),
          response: traceOnly,
        },
        {
          name: 'fail',
          ...get,
          path: '/fail/:how',
          request: message({ how: text }, { places: { how: 'path' }, methods: ['GET'] }),
        },
        { name: 'keep', exposed: true, path: '/keep', request: message({ value: text }) },
      ],
    },
    stock: {
      endpoints: [
        { name: 'reserve', request: message({ item: text, amount: number }), response: traceOnly },
        {
          name: 'reset',
          ...get,
          sensitive: true,
          path: '/reset/:token',
          request: message({ token: text, mail: text }, { places: { token: 'path', mail: 'query' }, methods: ['GET'] }),
        },
        { name: 'tidy' },
        {
          name: 'watch',
          ...get,
          kind: 'stream',
          path: '/watch',
          stream: { out: text },
        },
      ],
    },
    mail: {
      subscriptions: [
        {
          name: 'confirm',
          topic: 'ordered',
          retry: { minBackoff: 20, maxBackoff: 100, maxRetries: 3 },
        },
      ],
    },
  },
  {
    gateway: gateway({ authenticates: true }),
    authHandler: handlerPart({
      service: 'shop',
      name: 'auth',
      request: message({ token: text }, { optional: ['token'], places: { token: 'query' } }),
      data: { type: 'object', properties: { userID: text }, required: ['userID'] },
    }),
    topics: [topic('ordered', { message: ordered.schema })],
    uses: [
      use('shop', { kind: 'endpoint', service: 'stock', name: 'reserve' }, ['call']),
      use('shop', { kind: 'topic', name: 'ordered' }, ['publish']),
    ],
    cronJobs: [
      {
        name: 'tidy up',
        when: { every: 3_600_000 },
        endpoint: { service: 'stock', endpoint: 'tidy' },
        service: 'stock',
        position,
      },
    ],
  },
);

const db = new SQLDatabase('stock');
const topicOfOrders = new Topic<{ item: string }>('ordered', { deliveryGuarantee: 'at-least-once' });
const notes = new StringKeyspace<string>(new CacheCluster('notes'), { keyPattern: 'notes/:id' });
const files = new Bucket('files');
const tracer = trace.getTracer('application');

const failures: Record<string, () => never> = {
  unexpected: () => {
    throw new TypeError('value s3cret-error');
  },
  told: () => {
    throw APIError.unavailable('try again later');
  },
  missing: () => {
    throw APIError.notFound('no such thing');
  },
};

const own = () => ({ trace: currentRequest()?.trace?.traceId });

const handlers: Record<string, (params: never) => unknown> = {
  'shop.order': async ({ item }: { item: string }) => {
    log.info('ordering');
    await tracer.startActiveSpan('price', async (span) => {
      await call('stock', 'reserve', { item, amount: 7 });
      span.end();
    });
    await topicOfOrders.publish({ item });
    return own();
  },
  'shop.fail': async ({ how }: { how: string }) => failures[how]?.(),
  'shop.keep': async ({ value }: { value: string }) => {
    await notes.set('s3cret-key', value);
    await notes.get('s3cret-key');
    await files.upload('s3cret-name', Buffer.from(value));
    for await (const _ of files.list()) await files.download('s3cret-name');
    await files.download('s3cret-none').catch(() => undefined);
  },
  'stock.reserve': async ({ item, amount }: { item: string; amount: number }) => {
    await using tx = await db.begin();
    await tx.exec`INSERT INTO items (name, amount) VALUES (${item}, ${amount})`;
    await tx.commit();
    await db.rawQueryAll(`SELECT "name" /* 'n0te' */ FROM items WHERE name = 's3cret-literal' AND amount > 41 -- 42`);
    await db.exec`SELECT ${'s3cret-number'}::text::int`.catch(() => undefined);
    return own();
  },
  'stock.reset': () => failures.unexpected?.(),
  'stock.tidy': () => failures.missing?.(),
  'stock.watch': (async (out: { send(text: string): Promise<void> }) => {
    await db.exec`SELECT 1`;
    await out.send(currentRequest()?.trace?.traceId ?? '');
  }) as never,
};

const { PROCESS = 'app' } = process.env;
const found = processesOf(graph, PROCESS === 'app' ? 'all-in-one' : 'per-service').find(({ name }) => name === PROCESS);
if (!found) throw new Error(`no process ${PROCESS}`);
const hosted = new Set(found.services);
if (hosted.has('shop')) {
  authHandler<{ token?: string }, { userID: string }>(async ({ token = '' }) => {
    if (token === 'bad') throw APIError.unauthenticated(`bad token ${token}`);
    return { userID: token };
  });
}
if (hosted.has('mail')) {
  new Subscription(topicOfOrders, 'confirm', {
    handler: async ({ item }) => {
      log.info('confirmed');
      await db.exec`SELECT ${item}`;
      const request = currentRequest();
      const attempt = request?.type === 'pubsub-message' ? request.deliveryAttempt : 0;
      if (item === 'broken' && attempt === 1) throw new Error('value s3cret-error');
    },
  });
}
await start({
  manifest: createManifest(graph, found),
  handlers: Object.fromEntries(Object.entries(handlers).filter(([name]) => hosted.has(name.split('.')[0] ?? ''))),
});
