import { UserError } from '../analyzer/diagnostic.ts';
import type { Graph, ResourceReference, Subscription } from '../analyzer/mod.ts';
import { compareGraphs } from './compare/graphs.ts';
import type { Environment } from './environment.ts';
import { type Applied, migrationsOf, unmigrated } from './migrations.ts';
import type { Permission, Plan, PlannedProcess, PlannedTopic, Settings } from './plan.ts';
import { imageKey, type Process, processesOf } from './processes.ts';
import type { Release } from './release.ts';

export interface PlanInput {
  release: Release;
  environment: Environment;
  settings: Settings;
  /** The release that is there; absent in an environment that is not. */
  deployed?: Release;
  /** The migrations the databases have seen; more than `deployed` has after a rollback. @default those of `deployed` */
  applied?: Applied;
  /** Whether secrets keep their names only. @default false */
  isolated?: boolean;
}

/**
 * What the environment will consist of, and how that differs from what is there. Pure, with every list in a fixed order.
 * @throws UserError FL3009 when the release was not built for the processes the settings ask for.
 */
export function makePlan({ release, environment, settings, deployed, applied, isolated = false }: PlanInput): Plan {
  const { graph } = release.content;
  const before = deployed?.content.graph;
  const processes = processesOf(graph, settings.processes);
  const permissions = permissionsOf(graph, processes);
  return {
    environment,
    release,
    settings,
    processes: processes.map((process) => withImage(process, release, settings)),
    databases: graph.databases.map(({ name }) => ({
      name,
      services: users(graph, (resource) => resource.kind === 'database' && resource.name === name),
      head: release.content.databases[name]?.head ?? unmigrated,
    })),
    topics: graph.topics.map(({ name }) => topicOf(graph, name)),
    buckets: graph.buckets.map(({ name, public: everybody, versioned }) => ({
      name,
      public: everybody,
      versioned,
      services: users(graph, (resource) => resource.kind === 'bucket' && resource.name === name),
    })),
    caches: graph.caches.map(({ name, evictionPolicy }) => ({
      name,
      evictionPolicy,
      services: users(graph, (resource) => resource.kind === 'keyspace' && resource.cache === name),
    })),
    cronJobs: graph.cronJobs.map(({ name, endpoint, when }) => ({ name, ...endpoint, when, enabled: settings.cron })),
    secrets: graph.secrets.map(({ name }) => ({ name, processes: readers(permissions, name) })),
    ...(isolated && { isolated }),
    permissions,
    changes: compareGraphs(graph, before, applied ?? (before ? migrationsOf(before) : new Map())),
  };
}

function withImage(process: Process, release: Release, { processes }: Settings): PlannedProcess {
  const image = release.content.images[imageKey(processes, process.name)];
  if (image) return { ...process, image };
  throw new UserError({
    code: 'FL3009',
    severity: 'error',
    message: `release ${release.digest} was not built to run ${processes}`,
    help: 'Build it again, or set `processes` of this environment in fairlead.json to what the release was built for.',
  });
}

function topicOf(graph: Graph, name: string): PlannedTopic {
  return {
    name,
    publishers: users(graph, (resource) => resource.kind === 'topic' && resource.name === name),
    subscriptions: subscriptionsOf(graph)
      .filter(({ subscription }) => subscription.topic === name)
      .map(({ service, subscription }) => ({ name: subscription.name, service })),
  };
}

/** The services that use a resource, sorted. */
function users(graph: Graph, isIt: (resource: ResourceReference) => boolean): string[] {
  const uses = graph.uses.filter(({ resource }) => isIt(resource));
  return [...new Set(uses.map(({ service }) => service))].sort();
}

function readers(permissions: Permission[], secret: string): string[] {
  const reads = permissions.filter(({ resource }) => resource.kind === 'secret' && resource.name === secret);
  return [...new Set(reads.map(({ process }) => process))].sort();
}

/** What the Graph's uses and subscriptions allow: by service, then in the Graph's order. */
function permissionsOf(graph: Graph, processes: Process[]): Permission[] {
  const uses = graph.uses.map(({ service, resource, operations, causes }) => ({
    service,
    resource,
    operations,
    positions: causes.map(({ position }) => position),
  }));
  const consumers = subscriptionsOf(graph).map(({ service, subscription: { topic, name, position } }) => ({
    service,
    resource: { kind: 'subscription' as const, topic, name },
    operations: ['consume' as const],
    positions: [position],
  }));
  const byService = Map.groupBy([...uses, ...consumers], ({ service }) => service);
  return [...byService.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([service, entries]) => entries.map((entry) => ({ ...entry, process: hostOf(processes, service) })));
}

function hostOf(processes: Process[], service: string): string {
  const host = processes.find(({ services }) => services.includes(service));
  if (!host) throw new Error(`no process hosts the service ${service}`);
  return host.name;
}

function subscriptionsOf(graph: Graph): { service: string; subscription: Subscription }[] {
  return graph.services.flatMap(({ name: service, subscriptions }) =>
    subscriptions.map((subscription) => ({ service, subscription })),
  );
}
