// A process with one endpoint that publishes and two subscriptions that write down what they get, or misbehave as they are told.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { start } from '../../../runtime/internal/start.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { Subscription, Topic } from '../../../runtime/pubsub/mod.ts';
import { topic, use } from '../../support/graph.ts';
import { date, graphOf, message, number, text } from './graph.ts';

interface Job {
  id: string;
  at: Date;
  /** What the subscription `work` does with it: `fail` as many times, `sleep` as many milliseconds, or `hang` for ever. */
  does?: string;
  times?: number;
}

const { JOURNAL = '', SUBSCRIBE = 'work,audit', RETRY = '{}', ACK = '30000', ORDER } = process.env;
const job = message({ id: text, at: date, does: text, times: number }, { optional: ['does', 'times'] });
const jobs = new Topic<Job>('jobs', { deliveryGuarantee: 'at-least-once' });
const subscriptions = SUBSCRIBE === '' ? [] : SUBSCRIBE.split(',');
let running = 0;

function note(what: string, { id, at }: Job): void {
  const request = currentRequest();
  const attempt = request?.type === 'pubsub-message' ? request.deliveryAttempt : 0;
  appendFileSync(
    JOURNAL,
    `${JSON.stringify({ pid: process.pid, what, id, at: at instanceof Date, attempt, running, trace: request?.trace?.traceId })}\n`,
  );
}

async function work(job: Job): Promise<void> {
  running++;
  try {
    note('begin', job);
    const request = currentRequest();
    const attempt = request?.type === 'pubsub-message' ? request.deliveryAttempt : 0;
    if (job.does === 'fail' && attempt <= (job.times ?? 0)) throw new Error(`no. ${attempt}`);
    if (job.does === 'sleep') await sleep(job.times);
    if (job.does === 'hang') await new Promise(() => setInterval(() => {}, 1000));
    note('end', job);
  } finally {
    running--;
  }
}

for (const name of subscriptions) {
  new Subscription(jobs, name, { handler: async (job) => (name === 'work' ? work(job) : note(name, job)) });
}

const graph = graphOf(
  {
    jobs: {
      endpoints: [{ name: 'publish', path: '/jobs', exposed: true, request: job, response: message({ id: text }) }],
      subscriptions: subscriptions.map((name) => ({
        name,
        topic: 'jobs',
        ackDeadline: Number(ACK),
        ...(name === 'work' && { maxConcurrency: 2 }),
        retry: { minBackoff: 20, maxBackoff: 100, maxRetries: 3, ...JSON.parse(RETRY) },
      })),
    },
  },
  {
    topics: [
      topic('jobs', {
        message: job.schema,
        ...(ORDER !== undefined && { orderingAttribute: ORDER, attributes: [ORDER] }),
      }),
    ],
    uses: [use('jobs', { kind: 'topic', name: 'jobs' }, ['publish'])],
  },
);

await start({
  manifest: createManifest(graph, { name: 'app', services: ['jobs'], gateway: true }),
  handlers: { 'jobs.publish': async (job: Job) => ({ id: await jobs.publish(job) }) },
});
