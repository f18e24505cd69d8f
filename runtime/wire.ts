/**
 * The wire format of the runtime's configuration: what a target writes and an application's process reads.
 * Types only. Encore's public self-host format comes first; what it lacks is under the one key `fairlead`.
 */

/** A literal, or the name of an environment variable that holds the value. */
export type EnvString = string | { $env: string };

/**
 * How processes of an application, and the target that runs them, tell each other who is asking: the header
 * `x-fairlead-signature` holds six words, `v2 <key id> <time> <origin> <body hash> <digest>`, with one blank between them.
 * Time: milliseconds since 1970; valid for one minute. Origin: `internal`, or `external` for a request from outside that a gateway
 * passes on. Body hash: SHA-256 of the body in lower-case hex (also of an empty one), or, with `external` only, `stream`.
 * Digest: HMAC-SHA256 in lower-case hex, with the key's UTF-8 bytes, over
 * `<time>\n<method>\n<path with query>\n<origin>\n<body hash>\n<call>`, where call is the text of the header `x-fairlead-call`, empty without one.
 */
export type Signature = `v2 ${number} ${number} ${'internal' | 'external'} ${string} ${string}`;

/** What a signed request says besides its parameters: JSON in base64url, in the header `x-fairlead-call`. */
export interface SignedCall {
  /** Who sent the request from outside that led to this one, as the auth handler said; absent for an anonymous one. */
  auth?: { userID: string; [field: string]: unknown };
  /** When the caller stops waiting: milliseconds since 1970. */
  deadline?: number;
}

/**
 * `infra.config.json`; its path is in the environment variable `ENCORE_INFRA_CONFIG_PATH`. Without that one the text itself may be in
 * `FAIRLEAD_INFRA_CONFIG`, for places that have no files to mount; else it is `/encore/infra.config.json`, if that is there.
 */
export interface InfraConfig {
  metadata?: {
    app_id?: string;
    env_name?: string;
    env_type?: 'development' | 'production' | 'ephemeral' | 'test';
    cloud?: 'aws' | 'gcp' | 'azure' | 'encore' | 'local';
    base_url?: string;
  };
  /** Seconds. */
  graceful_shutdown?: { total?: number; shutdown_hooks?: number; handlers?: number };
  /** Keys that sign calls between processes. */
  auth?: AuthKey[];
  service_discovery?: Record<string, { base_url: string; auth?: AuthKey[] }>;
  /** Where metrics go. */
  metrics?: MetricsBackend;
  sql_servers?: SqlServer[];
  /** By cache cluster. */
  redis?: Record<string, RedisServer>;
  pubsub?: PubsubBackend[];
  object_storage?: StorageBackend[];
  secrets?: Record<string, EnvString> | { $env: string };
  /** Absent: everything in the bundle. */
  hosted_services?: string[];
  hosted_gateways?: string[];
  cors?: Cors;
  log_config?: string;
  /**
   * Processes that share the work of this one, each with the whole application; they share no state. 0: one for each CPU that it may
   * use. @default 1, which is this one itself
   */
  worker_threads?: number;
  fairlead?: FairleadConfig;
}

export interface AuthKey {
  type: 'key';
  id: number;
  key: EnvString;
}

/** What metrics are pushed to, besides `fairlead.telemetry`. */
export type MetricsBackend = PrometheusMetrics | DatadogMetrics | CloudWatchMetrics | CloudMonitoringMetrics;

/** Whatever takes remote write 1.0. */
export interface PrometheusMetrics {
  type: 'prometheus';
  /** May have a user and a password in it. */
  remote_write_url: EnvString;
  /** Seconds between two pushes. @default 60 */
  collection_interval?: number;
}

export interface DatadogMetrics {
  type: 'datadog';
  /** `datadoghq.eu`, or the URL of a relay. */
  site: string;
  api_key: EnvString;
  /** Seconds between two pushes. @default 60 */
  collection_interval?: number;
}

/** Lines of the log in the embedded metric format. */
export interface CloudWatchMetrics {
  type: 'aws_cloudwatch';
  namespace: string;
  /** Seconds between two times. @default 60 */
  collection_interval?: number;
}

