/** The part of `fairlead.json` under `aws`: where in AWS everything is. */
export interface AwsConfig {
  /** Such as `eu-central-1`. @default what the AWS tools are set to */
  region?: string;
  /** Twelve digits: credentials of another account are refused. @default any */
  account?: string;
  /** What lies under the environments of one type; applications that name the same share it. @default the application's name */
  foundation?: string;
  /**
   * Environments answer at `<environment>.<domain>`, production at the domain itself, all by HTTPS. @default at a URL of Amazon API
   * Gateway each, by HTTPS too, without WebSockets
   */
  domain?: string;
  /** The id of the zone of Route 53 that the domain is in. Needed with a domain. */
  hostedZone?: string;
}

/** What may be set of one environment, or of all of a type. */
export interface AwsOverrides {
  /** One database server for all databases, or one for each. @default shared */
  databases?: 'shared' | 'dedicated';
  database?: Partial<DatabaseSize>;
  cache?: Partial<CacheSize>;
  /** What each process gets, of 1024 CPU units and of MiB; Fargate's combinations only. @default 256 and 512 */
  cpu?: number;
  memory?: number;
  /** By process: what it gets instead. */
  processes?: Record<string, { cpu?: number; memory?: number; scaling?: Partial<Scaling> }>;
  scaling?: Partial<Scaling>;
  /** Gateways for what tasks send to the internet. 0: tasks have public addresses that nobody may connect to. @default 0; 2 in production */
  natGateways?: 0 | 1 | 2;
  /** Whether tasks run on spare capacity, which AWS may take back. @default true in previews */
  spot?: boolean;
  canary?: Partial<Canary>;
  /** Days that logs are kept. @default 7; 90 in production */
  logRetention?: number;
  /** Who hears of alarms: email addresses, and topics of SNS by their ARN. @default nobody */
  alarms?: string[];
  /** Milliseconds a preview is kept after its last deployment. @default 7 days; other environments stay */
  expires?: number;
  /** When previews sleep, in UTC: cron expressions of five fields. @default never */
  sleep?: { at: string; wake: string };
  /** Where traces and metrics go, by OTLP over HTTP. @default nowhere */
  telemetry?: Telemetry;
}

export interface Telemetry {
  /** The URL of a collector, without `/v1/traces`. */
  otlp: string;
  /** How many of the traces that begin in the application are kept: from 0 to 1. @default 1 */
  traces?: { ratio: number };
}

export interface DatabaseSize {
  /** @default db.t4g.micro; db.m5.large in production */
  instanceClass: string;
  /** A second server in another zone. @default false; true in production */
  multiAz: boolean;
  /** GiB. @default 20 */
  storage: number;
  /** GiB that it may grow to by itself. @default ten times `storage` */
  maxStorage: number;
  /** @default 1; 7 in production */
  backupDays: number;
  /** @default false in previews, else true */
  deletionProtection: boolean;
  /** Of PostgreSQL, the major one. @default that of the server that is there, else the newest that Amazon RDS has */
  version: string;
  /** The version that the server has, typed by whoever means that it goes to `version`. @default a server keeps its version */
  upgradeFrom?: string;
}

export interface CacheSize {
  /** @default cache.t4g.micro; cache.m6g.large in production */
  nodeType: string;
  /** Besides the primary one. @default 0; 1 in production */
  replicas: number;
}

export interface Scaling {
  /** @default 1; 2 in production */
  min: number;
  /** @default 1; 10 in production */
  max: number;
  /** Percent of CPU to keep to. @default 60 */
  cpu: number;
}

/** How production changes over. */
export interface Canary {
  /** Percent of the requests that the new release gets first; 0: all at once. @default 10 */
  percent: number;
  /** Minutes that it gets them. @default 1 */
  minutes: number;
}
