import type { Graph } from '../../analyzer/mod.ts';
import type { Applied } from '../migrations.ts';
import type { Change } from '../plan.ts';
import { bucketDifferences } from './bucket.ts';
import { cacheDifferences, keyspaceDifferences, keyspaceItems } from './cache.ts';
import { cronDifferences } from './cron-job.ts';
import { endpointDifferences, endpointItems } from './endpoint.ts';
import { authHandlerDifferences, gatewayDifferences } from './gateway.ts';
import { compare, type Item, namedItems } from './items.ts';
import { metricDifferences } from './metric.ts';
import { middlewareDifferences, middlewareItems, middlewareOrder } from './middleware.ts';
import { migrationChanges } from './migration.ts';
import { permissionDifferences, permissionItems } from './permission.ts';
import { settingDifferences, settingItems } from './settings.ts';
import { subscriptionDifferences, subscriptionItems, topicDifferences } from './topic.ts';

/**
 * What becomes different when `after` replaces `before`, in a fixed order: by kind, then by subject. The migrations are
 * those that the databases have not seen.
 */
export function compareGraphs(after: Graph, before: Graph | undefined, applied: Applied): Change[] {
  const old = before ?? { ...nothing, application: after.application };
  const both = <T>(
    kind: Change['kind'],
    items: (graph: Graph) => Item<T>[],
    differences?: (a: T, old: Graph, b: T, now: Graph) => string[],
  ) => compare(kind, items(old), items(after), differences && ((a, b) => differences(a, old, b, after)));
  return [
    ...both('setting', settingItems, plain(settingDifferences)),
    ...both(
      'gateway',
      namedItems('gateway', (graph) => listed(graph.gateway)),
      plain(gatewayDifferences),
    ),
    ...both(
      'auth handler',
      namedItems('auth handler', (graph) => listed(graph.authHandler)),
      authHandlerDifferences,
    ),
    ...both(
      'service',
      namedItems('service', ({ services }) => services),
    ),
    ...both('middleware', middlewareItems, plain(middlewareDifferences)),
    ...middlewareOrder(old, after),
    ...both('endpoint', endpointItems, endpointDifferences),
    ...both(
      'database',
      namedItems('database', ({ databases }) => databases),
    ),
    ...migrationChanges(after, applied),
    ...both(
      'topic',
      namedItems('topic', ({ topics }) => topics),
      topicDifferences,
    ),
    ...both('subscription', subscriptionItems, plain(subscriptionDifferences)),
    ...both(
      'bucket',
      namedItems('bucket', ({ buckets }) => buckets),
      plain(bucketDifferences),
    ),
    ...both(
      'cache',
      namedItems('cache', ({ caches }) => caches),
      plain(cacheDifferences),
    ),
    ...both('keyspace', keyspaceItems, keyspaceDifferences),
    ...both(
      'cron job',
      namedItems('cron job', ({ cronJobs }) => cronJobs),
      plain(cronDifferences),
    ),
    ...both(
      'metric',
      namedItems('metric', ({ metrics }) => metrics),
      plain(metricDifferences),
    ),
    ...both(
      'secret',
      namedItems('secret', ({ secrets }) => secrets),
    ),
    ...both('permission', permissionItems, plain(permissionDifferences)),
  ];
}

const nothing: Omit<Graph, 'application'> = {
  version: 2,
  settings: {},
  services: [],
  databases: [],
  topics: [],
  buckets: [],
  caches: [],
  cronJobs: [],
  metrics: [],
  secrets: [],
  uses: [],
  schemas: {},
};

/** Differences that named schemas do not matter to. */
function plain<T>(differences: (before: T, after: T) => string[]) {
  return (before: T, _old: Graph, after: T, _now: Graph): string[] => differences(before, after);
}

function listed<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
