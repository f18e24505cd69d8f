import { analyze, type Graph } from '../../../analyzer/mod.ts';
import type { Environment } from '../../../pipeline/mod.ts';
import {
  at,
  endpoint,
  migrations,
  sampleGraph,
  sampleRelease,
  service,
  subscription,
} from '../../pipeline/sample-graph.ts';
import * as built from '../../support/graph.ts';
import { inputOf } from './input.ts';

/** A release as a build makes it: with what migrates where there are databases, on the base that the kit comes with. */
export function releaseOf(graph: Graph) {
  const made = sampleRelease(graph);
  const first = Object.keys(made.content.images)[0]!;
  made.content.base = { image: 'gcr.io/distroless/nodejs24-debian13:nonroot', digest: `sha256:${'b'.repeat(64)}` };
  if (graph.databases.length > 0) made.content.migrate = first;
  return made;
}

export async function shopGraph(): Promise<Graph> {
  const { graph } = await analyze({ root: 'examples/shop' });
  if (!graph) throw new Error('the shop has no graph');
  return graph;
}

/** An application with something of each kind, in each of its ways. */
export function everythingGraph(): Graph {
  const keyspace = {
    type: 'string' as const,
    pattern: 'session/:user',
    key: { type: 'string' },
    value: { type: 'string' },
    position: at('accounts/cache.ts', 4),
  };
  return sampleGraph({
    application: 'everything',
    settings: { logLevel: 'info', cors: { allowOriginsWithCredentials: ['https://app.example'] } },
    gateway: {
      name: 'api',
      authenticates: false,
      module: 'accounts/gateway.ts',
      service: 'accounts',
      position: at('accounts/gateway.ts'),
    },
    services: [
      service('accounts', { endpoints: [endpoint('login')] }),
      service('billing', {
        subscriptions: [
          subscription('charge', 'order-placed', { ackDeadline: 45_500, messageRetention: 30 * 86_400_000 }),
          subscription('audit', 'ledger', { retry: { minBackoff: 1000, maxBackoff: 2000, maxRetries: 0 } }),
        ],
        endpoints: [endpoint('settle', { exposed: false })],
      }),
      service('media', { endpoints: [endpoint('upload')] }),
    ],
    databases: [migrations('accounts', 'create'), migrations('billing', 'create')],
    topics: [
      built.topic('ledger', { deliveryGuarantee: 'exactly-once', position: at('billing/topics.ts', 9) }),
      built.topic('order-placed', {
        orderingAttribute: 'order',
        attributes: ['order'],
        position: at('accounts/topics.ts'),
      }),
      built.topic('seen', { position: at('media/topics.ts') }),
    ],
    buckets: [
      { name: 'archive', public: false, versioned: true, position: at('billing/bucket.ts') },
      { name: 'pictures', public: true, versioned: false, position: at('media/bucket.ts') },
    ],
    caches: [
      { name: 'sessions', evictionPolicy: 'volatile-lru', keyspaces: [keyspace], position: at('accounts/cache.ts') },
    ],
    cronJobs: [
      {
        name: 'settle-often',
        when: { every: 90 * 60_000 },
        endpoint: { service: 'billing', endpoint: 'settle' },
        service: 'billing',
        position: at('billing/cron.ts'),
      },
      {
        name: 'settle-on-mondays',
        when: { schedule: '30 6 1 * mon' },
        endpoint: { service: 'billing', endpoint: 'settle' },
        service: 'billing',
        position: at('billing/cron.ts', 5),
      },
    ],
    secrets: [
      { name: 'PaymentKey', position: at('billing/secrets.ts') },
      { name: 'SigningKey', position: at('accounts/secrets.ts') },
    ],
    uses: [
      built.use('accounts', { kind: 'database', name: 'accounts' }, ['read', 'write'], at('accounts/api.ts', 9)),
      built.use(
        'accounts',
        { kind: 'keyspace', cache: 'sessions', name: 'session/:user' },
        ['read', 'write'],
        at('accounts/api.ts', 12),
      ),
      built.use('accounts', { kind: 'secret', name: 'SigningKey' }, ['read'], at('accounts/api.ts', 2)),
      built.use('accounts', { kind: 'topic', name: 'order-placed' }, ['publish'], at('accounts/api.ts', 30)),
      built.use('billing', { kind: 'database', name: 'billing' }, ['read', 'write'], at('billing/api.ts', 9)),
      built.use('billing', { kind: 'database', name: 'accounts' }, ['read'], at('billing/api.ts', 10)),
      built.use(
        'billing',
        { kind: 'bucket', name: 'archive' },
        ['download', 'list', 'upload'],
        at('billing/api.ts', 20),
      ),
      built.use('billing', { kind: 'secret', name: 'PaymentKey' }, ['read'], at('billing/api.ts', 2)),
      built.use('billing', { kind: 'topic', name: 'ledger' }, ['publish'], at('billing/api.ts', 40)),
      built.use(
        'billing',
        { kind: 'endpoint', service: 'accounts', name: 'login' },
        ['call'],
        at('billing/api.ts', 41),
      ),
      built.use(
        'media',
        { kind: 'bucket', name: 'pictures' },
        ['public-url', 'sign-upload', 'upload'],
        at('media/api.ts', 9),
      ),
      built.use('media', { kind: 'topic', name: 'seen' }, ['publish'], at('media/api.ts', 12)),
    ],
  });
}

const staging: Environment = { application: 'everything', name: 'staging', type: 'development' };

/** What templates are kept of, by name. */
export async function stories() {
  const shop = releaseOf(await shopGraph());
  const everything = releaseOf(everythingGraph());
  return {
    'shop-preview': inputOf({ release: shop, environment: 'pr-1' }),
    'shop-production': inputOf({
      release: shop,
      environment: 'production',
      settings: { processes: 'per-service' },
      overrides: { alarms: ['ops@example.com'] },
    }),
    'everything-preview': inputOf({
      release: everything,
      environment: 'pr-2',
      settings: { processes: 'per-service' },
      overrides: { sleep: { at: '0 20 * * *', wake: '0 6 * * 1-5' } },
    }),
    'everything-staging': inputOf({ release: everything, environment: staging, overrides: { databases: 'dedicated' } }),
    'everything-production': inputOf({
      release: everything,
      environment: 'production',
      settings: { processes: 'per-service' },
      aws: { domain: 'everything.example' },
      overrides: {
        databases: 'dedicated',
        telemetry: { otlp: 'https://otlp.example:4318', traces: { ratio: 0.1 } },
        alarms: ['arn:aws:sns:eu-central-1:123456789012:pager'],
        processes: { billing: { cpu: 1024, memory: 2048, scaling: { max: 4 } } },
      },
    }),
  };
}
