import { join } from 'node:path';
import { callTimeout, corsConfig, environmentTypes, serviceDiscovery } from '../pipeline/infra-parts.ts';
import type { Digest, Environment, Graph, Plan, PlannedProcess } from '../pipeline/mod.ts';
import type {
  BrokerConfig,
  BucketOperation,
  CacheServerRequest,
  Cors,
  FairleadConfig,
  InfraConfig,
  RedisServer,
  SqlServer,
} from '../runtime/wire.ts';
import { migrateImageOf } from './images.ts';
import type { Keys } from './keys.ts';
import { fileName, frontUrl, physicalName } from './names.ts';
import { internalKeyId } from './signature.ts';

/** The database on the server that holds the queues of all environments, a schema for each. */
export const brokerDatabase = 'fairlead';

/** Seconds a process has to finish what it started. */
const gracefulShutdown = 10;

/** Ports on the loopback interface, and places on the disk, fixed for the life of the environment. */
export interface Addresses {
  /** The environment's own URL. */
  front: number;
  /** By process: where the other processes call it. */
  doors: Record<string, number>;
  /** Absent while nothing needs PostgreSQL. */
  postgres?: number;
  /** Where the caches are; absent: in each process itself, for it alone. */
  cache?: number;
  /** The directory that has one for each bucket. */
  buckets: string;
  /** The URL of a collector that takes traces and metrics by OTLP over HTTP. @default nobody takes them */
  collector?: string;
}

/** Everything physical about an environment: a plan with names, addresses and credentials. Holds secrets; never written down. */
export interface Layout {
  environment: Environment;
  release: Digest;
  url: string;
  front: number;
  healthTimeout: number;
  processes: ProcessLayout[];
  cronJobs: { name: string; process: string; when: { every: number } | { schedule: string }; enabled: boolean }[];
  /** Absent without caches, and while each process has its own. */
  caches?: CacheServerRequest;
  /** Signs calls between the environment's processes, and those of its scheduler. */
  internalKey: string;
  database?: DatabaseLayout;
  migrate?: { image: Digest; config: InfraConfig; env: Record<string, string> };
}

export interface ProcessLayout {
  name: string;
  image: Digest;
  gateway: boolean;
  /** Where other processes reach it; absent when none does. */
  door?: number;
  /** Free of secrets: they are in `env`. */
  config: InfraConfig;
  env: Record<string, string>;
  /** Differs when the image or anything of the configuration but the release's name does. */
  fingerprint: string;
}

export interface DatabaseLayout {
  owner: Role;
  /** One per process. */
  roles: (Role & { process: string })[];
  databases: { name: string; physical: string; users: string[]; migrated: boolean }[];
  /** Absent without topics. */
  broker?: { schema: string; queues: { table: string; publishers: string[]; subscriber: string }[] };
}

export interface Role {
  name: string;
  password: string;
}

/** The secrets whose values a process gets. One that gets none is told that it is not set when it reads it. */
function readBy({ secrets, isolated }: Plan, { name }: PlannedProcess): string[] {
  return isolated ? [] : secrets.filter(({ processes }) => processes.includes(name)).map((secret) => secret.name);
}

/** Whether the plan needs a PostgreSQL server. */
export function needsPostgres(plan: Plan): boolean {
  return plan.databases.length > 0 || plan.topics.length > 0;
}

/** A developer's pages come from whatever port their own server has: here each of them is let in, with credentials. */
function corsOf({ type }: Environment, { cors }: Graph['settings']): Cors | undefined {
  if (type !== 'local') return cors && corsConfig(cors);
  return {
    ...corsConfig(cors ?? {}),
    allow_origins_without_credentials: ['*'],
    allow_origins_with_credentials: ['*'],
  };
}