/** Series of Google Cloud Monitoring. */
export interface CloudMonitoringMetrics {
  type: 'gcp_cloud_monitoring';
  project_id: string;
  /** What the process is to Google, such as `generic_task` or `k8s_container`. */
  monitored_resource_type: string;
  /** Which one it is. `project_id` is that of the configuration unless it says otherwise. */
  monitored_resource_labels?: Record<string, EnvString>;
  /** By metric of the application, its name there. Without a domain it is below `custom.googleapis.com/`. @default its own name */
  metric_names?: Record<string, string>;
  /** @default the one of Google */
  endpoint?: string;
  /** Seconds between two pushes, 5 at least. @default 60 */
  collection_interval?: number;
}

export interface SqlServer {
  /** `host:port`. */
  host: string;
  tls_config?: {
    disabled?: boolean;
    ca?: string;
    disable_tls_hostname_verification?: boolean;
    disable_ca_validation?: boolean;
    client_cert?: ClientCertificate;
  };
  databases: Record<string, SqlDatabase>;
}

/** What a process shows to a server that asks who it is, as PEM. */
export interface ClientCertificate {
  cert: string;
  key: EnvString;
}

export interface SqlDatabase {
  /** The name on the server. @default the database's name in the application */
  name?: string;
  username: EnvString;
  password: EnvString;
  /** @default 100 */
  max_connections?: number;
  /** @default 0 */
  min_connections?: number;
  /** Of this database alone. @default that of `tls_config`. Counts only with TLS. */
  client_cert?: ClientCertificate;
}

export interface RedisServer {
  /** `host:port`. */
  host: string;
  /** From 0 to 15. */
  database_index: number;
  auth?: { type: 'acl'; username: EnvString; password: EnvString } | { type: 'auth_string'; auth_string: EnvString };
  /** Put before every key. */
  key_prefix?: string;
  /** Absent: no TLS. */
  tls_config?: SqlServer['tls_config'];
  /** Whether the cluster is in the process itself, for it alone, and the rest is not read but for the prefix. @default false */
  in_memory?: boolean;
}

/** What goes first when a cache has no room: nothing, or the keys that the policy of Redis names. */
export type CachePolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-ttl'
  | 'volatile-random';

/** What the cache server of an environment on one machine is told, which is a thread of `dist/storage/cache/server/worker.js`. */
export interface CacheServerRequest {
  /** On the loopback interface. */
  port: number;
  clusters: CacheServerCluster[];
}

/** The cluster of whoever logs in with its name as the user. One with other settings than before starts empty. */
export interface CacheServerCluster {
  name: string;
  password: string;
  eviction_policy: CachePolicy;
  /** Bytes. @default 256 MiB */
  max_memory?: number;
}

/** Where some of the topics are. A configuration may have several, also of one kind. */
export type PubsubBackend = AwsPubsub | GooglePubsub | NsqPubsub;

/** Topics on SNS, subscriptions as queues on SQS that get SNS's envelope (no raw delivery). */
export interface AwsPubsub {
  type: 'aws_sns_sqs';
  topics: Record<string, { arn: string; subscriptions: Record<string, { url: string }> }>;
}

/** Topics and subscriptions of Google Cloud Pub/Sub. */
export interface GooglePubsub {
  type: 'gcp_pubsub';
  /** Of the topics and subscriptions that say no other. */
  project_id?: string;
  topics: Record<string, GoogleTopic>;
}

export interface GoogleTopic {
  name: string;
  project_id?: string;
  subscriptions: Record<string, { name: string; project_id?: string; push_config?: GooglePush }>;
}

/**
 * Google sends the messages to `POST /__encore/pubsub/push/<id>` of the process, with a token that its service account signed for the
 * audience. Absent: the process pulls them.
 */
export interface GooglePush {
  id: string;
  /** The e-mail address of the account that signs. */
  service_account: string;
  jwt_audience: string;
}

/** Topics of NSQ; a subscription is a channel of its topic. */
export interface NsqPubsub {
  type: 'nsq';
  /** `host:port` of nsqd, several with commas between them. */
  hosts: string;
  topics: Record<string, { name: string; subscriptions: Record<string, { name: string }> }>;
}

