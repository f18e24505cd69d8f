import type { Telemetry } from '../pipeline/aws-config.ts';
import { callTimeout, corsConfig, environmentTypes, serviceDiscovery } from '../pipeline/infra-parts.ts';
import type { Plan, PlannedProcess } from '../pipeline/mod.ts';
import type { InfraConfig, RedisServer, SqlServer } from '../runtime/wire.ts';
import type { CacheAccess } from './app/cache.ts';
import type { FoundationFacts } from './model.ts';
import { physicalName } from './names.ts';
import { keyPrefix } from './needs.ts';

/** Where the things of an environment are, as far as its processes are told. Values may be known to CloudFormation only. */
export interface Wiring {
  url: string;
  region: string;
  /** ARNs by topic. */
  topics: Record<string, string>;
  queues: { topic: string; subscription: string; service: string; url: string }[];
  /** URLs by process. */
  cronQueues: Record<string, string>;
  buckets: Record<string, { name: string; publicBaseUrl?: string }>;
  /** By process: where others call it. */
  hosts: Record<string, string>;
  servers: FoundationFacts['servers'];
  /** Of the servers' authority, in PEM. Absent without databases. */
  certificate?: string;
  telemetry?: Telemetry;
}

/** Variables that hold what signs in. */
export const variables = {
  internalKey: 'FAIRLEAD_INTERNAL_KEY',
  databasePassword: 'FAIRLEAD_DATABASE_PASSWORD',
} as const;

/** Seconds a process has to finish what it started: ECS waits this long, and a bit more. */
export function gracePeriod({ environment }: Plan): number {
  return environment.type === 'preview' ? 5 : 30;
}

/** What a process is told. Free of secrets, and of the release: a process whose code stayed is left alone. */
export function infraConfig(
  plan: Plan,
  process: PlannedProcess,
  wiring: Wiring,
  secrets: { secret: string; name: string }[],
  cache: CacheAccess | undefined,
): InfraConfig {
  const { settings } = plan.release.content.graph;
  const databases = usedBy(plan.databases, process);
  const cronQueue = wiring.cronQueues[process.name];
  return {
    ...shared(plan, wiring.url),
    graceful_shutdown: { total: gracePeriod(plan) },
    auth: [{ type: 'key', id: 1, key: { $env: variables.internalKey } }],
    ...(settings.logLevel && { log_config: settings.logLevel }),
    ...(settings.workerPooling && { worker_threads: 0 }),
    ...(process.gateway && settings.cors && { cors: corsConfig(settings.cors) }),
    service_discovery: serviceDiscovery(plan, process, (name) => wiring.hosts[name]!),
    ...(databases.length > 0 && {
      sql_servers: sqlServers(plan, databases, roleName(plan, process.name), wiring),
    }),
    ...(cache && { redis: redis(plan, process, cache) }),
    ...pubsub(plan, process, wiring),
    ...objectStorage(plan, process, wiring),
    ...(secrets.length > 0 && {
      secrets: Object.fromEntries(secrets.map(({ secret, name }) => [secret, { $env: name }])),
    }),
    fairlead: {
      version: 1,
      ...(cronQueue !== undefined && { cron: { type: 'aws_sqs' as const, url: cronQueue } }),
      ...(wiring.telemetry && { telemetry: wiring.telemetry }),
      ...callTimeout(plan.settings),
    },
  };
}

/** What the program is told that brings the databases up to the release, as their owner. */
export function migrateConfig(plan: Plan, wiring: Wiring): InfraConfig {
  return {
    ...shared(plan),
    sql_servers: sqlServers(plan, plan.databases, ownerName(plan), wiring),
    fairlead: { version: 1 },
  };
}

/** The role of a process on the database server. */
export function roleName({ environment: { application, name } }: Plan, process: string): string {
  return physicalName('postgresRole', application, name, 'process', process);
}

/** The role that owns the environment's databases. */
export function ownerName({ environment: { application, name } }: Plan): string {
  return physicalName('postgresRole', application, name, 'owner');
}

