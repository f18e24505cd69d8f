import type { EvictionPolicy, Operation, Position, ResourceReference } from '../analyzer/mod.ts';
import type { Environment } from './environment.ts';
import type { Digest, Release } from './release.ts';

/** Everything an environment will consist of, and how that differs from what is there. Physical names are the target's. */
export interface Plan {
  environment: Environment;
  release: Release;
  settings: Settings;
  processes: PlannedProcess[];
  databases: PlannedDatabase[];
  topics: PlannedTopic[];
  buckets: PlannedBucket[];
  caches: PlannedCache[];
  cronJobs: PlannedCronJob[];
  /** Secret names, each with the processes that read it. */
  secrets: { name: string; processes: string[] }[];
  /** No process gets the value of any secret, and it does not matter whether there are values. @default false */
  isolated?: boolean;
  permissions: Permission[];
  changes: Change[];
}

export type Allocation = 'all-in-one' | 'per-service';

/** The environment's configuration with every default filled in. */
export interface Settings {
  processes: Allocation;
  /** Whether the scheduler runs cron jobs; a manual trigger always works. @default false in previews, true elsewhere */
  cron: boolean;
  /** The port of the front door on this machine; absent: any free one, kept for the environment's life. */
  port?: number;
  /** Milliseconds a new process has to answer. @default 30000 */
  healthTimeout: number;
  /** Milliseconds a call waits for the answer of another process. @default 5 minutes */
  callTimeout?: number;
}

export interface PlannedProcess {
  /** `app` when all services are in one; else the service's name, or `gateway`. */
  name: string;
  image: Digest;
  services: string[];
  /** Whether it hosts the gateway. */
  gateway: boolean;
}

export interface PlannedDatabase {
  name: string;
  /** The services that use it, each of which gets a role of its own. */
  services: string[];
  head: number;
}

export interface PlannedTopic {
  name: string;
  publishers: string[];
  subscriptions: { name: string; service: string }[];
}

export interface PlannedBucket {
  name: string;
  public: boolean;
  versioned: boolean;
  /** The services that use it. */
  services: string[];
}

export interface PlannedCache {
  name: string;
  evictionPolicy: EvictionPolicy;
  /** The services that use one of its keyspaces. */
  services: string[];
}

export interface PlannedCronJob {
  name: string;
  service: string;
  endpoint: string;
  when: { every: number } | { schedule: string };
  enabled: boolean;
}

/** What one service may do to one resource, and where the code says so. */
export interface Permission {
  service: string;
  process: string;
  resource: ResourceReference | SubscriptionReference;
  /** Sorted; `consume` is what a subscription implies. */
  operations: (Operation | 'consume')[];
  positions: Position[];
}

export interface SubscriptionReference {
  kind: 'subscription';
  topic: string;
  name: string;
}

/** One difference between what is there and what will be, in the words of the Graph. */
export interface Change {
  action: 'add' | 'change' | 'remove';
  kind:
    | 'setting'
    | 'gateway'
    | 'auth handler'
    | 'service'
    | 'middleware'
    | 'endpoint'
    | 'database'
    | 'migration'
    | 'topic'
    | 'subscription'
    | 'bucket'
    | 'cache'
    | 'keyspace'
    | 'cron job'
    | 'metric'
    | 'secret'
    | 'permission';
  /** What it is about: `orders`, `orders.create`, `order-created → analytics`. */
  subject: string;
  /** One sentence without a full stop: `topic order-created gains the subscriber analytics`. */
  sentence: string;
  /** The line that causes it; absent when it is a removal. */
  position?: Position;
  /** Set when data is lost or old code cannot live with it. */
  danger?: string;
}