/** Where some of the buckets are. */
export type StorageBackend = S3Storage | GoogleStorage;

/** Buckets of Google Cloud Storage. */
export interface GoogleStorage {
  type: 'gcs';
  /** @default the one of Google */
  endpoint?: string;
  buckets: Record<string, { name: string; key_prefix?: string; public_base_url?: string }>;
}

export interface S3Storage {
  type: 's3';
  region: string;
  /** @default the one of AWS */
  endpoint?: string;
  /** Absent: whatever the SDK finds, such as the task's role. */
  access_key_id?: EnvString;
  secret_access_key?: EnvString;
  buckets: Record<string, { name: string; key_prefix?: string; public_base_url?: string }>;
}

export interface Cors {
  debug?: boolean;
  allow_headers?: string[];
  expose_headers?: string[];
  allow_origins_without_credentials?: string[];
  allow_origins_with_credentials?: string[];
}

/** What Encore's format has no key for. */
export interface FairleadConfig {
  version: 1;
  /** Identifies the running release in logs and in `appMeta()`. */
  release?: string;
  /** The durable broker kept in PostgreSQL. */
  broker?: BrokerConfig;
  /** Buckets that are not of Encore's format. */
  object_storage?: DiskStorage[];
  /** Of a gateway: the buckets whose objects it hands out, and takes in, by URL. */
  object_urls?: ObjectUrls;
  /** Where the wakes of this process's cron jobs come in. */
  cron?: CronQueue | GoogleCron;
  /**
   * A directory with a file for each secret, by its name, where `secrets` names none; such as Kubernetes and Cloud Run mount. Line
   * breaks at the end of a file are no part of the secret.
   */
  secrets_directory?: string;
  /** How long a call waits for the answer of another process, in seconds. @default 300 */
  call_timeout?: number;
  /** By cache cluster, for those in memory: the bytes that keys and values take at most. @default 256 MiB */
  caches?: Record<string, { max_memory?: number }>;
  /** Where traces and metrics go, by OTLP over HTTP. */
  telemetry?: {
    /** The URL of a collector, without `/v1/metrics` and `/v1/traces`. */
    otlp: string;
    /** Seconds between two pushes of metrics. @default 60 */
    interval?: number;
    traces?: {
      /** Of the traces that begin in the application, those that are kept: from 0, for none, to 1. @default 1 */
      ratio?: number;
    };
  };
}

export type BucketOperation =
  | 'list'
  | 'attributes'
  | 'download'
  | 'upload'
  | 'remove'
  | 'sign-download'
  | 'sign-upload'
  | 'public-url';

/** Buckets in directories of one machine, for all processes there. */
export interface DiskStorage {
  type: 'disk';
  /** Where the gateway is: what URLs of objects begin with. */
  base_url: string;
  /** Signs URLs; absent for a process that signs none. */
  key?: EnvString;
  buckets: Record<string, DiskBucket>;
}

export interface DiskBucket {
  /** Absolute; made at the first upload. */
  directory: string;
  /** @default false */
  versioned?: boolean;
  /** @default false */
  public?: boolean;
  /** What the process may do. */
  operations: BucketOperation[];
}

/**
 * The gateway answers `GET`, `HEAD` and `PUT /__fairlead/objects/<bucket>/<name>` for these buckets.
 */
export interface ObjectUrls {
  /** Verifies signed URLs; absent when none is signed. */
  key?: EnvString;
  buckets: Record<string, ServedBucket>;
}

export interface ServedBucket {
  directory: string;
  /** @default false */
  versioned?: boolean;
  /** Everybody may read it. @default false */
  public?: boolean;
  /** Whether a process signs URLs for it. @default false */
  signed?: boolean;
}

/**
 * A queue on SQS whose messages are {@link CronWake}s. The process calls the job's endpoint as an internal call, and writes one line
 * to its log that ends the run: `{"event": "cron job ended", "cron_job": …, "run": …, "status": <HTTP status>}`.
 */
export interface CronQueue {
  type: 'aws_sqs';
  url: string;
}