/** What a database is called on its server. */
export function databaseName({ environment: { application, name } }: Plan, database: string): string {
  return physicalName('postgresDatabase', application, name, database);
}

/** Where a database is: the key of its server. */
export function serverKey(
  { environment: { application, name } }: Plan,
  { servers }: Pick<Wiring, 'servers'>,
  database: string,
) {
  const own = `${application}/${name}/${database}`;
  const key = servers[own] ? own : 'shared';
  if (!servers[key]) throw new Error(`the Foundation has no server for the database ${database}`);
  return key;
}

/** How a server is reached. */
export function serverAddress(key: string, { servers, certificate }: Pick<Wiring, 'servers' | 'certificate'>) {
  const { host, port } = servers[key]!;
  return { host: `${host}:${port}`, tls_config: { ...(certificate !== undefined && { ca: certificate }) } };
}

/** The resources that one of the process's services uses. */
export function usedBy<T extends { services: string[] }>(resources: T[], process: PlannedProcess): T[] {
  return resources.filter(({ services }) => services.some((service) => process.services.includes(service)));
}

function shared({ environment }: Plan, url?: string): Pick<InfraConfig, 'metadata'> {
  return {
    metadata: {
      app_id: environment.application,
      env_name: environment.name,
      env_type: environmentTypes[environment.type],
      cloud: 'aws',
      ...(url !== undefined && { base_url: url }),
    },
  };
}

function sqlServers(plan: Plan, databases: Plan['databases'], username: string, wiring: Wiring): SqlServer[] {
  const byServer = Map.groupBy(databases, ({ name }) => serverKey(plan, wiring, name));
  return [...byServer].map(([key, own]) => ({
    ...serverAddress(key, wiring),
    databases: Object.fromEntries(
      own.map(({ name }) => [
        name,
        {
          name: databaseName(plan, name),
          username,
          password: { $env: variables.databasePassword },
          // One small server serves all previews.
          max_connections: plan.environment.type === 'preview' ? 5 : 20,
        },
      ]),
    ),
  }));
}

function redis(
  plan: Plan,
  process: PlannedProcess,
  { host, port, username, password }: CacheAccess,
): Record<string, RedisServer> {
  return Object.fromEntries(
    usedBy(plan.caches, process).map(({ name }) => [
      name,
      {
        host: `${host}:${port}`,
        database_index: 0,
        auth: { type: 'acl' as const, username, password: { $env: password.name } },
        key_prefix: keyPrefix(plan.environment, name),
        tls_config: {},
      },
    ]),
  );
}

/** The topics that the process publishes to, and those it consumes, with its own queues. */
function pubsub(plan: Plan, process: PlannedProcess, { topics, queues }: Wiring): Pick<InfraConfig, 'pubsub'> {
  const hosted = (service: string) => process.services.includes(service);
  const used = plan.topics.flatMap(({ name, publishers }) => {
    const own = queues.filter(({ topic, service }) => topic === name && hosted(service));
    return publishers.some(hosted) || own.length > 0 ? [{ name, own }] : [];
  });
  if (used.length === 0) return {};
  const entries = used.map(({ name, own }) => [
    name,
    {
      arn: topics[name]!,
      subscriptions: Object.fromEntries(own.map(({ subscription, url }) => [subscription, { url }])),
    },
  ]);
  return { pubsub: [{ type: 'aws_sns_sqs', topics: Object.fromEntries(entries) }] };
}

function objectStorage(
  plan: Plan,
  process: PlannedProcess,
  { buckets, region }: Wiring,
): Pick<InfraConfig, 'object_storage'> {
  const used = usedBy(plan.buckets, process);
  if (used.length === 0) return {};
  const entries = used.map(({ name }) => {
    const { name: physical, publicBaseUrl } = buckets[name]!;
    return [name, { name: physical, ...(publicBaseUrl !== undefined && { public_base_url: publicBaseUrl }) }];
  });
  return { object_storage: [{ type: 's3', region, buckets: Object.fromEntries(entries) }] };
}
