import type { Graph, ResourceReference } from '../analyzer/mod.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { expiryOf } from '../pipeline/render/details.ts';
import { scheduleOf } from '../pipeline/render/view.ts';
import { methodsText } from './methods.ts';
import { paint } from './paint.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

/** Everything in the Graph as one table per kind; kinds that the application has none of are left out. */
export function renderTables(graph: Graph): string {
  const sections: [title: string, head: string[], rows: string[][]][] = [
    ['Gateway', ['name', 'auth handler', 'service'], gateway(graph)],
    ['Endpoints', ['service', 'endpoint', 'methods', 'path', 'access'], endpoints(graph)],
    ['Middleware', ['service', 'name', 'applies to'], middleware(graph)],
    ['Databases', ['name', 'migrations', 'used by'], databases(graph)],
    ['Topics', ['name', 'delivery', 'published by', 'subscriptions'], topics(graph)],
    ['Buckets', ['name', 'access', 'used by'], buckets(graph)],
    ['Caches', ['name', 'eviction', 'used by'], caches(graph)],
    ['Keyspaces', ['cache', 'keys', 'holds', 'expiry', 'used by'], keyspaces(graph)],
    ['Cron jobs', ['name', 'when (UTC)', 'calls'], cronJobs(graph)],
    ['Metrics', ['name', 'type', 'labels', 'recorded by'], metrics(graph)],
    ['Secrets', ['name', 'read by'], graph.secrets.map(({ name }) => [name, users(graph, 'secret', name)])],
    ['Calls', ['from', 'to'], calls(graph)],
  ];
  return sections
    .filter(([, , rows]) => rows.length > 0)
    .map(([title, head, rows]) => {
      const cells = rows.map((row) => row.map(printable));
      return `${paint('bold', title)}\n${table([head.map((cell) => paint('dim', cell)), ...cells])}`;
    })
    .join('\n\n');
}

function gateway({ gateway, authHandler }: Graph): string[][] {
  if (!gateway && !authHandler) return [];
  const handler = authHandler ? `${authHandler.service}.${authHandler.name}` : '';
  return [[gateway?.name ?? '', handler, gateway?.service ?? authHandler?.service ?? '']];
}

function endpoints({ services }: Graph): string[][] {
  return services.flatMap((service) =>
    service.endpoints.map(({ name, kind, methods, path, exposed, auth }) => [
      service.name,
      name,
      methodsText(methods),
      path,
      [exposed ? 'public' : 'private', ...(auth ? ['auth'] : []), ...(kind === 'typed' ? [] : [kind])].join(', '),
    ]),
  );
}

function middleware({ services }: Graph): string[][] {
  return services.flatMap((service) =>
    service.middleware.map(({ name, target, position }) => [
      service.name,
      name ?? `${position.file}:${position.line}`,
      conditions(target),
    ]),
  );
}

function conditions({ tags, ...flags }: Graph['services'][number]['middleware'][number]['target']): string {
  const words = Object.entries(flags).map(([name, value]) => (value ? name : `not ${name}`));
  return [...words, ...(tags ?? []).map((tag) => `tag ${tag}`)].join(', ') || 'all endpoints';
}

function databases(graph: Graph): string[][] {
  return graph.databases.map(({ name, migrations }) => [
    name,
    String(migrations?.files.length ?? 0),
    users(graph, 'database', name),
  ]);
}

function topics(graph: Graph): string[][] {
  return graph.topics.map(({ name, deliveryGuarantee, orderingAttribute }) => {
    const subscriptions = graph.services.flatMap((service) =>
      service.subscriptions.filter(({ topic }) => topic === name).map((one) => `${one.name} (${service.name})`),
    );
    const delivery = `${deliveryGuarantee}${orderingAttribute ? `, by ${orderingAttribute}` : ''}`;
    return [name, delivery, users(graph, 'topic', name), subscriptions.join(', ')];
  });
}

function buckets(graph: Graph): string[][] {
  return graph.buckets.map((bucket) => [
    bucket.name,
    `${bucket.public ? 'public' : 'private'}${bucket.versioned ? ', versioned' : ''}`,
    users(graph, 'bucket', bucket.name),
  ]);
}

function caches(graph: Graph): string[][] {
  return graph.caches.map(({ name, evictionPolicy }) => [
    name,
    evictionPolicy,
    usersOf(graph, ({ resource }) => resource.kind === 'keyspace' && resource.cache === name),
  ]);
}

function keyspaces(graph: Graph): string[][] {
  return graph.caches.flatMap(({ name: cache, keyspaces }) =>
    keyspaces.map((keyspace) => [
      cache,
      keyspace.pattern,
      keyspace.type,
      expiryOf(keyspace),
      usersOf(
        graph,
        ({ resource }) =>
          resource.kind === 'keyspace' && resource.cache === cache && resource.name === keyspace.pattern,
      ),
    ]),
  );
}

function cronJobs({ cronJobs }: Graph): string[][] {
  return cronJobs.map(({ name, when, endpoint }) => [
    name,
    scheduleOf(when),
    `${endpoint.service}.${endpoint.endpoint}`,
  ]);
}

function metrics(graph: Graph): string[][] {
  return graph.metrics.map(({ name, type, labels }) => [
    name,
    type,
    labels.map((label) => label.name).join(', '),
    users(graph, 'metric', name),
  ]);
}

function calls({ uses }: Graph): string[][] {
  return uses.flatMap(({ service, resource }) =>
    resource.kind === 'endpoint' ? [[service, `${resource.service}.${resource.name}`]] : [],
  );
}

function users(graph: Graph, kind: ResourceReference['kind'], name: string): string {
  return usersOf(graph, ({ resource }) => resource.kind === kind && resource.name === name);
}

function usersOf({ uses }: Graph, fits: (use: Graph['uses'][number]) => boolean): string {
  return [...new Set(uses.filter(fits).map(({ service }) => service))].join(', ');
}