/**
 * Cloud Scheduler sends `POST /__fairlead/cron/<job>` to the process, with a token that its service account signed for the audience.
 * The process runs the job, answers with the status that its endpoint would have answered with, and writes the line of
 * {@link CronQueue}; the run is the time in the header `x-cloudscheduler-scheduletime`.
 */
export interface GoogleCron {
  type: 'google_http';
  /** The e-mail address of the account that signs. */
  service_account: string;
  audience: string;
}

export interface CronWake {
  cron_job: string;
  /** Tells this run from every other; a schedule puts in the time that it is for. */
  run: string;
}

/**
 * What the `provision` program makes on a database server, from the environment variable `FAIRLEAD_PROVISION`. It is the kit's own, never
 * the application's: it holds the account that may create databases, which need not be a superuser. Safe to repeat, and by several at once.
 * Writes one line of JSON on the standard output, a {@link ProvisionEvent}; the exit code is 1 when it failed.
 */
export interface ProvisionRequest {
  version: 1;
  /**
   * `create` makes what is missing, and takes nothing away: run before migrations, it leaves the former release what it works with.
   * `settle` does that, and takes away whatever is not said, also the roles of processes that are no more: run when no former release
   * is left. `drop` takes away databases and roles, with whoever is still connected.
   */
  action: 'create' | 'settle' | 'drop';
  server: Pick<SqlServer, 'host' | 'tls_config'> & { username: EnvString; password: EnvString };
  /** Owns the databases and runs the migrations. */
  owner: { name: string; password: EnvString };
  /** One per process; may log in. */
  roles: { name: string; password: EnvString }[];
  databases: {
    /** As the application knows it. */
    name: string;
    /** On the server. */
    physical: string;
    /** Names of roles that may read and write. */
    users: string[];
    /** Whether migrations make its tables; else its users may create some. */
    migrated: boolean;
  }[];
}

export type ProvisionEvent =
  | { event: 'provisioned'; action: ProvisionRequest['action']; databases: string[]; milliseconds: number }
  | { event: 'failed'; message: string; database?: string; sqlstate?: string };

/**
 * Topics on PostgreSQL: each subscription is a queue, a table of `schema`. Publishing inserts one row into every queue of the
 * topic in one statement and notifies `channel`; a consumer claims rows with `FOR UPDATE SKIP LOCKED`.
 * The `migrate` entry, run with the owner's credentials, creates schema and tables where they are missing; the target then
 * grants a publisher INSERT on the tables of its topics, and a subscriber SELECT, UPDATE and DELETE on its own table.
 */
export interface BrokerConfig {
  host: string;
  database: string;
  schema: string;
  username: string;
  password: EnvString;
  topics: Record<string, { queues: QueueConfig[] }>;
}

export interface QueueConfig {
  subscription: string;
  /** The table that holds the queue. */
  table: string;
  /** The LISTEN/NOTIFY channel that wakes its consumers. */
  channel: string;
}

/**
 * What a bundle knows of itself, compiled in at build time by the generated entry: only what its process needs, so that a
 * change elsewhere leaves its bytes alone.
 */
export interface Manifest {
  version: 1;
  application: string;
  /** Hosted here, in full. */
  services: ManifestService[];
  /** Endpoints of other services that the services hosted here call. */
  remote: ManifestService[];
  /** For a process that hosts the gateway: every exposed endpoint of the application that it does not host. */
  routes: ManifestRoute[];
  gateways: string[];
  /** Where the gateway asks who sends a request; absent when requests are taken without asking, and where nobody asks. */
  authHandler?: ManifestAuthHandler;
  /** What the auth handler says of who sends a request: an object with a `userID`. Absent without one. */
  authData?: ManifestSchema;
  topics: ManifestTopic[];
  cronJobs: { name: string; service: string; endpoint: string }[];
  schemas: Record<string, ManifestSchema>;
}

export interface ManifestService {
  name: string;
  endpoints: ManifestEndpoint[];
  subscriptions: ManifestSubscription[];
}

/** It runs in the process of its service, which a gateway elsewhere asks. */
export interface ManifestAuthHandler {
  service: string;
  name: string;
  /** Headers, query parameters and cookies. */
  request: ManifestMessage;
}

