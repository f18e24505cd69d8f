import type { Position } from '../../analyzer/diagnostic.ts';
import type {
  AuthHandler,
  Bucket,
  Cache,
  Endpoint,
  Gateway,
  Graph,
  Keyspace,
  Metric,
  MigrationFile,
  Operation,
  ResourceReference,
  Service,
  Subscription,
  Topic,
  Use,
} from '../../analyzer/graph.ts';

// Parts of Graphs as the analyzer defaults them; what a test is about is given.

export const position: Position = { file: 'test.ts', line: 1, column: 1 };

export function graph(parts: Partial<Graph> = {}): Graph {
  return {
    version: 2,
    application: 'test',
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
    ...parts,
  };
}

export function service(name: string, parts: Partial<Service> = {}): Service {
  return {
    name,
    directory: name,
    declaration: 'explicit',
    endpoints: [],
    subscriptions: [],
    middleware: [],
    position,
    ...parts,
  };
}

export function endpoint(name: string, parts: Partial<Endpoint> = {}): Endpoint {
  return {
    name,
    module: 'test.ts',
    kind: 'typed',
    methods: ['POST'],
    path: `/${name}`,
    exposed: false,
    auth: false,
    bodyLimit: 2_097_152,
    tags: [],
    sensitive: false,
    position,
    ...parts,
  };
}

export function subscription(name: string, topic: string, parts: Partial<Subscription> = {}): Subscription {
  return {
    name,
    topic,
    module: 'test.ts',
    ackDeadline: 30_000,
    messageRetention: 604_800_000,
    retry: { minBackoff: 10_000, maxBackoff: 600_000, maxRetries: 100 },
    position,
    ...parts,
  };
}

export function topic(name: string, parts: Partial<Topic> = {}): Topic {
  return {
    name,
    deliveryGuarantee: 'at-least-once',
    attributes: [],
    message: { type: 'object' },
    position,
    ...parts,
  };
}

/** A database with the default layout of migrations. */
export function database(name: string, directory: string, files: MigrationFile[], at = position) {
  return { name, migrations: { directory, layout: 'default' as const, files }, position: at };
}

export function gateway(parts: Partial<Gateway> = {}): Gateway {
  return { name: 'gateway', authenticates: false, module: 'test.ts', service: 'auth', position, ...parts };
}

export function authHandler(parts: Partial<AuthHandler> = {}): AuthHandler {
  const request = { schema: { type: 'object' }, encodings: [] };
  return { name: 'auth', module: 'test.ts', service: 'auth', request, data: { type: 'object' }, position, ...parts };
}

export function bucket(name: string, parts: Partial<Bucket> = {}): Bucket {
  return { name, public: false, versioned: false, position, ...parts };
}

export function cache(name: string, keyspaces: Keyspace[] = [], parts: Partial<Cache> = {}): Cache {
  return { name, evictionPolicy: 'allkeys-lru', keyspaces, position, ...parts };
}

export function keyspace(pattern: string, parts: Partial<Keyspace> = {}): Keyspace {
  return { type: 'string', pattern, key: { type: 'string' }, value: { type: 'string' }, position, ...parts };
}

export function metric(name: string, parts: Partial<Metric> = {}): Metric {
  return { name, type: 'counter', labels: [], position, ...parts };
}

/** A service's use of a resource; one place causes all of its operations. */
export function use(service: string, resource: ResourceReference, operations: Operation[], at = position): Use {
  return { service, resource, operations, causes: operations.map((operation) => ({ operation, position: at })) };
}