/** Makes the plan physical. `secrets` are the values of every secret of the plan, or none when it is isolated. */
export function layOut(plan: Plan, addresses: Addresses, keys: Keys, secrets: Record<string, string>): Layout {
  const { environment, release } = plan;
  const { settings } = release.content.graph;
  const internalKey = keys('internal', environment.application, environment.name);
  const database = needsPostgres(plan) ? databaseLayout(plan, keys) : undefined;
  const migrateImage = migrateImageOf(plan);
  const url = frontUrl(addresses.front);
  const shared: InfraConfig = {
    metadata: {
      app_id: environment.application,
      env_name: environment.name,
      env_type: environmentTypes[environment.type],
      cloud: 'local',
      base_url: url,
    },
    graceful_shutdown: { total: gracefulShutdown },
    auth: [{ type: 'key', id: internalKeyId, key: { $env: 'FAIRLEAD_INTERNAL_KEY' } }],
    ...(settings.logLevel && { log_config: settings.logLevel }),
    // Enough to show that they share no state, and to leave something of the machine to others.
    ...(settings.workerPooling && { worker_threads: 2 }),
  };

  const cors = corsOf(environment, settings);

  const processes = plan.processes.map((process): ProcessLayout => {
    const role = database?.roles.find((one) => one.process === process.name);
    const names = readBy(plan, process);
    const config: InfraConfig = {
      ...shared,
      ...(process.gateway && cors && { cors }),
      service_discovery: serviceDiscovery(plan, process, (name) => `http://127.0.0.1:${addresses.doors[name]}`),
      ...(role && databaseConfig(plan, process, role.name, addresses)),
      ...cachesConfig(plan, process, addresses),
      ...(names.length > 0 && {
        secrets: Object.fromEntries(names.map((name) => [name, { $env: secretVariable(name) }])),
      }),
    };
    const objects = objectsConfig(plan, process, addresses);
    const env = {
      // As in an image. Without it Express and others tell whoever asks what only a developer is to read.
      ...(environment.type !== 'local' && { NODE_ENV: 'production' }),
      FAIRLEAD_INTERNAL_KEY: internalKey,
      ...(needsObjectKey(objects) && { [objectKey.$env]: keys('objects', environment.application, environment.name) }),
      ...(role && { FAIRLEAD_DATABASE_PASSWORD: role.password }),
      ...cachePasswords(plan, process, addresses, keys),
      ...Object.fromEntries(names.map((name) => [secretVariable(name), secrets[name] ?? ''])),
    };
    const broker = role && brokerConfig(plan, process, role.name, addresses);
    const { collector: otlp } = addresses;
    const telemetry = otlp !== undefined && { telemetry: { otlp } };
    const calls = callTimeout(plan.settings);
    const extension = { version: 1 as const, ...(broker && { broker }), ...objects, ...telemetry, ...calls };
    const door = addresses.doors[process.name];
    return {
      name: process.name,
      image: process.image,
      gateway: process.gateway,
      ...(door !== undefined && { door }),
      config: { ...config, fairlead: { ...extension, release: release.digest } },
      env,
      fingerprint: keys(
        'fingerprint',
        process.image,
        JSON.stringify({ ...config, fairlead: extension }),
        JSON.stringify(env),
      ),
    };
  });

  return {
    environment,
    release: release.digest,
    url,
    front: addresses.front,
    healthTimeout: plan.settings.healthTimeout,
    processes,
    cronJobs: plan.cronJobs.map(({ name, service, when, enabled }) => ({
      name,
      process: hostOf(plan, service),
      when,
      enabled: enabled && plan.settings.cron,
    })),
    ...(addresses.cache !== undefined &&
      plan.caches.length > 0 && { caches: cacheServer(plan, addresses.cache, keys) }),
    internalKey,
    ...(database && { database }),
    ...(database && migrateImage && { migrate: migrateLayout(plan, migrateImage, database, shared, addresses) }),
  };
}

/** The processes that others call: each gets an address of its own that stays when the process is replaced. */
export function doorsOf(plan: Plan): string[] {
  return plan.processes.length > 1 ? plan.processes.filter(({ gateway }) => !gateway).map(({ name }) => name) : [];
}

function secretVariable(name: string): string {
  return `FAIRLEAD_SECRET_${name}`;
}

function hostOf(plan: Plan, service: string): string {
  const host = plan.processes.find(({ services }) => services.includes(service));
  if (!host) throw new Error(`no process hosts the service ${service}`);
  return host.name;
}

