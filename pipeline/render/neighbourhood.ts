import type { Graph, JsonSchema, ResourceReference, Service, Use } from '../../analyzer/mod.ts';

/**
 * The part of a Graph that one service has to do with: the service itself, the resources it uses, who calls it and whom it
 * calls, and the other ends of its topics. Of other services only that is left which connects them with it.
 * @param name of a service of the Graph
 */
export function neighbourhoodOf(graph: Graph, name: string): Graph {
  const uses = graph.uses.filter((use) => concerns(use, name) || sharesTopic(use, graph, name));
  const topics = new Set([...publishedBy(graph, name), ...consumedBy(graph, name)]);
  const cronJobs = graph.cronJobs.filter((job) => job.endpoint.service === name || job.service === name);
  const near = new Set([
    name,
    ...uses.flatMap(({ service, resource }) =>
      resource.kind === 'endpoint' ? [service, resource.service] : [service],
    ),
    ...graph.services
      .filter(({ subscriptions }) => subscriptions.some(({ topic }) => topics.has(topic)))
      .map((service) => service.name),
    ...cronJobs.map(({ endpoint }) => endpoint.service),
  ]);
  const services = graph.services
    .filter((service) => near.has(service.name))
    .map((service) => (service.name === name ? service : connectionsOf(service, { uses, topics, cronJobs })));
  const used = (kind: ResourceReference['kind'], resource: string) =>
    uses.some((use) => use.resource.kind === kind && use.resource.name === resource);
  const { gateway, authHandler, ...rest } = graph;
  const part: Graph = {
    ...rest,
    ...(gateway?.service === name ? { gateway } : {}),
    ...(authHandler?.service === name ? { authHandler } : {}),
    services,
    databases: graph.databases.filter((one) => used('database', one.name)),
    topics: graph.topics.filter((topic) => topics.has(topic.name)),
    buckets: graph.buckets.filter((one) => used('bucket', one.name)),
    caches: graph.caches.filter((one) =>
      uses.some(({ resource }) => resource.kind === 'keyspace' && resource.cache === one.name),
    ),
    cronJobs,
    metrics: graph.metrics.filter((one) => used('metric', one.name)),
    secrets: graph.secrets.filter((one) => used('secret', one.name)),
    uses,
    schemas: {},
  };
  return { ...part, schemas: schemasOf(part, graph.schemas) };
}

function concerns({ service, resource }: Use, name: string): boolean {
  return service === name || (resource.kind === 'endpoint' && resource.service === name);
}

/** Publishes to a topic that the service subscribes to. */
function sharesTopic({ resource }: Use, graph: Graph, name: string): boolean {
  return resource.kind === 'topic' && consumedBy(graph, name).includes(resource.name);
}

function publishedBy({ uses }: Graph, name: string): string[] {
  return uses.flatMap(({ service, resource }) =>
    service === name && resource.kind === 'topic' ? [resource.name] : [],
  );
}

function consumedBy({ services }: Graph, name: string): string[] {
  return services.find((service) => service.name === name)?.subscriptions.map(({ topic }) => topic) ?? [];
}

interface Connections {
  uses: Use[];
  topics: Set<string>;
  cronJobs: Graph['cronJobs'];
}

function connectionsOf(service: Service, { uses, topics, cronJobs }: Connections): Service {
  const reached = new Set([
    ...uses.flatMap(({ resource }) =>
      resource.kind === 'endpoint' && resource.service === service.name ? [resource.name] : [],
    ),
    ...cronJobs.flatMap(({ endpoint }) => (endpoint.service === service.name ? [endpoint.endpoint] : [])),
  ]);
  return {
    ...service,
    endpoints: service.endpoints.filter(({ name }) => reached.has(name)),
    subscriptions: service.subscriptions.filter(({ topic }) => topics.has(topic)),
    middleware: [],
  };
}

/** The schemas that a part refers to, and those that they refer to. */
function schemasOf(part: Graph, all: Graph['schemas']): Graph['schemas'] {
  const needed = new Set<string>();
  const pending = referencesIn(part);
  for (const name of pending) {
    if (needed.has(name) || all[name] === undefined) continue;
    needed.add(name);
    pending.push(...referencesIn(all[name]));
  }
  const entries = Object.entries(all).filter(([name]) => needed.has(name));
  return Object.fromEntries(entries.map(([name, schema]): [string, JsonSchema] => [name, schema]));
}

function referencesIn(value: unknown): string[] {
  const prefix = '#/schemas/';
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' && child.startsWith(prefix)
      ? [child.slice(prefix.length)]
      : referencesIn(child),
  );
}
