import type {
  AwsConfig,
  AwsOverrides,
  CacheSize,
  Canary,
  DatabaseSize,
  Scaling,
  Telemetry,
} from '../pipeline/aws-config.ts';
import type { Digest, Environment, EnvironmentType, EvictionPolicy, Plan, Position } from '../pipeline/mod.ts';

/** Environments of one class share a Foundation. */
export type EnvironmentClass = Exclude<EnvironmentType, 'local'>;

/** Where in AWS: read once, at the edge. */
export interface Account {
  /** Twelve digits. */
  id: string;
  region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
}

/** {@link AwsConfig} and {@link AwsOverrides} of one environment with every default filled in. */
export interface AwsSettings {
  foundation: string;
  domain?: { name: string; hostedZone: string };
  databases: 'shared' | 'dedicated';
  database: DatabaseSize;
  cache: CacheSize;
  natGateways: 0 | 1 | 2;
  spot: boolean;
  scaling: Scaling;
  cpu: number;
  memory: number;
  processes: Record<string, { cpu: number; memory: number; scaling: Scaling }>;
  canary: Canary;
  logRetention: number;
  alarms: string[];
  /** Milliseconds. */
  expires?: number;
  sleep?: { at: string; wake: string };
  telemetry?: Telemetry;
}

/** What is written in `fairlead.json`, for the target to fill in. */
export interface AwsWritten {
  aws: AwsConfig;
  /** Of the environment's type, then of its name. */
  overrides: AwsOverrides;
}

/** A CloudFormation template as plain data. The same input gives the same template to the byte. */
export interface Template {
  Description?: string;
  Metadata?: Record<string, unknown>;
  Parameters?: Record<string, unknown>;
  Mappings?: Record<string, unknown>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Description?: string }>;
}

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: 'Delete' | 'Retain' | 'Snapshot' | 'RetainExceptOnCreate';
  UpdateReplacePolicy?: 'Delete' | 'Retain' | 'Snapshot';
}

/** A stack as it is to be. */
export interface Stack {
  name: string;
  template: Template;
  /** Of the stack; CloudFormation gives them to everything in it. Never the release, which would touch everything each time. */
  tags: Record<string, string>;
  /** What resources are to people, by logical id. */
  meanings: Record<string, Meaning>;
  /** Whether deleting the stack is refused until it is allowed. */
  protected: boolean;
}

/** What a resource of a template is in the words of the Graph. */
export interface Meaning {
  /** `queue of order-created → analytics`. */
  subject: string;
  /** The resource of the Graph whose data it holds, such as `orders`: what `--allow-data-loss` names. Absent: it holds none. */
  data?: string;
  /** The line that causes it. */
  position?: Position;
}

/** What one environment needs of what lies under it. */
export interface Needs {
  postgres: boolean;
  /** Databases that have a server of their own, sorted. */
  dedicated: string[];
  /** Absent without a cache. In previews all share one user, and have keys of their own. */
  cache?: {
    users: { process: string; patterns: string[] }[];
    /** What goes when memory is full; where environments differ, the one that keeps most. */
    evictionPolicy: EvictionPolicy;
  };
}

export interface FoundationInput {
  account: Account;
  class: EnvironmentClass;
  settings: AwsSettings;
  /**
   * By the keys of `needsKey`. The template carries them as metadata, so that the next environment's deployment adds its own and
   * takes nothing away from the others.
   */
  needs: Record<string, Needs>;
  /** `owner/name`. */
  repository?: string;
}

/** Where the things of a Foundation are: read from the outputs of its stack, which `cdk/foundation` names and reads. */
export interface FoundationFacts {
  vpcId: string;
  taskSubnets: string[];
  /** Whether tasks have public addresses, for want of a gateway. Nobody may connect to them. */
  publicIp: boolean;
  taskSecurityGroup: string;
  clusterName: string;
  clusterArn: string;
  /** The listener that environments add rules to: HTTPS with a domain, else one that only the link below reaches. */
  listenerArn: string;
  /** `app/name/id`, as CloudWatch names it. */
  loadBalancerName: string;
  /** Of API Gateway into the network; absent with a domain. */
  vpcLinkId?: string;
  /** Of Cloud Map, private: processes find each other by it. */
  namespaceId: string;
  namespaceName: string;
  /** PostgreSQL: `shared`, or by `<application>/<environment>/<database>` those that are dedicated. */
  servers: Record<
    string,
    { host: string; port: number /** `username` and `password` of who may create databases. */; secretArn: string }
  >;
  cache?: {
    host: string;
    port: number /** Of the user, by `<application>/<environment>/<process>`, or `shared`: `username` and `password`. */;
    secrets: Record<string, string>;
  };
  /** Of SNS: who hears of alarms. */
  alarmTopicArn?: string;
}

export interface AppInput {
  account: Account;
  plan: Plan;
  settings: AwsSettings;
  foundation: FoundationFacts;
  /** By process, and `migrate` where there are databases: with the digest, `HOST/NAME@sha256:…`. */
  images: Record<string, string>;
  /** The kit's own image that makes databases and roles, with its digest; absent without databases. */
  provisioner?: string;
  /** By name: the secrets that have a value in this environment. The version is part of the reference, so that a new value is a change. */
  secrets: Record<string, { arn: string; version: string }>;
  /** `owner/name`. */
  repository?: string;
  /** ISO 8601 in UTC. */
  expires?: string;
  /** ARN of the policy that no role of ours may exceed, where `fairlead bootstrap aws` made one. */
  boundary?: string;
  /** Of the first of two rules of the listener that nobody else has. @default by a hash, which others could have too */
  priority?: number;
}

/** The outputs of an environment's stack. */
export interface AppOutputs {
  Url: string;
  /** Leads to the new release alone while a canary is under way. Absent where none is made. */
  CanaryUrl?: string;
  Release: Digest;
  /** JSON: names of the services of ECS by process. */
  Services: string;
  /** Of the task that provisions and migrates, where that is one of its own. */
  MigrateTaskDefinition?: string;
  /** Of a task whose only container, `provision`, makes databases, and takes them away when it is told so. Absent without databases. */
  ProvisionTaskDefinition?: string;
  LogGroup: string;
  /** JSON: URLs of the queues that wake cron jobs, by process. */
  CronQueues: string;
}

export const tagNames = {
  application: 'fairlead:app',
  environment: 'fairlead:environment',
  type: 'fairlead:type',
  repository: 'fairlead:repository',
  expires: 'fairlead:expires',
  foundation: 'fairlead:foundation',
} as const;

export type { AwsConfig, AwsOverrides, Environment };
