// A process with work of each kind that takes half a second: a request, a stream, a message, and a transaction that outlives its request.
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import type { StreamInOut } from '../../../runtime/api/mod.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { Subscription, Topic } from '../../../runtime/pubsub/mod.ts';
import { SQLDatabase } from '../../../runtime/storage/sqldb/mod.ts';
import { topic, use } from '../../support/graph.ts';
import { graphOf, message, text } from './graph.ts';

const takes = Number(process.env.TAKES ?? 500);
const db = new SQLDatabase('postgres');
const jobs = new Topic<{ id: string }>('jobs', { deliveryGuarantee: 'at-least-once' });

async function work(name: string): Promise<void> {
  log.info(`${name} began`);
  await sleep(takes);
  log.info(`${name} ended`);
}

new Subscription(jobs, 'work', { handler: () => work('message') });

async function transact(): Promise<void> {
  await using tx = await db.begin();
  await tx.exec`INSERT INTO done VALUES ('begun')`;
  await work('transaction');
  await tx.exec`INSERT INTO done VALUES ('finished')`;
  await tx.commit();
}

const get = { methods: ['GET' as const], exposed: true };
const job = message({ id: text });
const graph = graphOf(
  {
    web: {
      endpoints: [
        { name: 'slow', ...get, path: '/slow' },
        { name: 'transact', ...get, path: '/transact' },
        { name: 'publish', ...get, path: '/publish' },
        { name: 'floating', ...get, path: '/floating' },
        { name: 'later', ...get, path: '/later' },
        { name: 'talk', ...get, kind: 'stream', path: '/talk', stream: { in: job.schema, out: job.schema } },
      ],
      subscriptions: [
        { name: 'work', topic: 'jobs', ackDeadline: 30_000, retry: { minBackoff: 20, maxBackoff: 100, maxRetries: 3 } },
      ],
    },
  },
  {
    topics: [topic('jobs', { message: job.schema })],
    uses: [use('web', { kind: 'topic', name: 'jobs' }, ['publish'])],
  },
);

await start({
  manifest: createManifest(graph, { name: 'app', services: ['web'], gateway: true }),
  handlers: {
    'web.slow': () => work('request'),
    'web.transact': () => void transact(),
    'web.publish': async () => void (await jobs.publish({ id: 'a' })),
    'web.floating': async () => {
      void Promise.reject(new Error('left alone'));
      await sleep(100);
    },
    'web.later': () => void sleep(50).then(() => Promise.reject(new Error('left alone later'))),
    'web.talk': (async (messages: StreamInOut<{ id: string }, { id: string }>) => {
      for await (const _ of messages) log.info('heard');
      await work('stream');
    }) as never,
  },
});
