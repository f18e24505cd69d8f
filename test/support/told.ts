import { resolve } from 'node:path';
import { analyze } from '../../analyzer/mod.ts';
import {
  type CommentContent,
  type Graph,
  makePlan,
  parseConfig,
  parseEnvironment,
  previewEnvironment,
  type SummaryContent,
  settingsFor,
} from '../../pipeline/mod.ts';
import {
  at,
  endpoint,
  migrations,
  sampleGraph,
  sampleRelease,
  service,
  subscription,
} from '../pipeline/sample-graph.ts';
import { generatedGraph } from './generated-graph.ts';
import { topic, use } from './graph.ts';

const config = parseConfig('{}', 'fairlead.json');
const commit = '6f1c2ab94e0d7735c1b8a2f0e9d4c3b2a1908f7e';

const context = {
  at: '2026-03-04T09:12:30.000Z',
  links: { repository: 'https://github.com/acme/shop', commit, run: 'https://github.com/acme/shop/actions/runs/4711' },
  phases: [
    { title: 'Analyze', milliseconds: 900 },
    { title: 'Build', milliseconds: 3100 },
    { title: 'Apply migrations', milliseconds: 1400 },
    { title: 'Start processes', milliseconds: 2200 },
  ],
};

/** A preview that is up, compared with what production runs. */
export function deployed(
  after: Graph,
  before?: Graph,
  parts: Partial<Extract<CommentContent, { state: 'deployed' }>> = {},
): CommentContent {
  const [preview, production] = ['pr-12', 'production'].map((name) => parseEnvironment(after.application, name));
  const release = sampleRelease(after, commit);
  const settings = settingsFor(config, preview!);
  return {
    state: 'deployed',
    plan: makePlan({ release, environment: preview!, settings }),
    url: 'https://pr-12.shop.example.com',
    production: makePlan({
      release,
      environment: production!,
      settings: settingsFor(config, production!),
      ...(before && { deployed: sampleRelease(before) }),
    }),
    ...(before && { before }),
    refusals: [],
    recreated: [],
    ...context,
    ...parts,
  };
}

/** What people see in the states that matter, on the example's own Graph. */
export async function toldStories(): Promise<Record<string, CommentContent>> {
  const { graph } = await analyze({ root: resolve('examples/shop') });
  const shop = graph!;
  const environment = parseEnvironment('shop', 'pr-12');
  const large = generatedGraph(500);
  return {
    first: deployed(shop),
    unchanged: deployed(shop, shop),
    changed: deployed(withRefunds(shop), shop),
    failed: {
      state: 'failed',
      environment,
      url: 'https://pr-12.shop.example.com',
      diagnostics: [
        {
          code: 'FL4010',
          severity: 'error',
          message: 'the secret MailApiKey has no value in pr-12',
          help: 'Set it with `fairlead secret set MailApiKey --type preview`.',
          position: at('notifications/mail.ts', 5),
        },
      ],
      ...context,
      phases: [...context.phases.slice(0, 2), { title: 'Start processes', milliseconds: 700, failed: true }],
    },
    started: { state: 'started', environment, url: 'https://pr-12.shop.example.com', links: context.links },
    removed: {
      state: 'removed',
      environment,
      removed: [
        'processes',
        'database shop_pr_12_orders',
        'database shop_pr_12_analytics',
        'role shop_pr_12_orders_orders',
        'role shop_pr_12_analytics_analytics',
        'files in environments/shop/pr-12',
      ],
      left: [],
      at: context.at,
    },
    stuck: {
      state: 'removed',
      environment,
      removed: ['processes'],
      left: [{ what: 'database shop_pr_12_orders', why: 'is being accessed by other users' }],
      at: context.at,
    },
    large: deployed(changedEverywhere(large), large),
  };
}

