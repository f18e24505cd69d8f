// A process with workers: endpoints of each kind that say who answers, and a subscription. Only workers get past the first lines.
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { start, workersOnly } from '../../../runtime/internal/start.ts';

if (process.env.TELLS_TRACING) {
  // Where OpenTelemetry's API keeps whoever makes spans.
  const { trace } = (Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1')) ?? {}) as { trace?: object };
  log.info('before the application', { leads: process.send === undefined, traces: trace !== undefined });
}
await workersOnly();

import type { RawHandler, StreamInOut } from '../../../runtime/api/mod.ts';
import log from '../../../runtime/log/mod.ts';
import { Counter, Gauge } from '../../../runtime/metrics/mod.ts';
import { Subscription, Topic } from '../../../runtime/pubsub/mod.ts';
import { topic, use } from '../../support/graph.ts';
import { graphOf, message, number, text } from './graph.ts';

const { SUBSCRIBES, MAX = '4' } = process.env;
const jobs = new Topic<{ id: string }>('jobs', { deliveryGuarantee: 'at-least-once' });
const [asked, busy] = [new Counter('asked'), new Gauge('busy')];
let running = 0;
let most = 0;
let count = 0;

if (SUBSCRIBES) {
  new Subscription(jobs, 'work', {
    handler: async ({ id }) => {
      most = Math.max(most, ++running);
      await sleep(50);
      running--;
      log.info('worked', { id, pid: process.pid, most });
    },
  });
}

const get = { methods: ['GET' as const], exposed: true };
const job = message({ id: text });
const graph = graphOf(
  {
    web: {
      endpoints: [
        { name: 'who', ...get, path: '/who', response: message({ pid: number, count: number }) },
        { name: 'slow', ...get, path: '/slow', response: message({ pid: number }) },
        { name: 'crash', ...get, path: '/crash' },
        { name: 'thrown', ...get, path: '/thrown' },
        { name: 'stuck', ...get, path: '/stuck' },
        { name: 'raw', ...get, kind: 'raw', path: '/raw' },
        {
          name: 'echo',
          ...get,
          kind: 'stream',
          path: '/echo',
          stream: { in: message({ id: text }).schema, out: message({ id: text, pid: number }).schema },
        },
        { name: 'publish', exposed: true, path: '/jobs', request: job },
        { name: 'tidy' },
      ],
      subscriptions: SUBSCRIBES
        ? [
            {
              name: 'work',
              topic: 'jobs',
              ackDeadline: 30_000,
              maxConcurrency: Number(MAX),
              retry: { minBackoff: 20, maxBackoff: 100, maxRetries: 3 },
            },
          ]
        : [],
    },
  },
  {
    topics: [topic('jobs', { message: job.schema })],
    uses: [use('web', { kind: 'topic', name: 'jobs' }, ['publish'])],
  },
);

const handlers = {
  'web.who': () => {
    asked.increment();
    busy.set(1);
    return { pid: process.pid, count: ++count };
  },
  'web.slow': async () => {
    log.info('slow began', { pid: process.pid });
    await sleep(500);
    return { pid: process.pid };
  },
  'web.crash': () => process.kill(process.pid, 'SIGKILL'),
  'web.thrown': () => {
    setImmediate(() => {
      throw new Error('thrown into the air');
    });
    return sleep(10_000);
  },
  'web.stuck': () => {
    log.info('stuck');
    for (;;);
  },
  'web.raw': ((_request, response) => void response.end(String(process.pid))) satisfies RawHandler as never,
  'web.echo': async (messages: StreamInOut<{ id: string }, { id: string; pid: number }>): Promise<void> => {
    for await (const { id } of messages) await messages.send({ id, pid: process.pid });
  },
  'web.publish': async ({ id }: { id: string }) => void (await jobs.publish({ id })),
  'web.tidy': () => {},
};

log.info('the application is loaded', { pid: process.pid });
await start({ manifest: createManifest(graph, { name: 'app', services: ['web'], gateway: true }), handlers });