function databaseLayout(plan: Plan, keys: Keys): DatabaseLayout {
  const { application, name: environment } = plan.environment;
  const role = (name: string): Role => ({ name, password: keys('password', name) });
  const roleOf = (service: string) => physicalName('role', application, environment, hostOf(plan, service));
  const queues = plan.topics.flatMap((topic) =>
    topic.subscriptions.map((subscription) => ({
      table: physicalName('queue', topic.name, subscription.name),
      publishers: unique(topic.publishers.map(roleOf)),
      subscriber: roleOf(subscription.service),
    })),
  );
  return {
    owner: role(physicalName('owner', application, environment)),
    roles: plan.processes.map(({ name }) => ({
      process: name,
      ...role(physicalName('role', application, environment, name)),
    })),
    databases: plan.databases.map(({ name, services }) => ({
      name,
      physical: physicalName('database', application, environment, name),
      users: unique(services.map(roleOf)),
      migrated: plan.release.content.graph.databases.some((one) => one.name === name && one.migrations !== undefined),
    })),
    ...(plan.topics.length > 0 && { broker: { schema: physicalName('schema', application, environment), queues } }),
  };
}

/** The databases that the process's services use. */
function databaseConfig(plan: Plan, process: PlannedProcess, username: string, addresses: Addresses) {
  const used = plan.databases.filter(({ services }) => services.some((service) => process.services.includes(service)));
  return used.length > 0 ? { sql_servers: [sqlServer(plan, used, username, addresses)] } : {};
}

function sqlServer(plan: Plan, used: Plan['databases'], username: string, { postgres }: Addresses): SqlServer {
  const { application, name: environment } = plan.environment;
  return {
    host: `127.0.0.1:${postgres}`,
    tls_config: { disabled: true },
    databases: Object.fromEntries(
      used.map(({ name }) => [
        name,
        {
          name: physicalName('database', application, environment, name),
          username,
          password: { $env: 'FAIRLEAD_DATABASE_PASSWORD' },
          // One server serves every environment of the machine.
          max_connections: 10,
        },
      ]),
    ),
  };
}

/** The caches that the process's services use: of each it knows the password, and of no other. */
function cachesOf(plan: Plan, process: PlannedProcess): { name: string; variable: string }[] {
  return plan.caches
    .filter(({ services }) => services.some((service) => process.services.includes(service)))
    .map(({ name }, index) => ({ name, variable: `FAIRLEAD_CACHE_PASSWORD_${index + 1}` }));
}

function cachesConfig(plan: Plan, process: PlannedProcess, { cache }: Addresses): Pick<InfraConfig, 'redis'> {
  const used = cachesOf(plan, process).map(({ name, variable }): [string, RedisServer] => [
    name,
    cache === undefined
      ? { host: '127.0.0.1', database_index: 0, in_memory: true }
      : {
          host: `127.0.0.1:${cache}`,
          database_index: 0,
          auth: { type: 'acl', username: name, password: { $env: variable } },
          in_memory: false,
        },
  ]);
  return used.length > 0 ? { redis: Object.fromEntries(used) } : {};
}

function cachePasswords(plan: Plan, process: PlannedProcess, { cache }: Addresses, keys: Keys): Record<string, string> {
  if (cache === undefined) return {};
  return Object.fromEntries(
    cachesOf(plan, process).map(({ name, variable }) => [variable, cachePassword(plan.environment, name, keys)]),
  );
}

function cachePassword({ application, name }: Environment, cluster: string, keys: Keys): string {
  return keys('cache', application, name, cluster);
}

function cacheServer({ environment, caches }: Plan, port: number, keys: Keys): CacheServerRequest {
  return {
    port,
    clusters: caches.map(({ name, evictionPolicy }) => ({
      name,
      password: cachePassword(environment, name, keys),
      eviction_policy: evictionPolicy,
    })),
  };
}

