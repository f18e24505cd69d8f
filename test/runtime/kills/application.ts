// A process to be killed: it publishes messages in order for keys of its own, and has two subscriptions. Everything is in the journal
// as it happens: what was acknowledged, and when a handler began and ended.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { start } from '../../../runtime/internal/start.ts';
import { Subscription, Topic } from '../../../runtime/pubsub/mod.ts';
import { topic, use } from '../../support/graph.ts';
import { boolean, graphOf, message, number, text } from '../support/graph.ts';
import { type Entry, type Job, maxRetries, subscriptions } from './journal.ts';

const { JOURNAL = '', PUBLISHES, POISON = '0.05' } = process.env;

/** Keys that one process publishes to, each in its own pace. */
const keys = 3;

const note = (entry: Entry): void => appendFileSync(JOURNAL, `${JSON.stringify(entry)}\n`);
const job = message({ key: text, number, poison: boolean });
const jobs = new Topic<Job>('jobs', { deliveryGuarantee: 'at-least-once', orderingAttribute: 'key' });

for (const name of subscriptions) {
  new Subscription(jobs, name, {
    handler: async (job) => {
      note({ what: 'begin', subscription: name, ...job });
      await sleep(Math.random() * 5);
      if (job.poison) throw new Error(`poison ${job.key} ${job.number}`);
      note({ what: 'end', subscription: name, ...job });
    },
  });
}

const graph = graphOf(
  {
    jobs: {
      endpoints: [],
      subscriptions: subscriptions.map((name) => ({
        name,
        topic: 'jobs',
        ackDeadline: 60_000,
        maxConcurrency: 8,
        retry: { minBackoff: 5, maxBackoff: 20, maxRetries },
      })),
    },
  },
  {
    topics: [topic('jobs', { message: job.schema, orderingAttribute: 'key', attributes: ['key'] })],
    uses: [use('jobs', { kind: 'topic', name: 'jobs' }, ['publish'])],
  },
);

await start({ manifest: createManifest(graph, { name: 'app', services: ['jobs'], gateway: true }), handlers: {} });

async function publish(key: string): Promise<void> {
  for (let number = 0; ; number++) {
    const job = { key, number, poison: Math.random() < Number(POISON) };
    await jobs.publish(job);
    note({ what: 'acknowledged', ...job });
    await sleep(Math.random() * 20);
  }
}

if (PUBLISHES) for (let key = 0; key < keys; key++) void publish(`${process.pid}-${Date.now()}-${key}`);