export interface ManifestEndpoint {
  name: string;
  /** `assets` has no handler. */
  kind: 'typed' | 'raw' | 'stream' | 'assets';
  methods: string[];
  path: string;
  exposed: boolean;
  auth: boolean;
  bodyLimit: number | null;
  tags: string[];
  sensitive: boolean;
  /** Of a stream: its handshake. Absent for a handler without parameters. */
  request?: ManifestMessage;
  /** Of a stream: what the service answers at its end. */
  response?: ManifestMessage;
  /** The messages of a stream, in each direction that they flow in. */
  stream?: { in?: ManifestSchema; out?: ManifestSchema };
  assets?: ManifestAssets;
}

export interface ManifestAssets {
  /** In the image, relative to the program's directory. */
  directory: string;
  /** The file that answers for what is not there, relative to the program's directory too, and its status. */
  notFound?: { file: string; status: number };
  headers: Record<string, string[]>;
}

/** `assets.json` beside the program: the files that may be served, those of all its endpoints together. */
export interface AssetIndex {
  version: 1;
  /** By path, relative to the program's directory: what tells the content from every other, as an entity tag has it. */
  files: Record<string, string>;
}

export interface ManifestRoute {
  service: string;
  endpoint: string;
  kind: ManifestEndpoint['kind'];
  auth: boolean;
  methods: string[];
  path: string;
  /** Whether its path and its errors are for nobody to read. @default false */
  sensitive?: boolean;
  /** Headers that its request and response declare, in lower case: what pages may send and read (CORS). */
  requestHeaders?: string[];
  responseHeaders?: string[];
}

/** As in the Graph: an object schema, and where each field travels per group of methods. */
export interface ManifestMessage {
  schema: ManifestSchema;
  encodings: {
    methods: string[];
    fields: { name: string; in: 'path' | 'query' | 'header' | 'cookie' | 'body' | 'status'; wire: string }[];
  }[];
}

export interface ManifestSchema {
  [keyword: string]: unknown;
}

export interface ManifestSubscription {
  name: string;
  topic: string;
  ackDeadline: number;
  messageRetention: number;
  maxConcurrency?: number;
  retry: { minBackoff: number; maxBackoff: number; maxRetries: number };
}

export interface ManifestTopic {
  name: string;
  deliveryGuarantee: 'at-least-once' | 'exactly-once';
  orderingAttribute?: string;
  /** Fields that also travel beside the body, where the backend has a place for them. @default none */
  attributes?: string[];
  message: ManifestSchema;
}

/**
 * The file that `FAIRLEAD_ATTACHED` names, for a process that the application did not start: a test, or a program that imports a part of
 * it. What is imported there works as in a process of its own, without a server.
 */
export interface Attachment {
  version: 1;
  /** The application's directory, absolute. */
  root: string;
  /** Of all services in one process. */
  manifest: Manifest;
  /**
   * Whether it is a test: then a subscription receives messages as soon as it is declared, from queues that this process alone
   * publishes to. @default false: it publishes to the queues of the environment
   */
  test?: boolean;
}

/** One line of JSON per event on the standard output of the `migrate` entry of a bundle. */
export type MigrateEvent =
  | { event: 'applied'; database: string; version: number; name: string; milliseconds: number }
  | { event: 'current'; database: string; version: number }
  | {
      event: 'failed';
      database: string;
      /** As given in `migrations.json`, relative to the application's root. */
      file?: string;
      line?: number;
      column?: number;
      message: string;
      sqlstate?: string;
      /** The list of migrations and what has been applied do not fit: nothing was done. */
      conflict?: 'rewritten' | 'too new';
    };

/** `migrations.json` beside the `migrate` entry: per database its forward migrations in order, `sql` relative to that file. */
export interface Migrations {
  databases: Record<string, MigrationEntry[]>;
}

export interface MigrationEntry {
  version: number;
  name: string;
  /** As the user knows it, relative to the application's root. */
  file: string;
  sql: string;
  /** Tells this text from every other: an applied migration is not to change. */
  hash: string;
  /** Why code written for the schema before it cannot live with it; absent when it can. */
  breaks?: string;
}