/** The topics that the process publishes to, with all their queues, and those it consumes, with its own. */
function brokerConfig(
  plan: Plan,
  process: PlannedProcess,
  username: string,
  addresses: Addresses,
): BrokerConfig | undefined {
  const hosted = (service: string) => process.services.includes(service);
  const topics = plan.topics.flatMap((topic) => {
    const publishes = topic.publishers.some(hosted);
    const subscriptions = topic.subscriptions.filter(({ service }) => publishes || hosted(service));
    return publishes || subscriptions.length > 0 ? [{ ...topic, subscriptions }] : [];
  });
  return topics.length > 0 ? broker(plan, topics, username, addresses) : undefined;
}

function broker(plan: Plan, topics: Plan['topics'], username: string, { postgres }: Addresses): BrokerConfig {
  const { application, name: environment } = plan.environment;
  return {
    host: `127.0.0.1:${postgres}`,
    database: brokerDatabase,
    schema: physicalName('schema', application, environment),
    username,
    password: { $env: 'FAIRLEAD_DATABASE_PASSWORD' },
    topics: Object.fromEntries(
      topics.map(({ name: topic, subscriptions }) => [
        topic,
        {
          queues: subscriptions.map(({ name: subscription }) => ({
            subscription,
            table: physicalName('queue', topic, subscription),
            channel: physicalName('queue', application, environment, topic, subscription),
          })),
        },
      ]),
    ),
  };
}

/** Signs and verifies URLs of objects. */
const objectKey = { $env: 'FAIRLEAD_OBJECTS_KEY' };

type ObjectsConfig = Pick<FairleadConfig, 'object_storage' | 'object_urls'>;

/** The buckets that the process uses, with what it may do there; and for the gateway, those that are reached by URL. */
function objectsConfig(plan: Plan, process: PlannedProcess, { front, buckets }: Addresses): ObjectsConfig {
  const placed = plan.buckets.map(({ name, public: everybody, versioned }) => ({
    name,
    place: { directory: join(buckets, fileName(name)), versioned, public: everybody },
    used: permissionsFor(plan, name),
  }));
  const own = placed.flatMap(({ name, place, used }) => {
    const operations = unique(used.filter((one) => one.process === process.name).flatMap((one) => one.operations));
    return operations.length > 0 ? [[name, { ...place, operations: operations as BucketOperation[] }] as const] : [];
  });
  const reached = placed.flatMap(({ name, place, used }) => {
    const signed = used.some(({ operations }) => operations.some(isSigning));
    return signed || place.public ? [[name, { ...place, signed }] as const] : [];
  });
  const signs = own.some(([, { operations }]) => operations.some(isSigning));
  return {
    ...(own.length > 0 && {
      object_storage: [
        {
          type: 'disk',
          base_url: frontUrl(front),
          ...(signs && { key: objectKey }),
          buckets: Object.fromEntries(own),
        },
      ],
    }),
    ...(process.gateway &&
      reached.length > 0 && {
        object_urls: {
          ...(reached.some(([, { signed }]) => signed) && { key: objectKey }),
          buckets: Object.fromEntries(reached),
        },
      }),
  };
}

function permissionsFor({ permissions }: Plan, bucket: string): Plan['permissions'] {
  return permissions.filter(({ resource }) => resource.kind === 'bucket' && resource.name === bucket);
}

function isSigning(operation: string): boolean {
  return operation === 'sign-upload' || operation === 'sign-download';
}

function needsObjectKey({ object_storage = [], object_urls }: ObjectsConfig): boolean {
  return [...object_storage, ...(object_urls ? [object_urls] : [])].some(({ key }) => key !== undefined);
}

/** The owner brings databases and queues up to the release. */
function migrateLayout(
  plan: Plan,
  image: Digest,
  { owner }: DatabaseLayout,
  shared: InfraConfig,
  addresses: Addresses,
) {
  return {
    image,
    config: {
      metadata: shared.metadata!,
      sql_servers: [sqlServer(plan, plan.databases, owner.name, addresses)],
      fairlead: {
        version: 1 as const,
        ...(plan.topics.length > 0 && { broker: broker(plan, plan.topics, owner.name, addresses) }),
      },
    },
    env: { FAIRLEAD_DATABASE_PASSWORD: owner.password },
  };
}

function unique(names: string[]): string[] {
  return [...new Set(names)].sort();
}