/** A service for refunds with a topic of its own, a column dropped, and analytics without its cron job. */
function withRefunds(shop: Graph): Graph {
  const file = 'orders/migrations/30_drop_price.up.sql';
  const dropped = {
    version: 30,
    name: 'drop_price',
    file,
    hash: 'a'.repeat(64),
    statements: [
      { safety: 'destructive' as const, reason: 'drops the column `price` of `products`', position: at(file) },
    ],
  };
  const indexFile = 'analytics/migrations/20_index_sales.up.sql';
  const locked = {
    version: 20,
    name: 'index_sales',
    file: indexFile,
    hash: 'b'.repeat(64),
    statements: [
      { safety: 'locking' as const, reason: 'builds the index `sales_day` on `sales`', position: at(indexFile) },
    ],
  };
  return {
    ...shop,
    services: [
      ...shop.services.map((one) =>
        one.name === 'analytics'
          ? {
              ...one,
              subscriptions: [
                ...one.subscriptions,
                subscription('record-refund', 'order-refunded', { position: at('analytics/analytics.ts', 63) }),
              ],
            }
          : one,
      ),
      service('refunds', { endpoints: [endpoint('refund', { path: '/refunds', position: at('refunds/api.ts', 8) })] }),
    ],
    databases: shop.databases.map((one) => {
      const extra = { orders: dropped, analytics: locked }[one.name];
      const { migrations } = one;
      return extra && migrations ? { ...one, migrations: { ...migrations, files: [...migrations.files, extra] } } : one;
    }),
    topics: [...shop.topics, topic('order-refunded', { position: at('refunds/events.ts', 9) })],
    cronJobs: [],
    uses: [
      ...shop.uses,
      use('refunds', { kind: 'endpoint', service: 'orders', name: 'get' }, ['call'], at('refunds/api.ts', 12)),
      use('refunds', { kind: 'topic', name: 'order-refunded' }, ['publish'], at('refunds/api.ts', 14)),
    ],
  };
}

function changedEverywhere(graph: Graph): Graph {
  return {
    ...graph,
    services: graph.services.map((one) => ({ ...one, endpoints: one.endpoints.slice(1) })),
    topics: [...graph.topics, topic('everything-happened')],
    databases: graph.databases.slice(20),
  };
}

/** What the page of a job says of deployments, rollbacks and cleanups. */
export function summaryStories(): Record<string, SummaryContent> {
  const environment = parseEnvironment('shop', 'production');
  const shop = sampleGraph({ services: [service('orders')], databases: [migrations('orders', 'create')] });
  const next = { ...shop, databases: [migrations('orders', 'create', 'drop!')] };
  const [former, release] = [sampleRelease(shop, 'a'.repeat(40)), sampleRelease(next, commit)];
  const plan = makePlan({ release, environment, settings: settingsFor(config, environment), deployed: former });
  const url = 'https://shop.example.com';
  const outcome = { url, release: release.digest, started: ['orders'], kept: ['gateway'], migrations: [] };
  const back = makePlan({
    release: former,
    environment,
    settings: settingsFor(config, environment),
    deployed: release,
  });
  const reviewed = { kind: 'seen' as const, by: 'pr-12', already: [] };
  const milliseconds = { build: 3100, apply: 4500 };
  const unwanted = { wanted: false as const, why: 'closed' as const, message: 'pull request 8 is closed', help: '' };
  const of = (number: number) => ({ environment: previewEnvironment('shop', number), removed: [], left: [] });
  return {
    promoted: {
      of: 'promote',
      environment,
      result: { kind: 'deployed', plan, outcome, provenBy: 'pr-12', reviewed, milliseconds },
      ...context,
    },
    'rolled-back': {
      of: 'rollback',
      environment,
      result: {
        kind: 'rolled-back',
        from: release.digest,
        fromSource: release.source,
        plan: back,
        outcome: { ...outcome, release: former.digest },
        missingSecrets: [],
      },
      ...context,
    },
    'cleaned-up': {
      of: 'cleanup',
      dryRun: false,
      results: [
        { ...of(7), kind: 'kept' },
        { ...of(8), kind: 'removed', unwanted, removed: ['processes', 'database shop_pr_8_orders'] },
        { ...of(9), kind: 'left', unwanted, left: [{ what: 'database shop_pr_9_orders', why: 'it is in use' }] },
      ],
      saved: { currency: 'USD', amount: 9.3, source: 'list prices of 1 March 2026' },
    },
  };
}
