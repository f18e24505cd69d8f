import type { Position } from './diagnostic.ts';

// `graph.schema.json` beside this file is made from it by `npm run docs`: comments become descriptions there, and the tags
// (`@minimum`, `@pattern` …) are the rules that TypeScript cannot say.

/** @minLength 1 */
type Name = string;

/**
 * Relative to the application's root, with `/`; `.` is the root itself.
 * @minLength 1
 */
type Path = string;

/** @asType integer @minimum 0 */
type Count = number;

/** @minimum 0 */
type Milliseconds = number;

/**
 * The infrastructure graph of an application: what the analyzer extracts and everything downstream reads.
 *
 * Pure JSON and deterministic: the same sources give the same bytes. Every list is sorted by its key (names, then
 * positions) unless the order means something.
 */
export interface Graph {
  /** Rises when a reader of the former version would misread the new one. */
  version: 2;
  /** The application's name: `id` of `encore.app`, else `name` of `fairlead.json`, else the package's name without scope, else the directory's. */
  application: Name;
  /** What `encore.app` says about the whole application. */
  settings: AppSettings;
  /** Absent when the application declares none: exposed endpoints are reachable all the same, without authentication. */
  gateway?: Gateway;
  authHandler?: AuthHandler;
  services: Service[];
  databases: Database[];
  topics: Topic[];
  buckets: Bucket[];
  caches: Cache[];
  cronJobs: CronJob[];
  metrics: Metric[];
  secrets: Secret[];
  /** Who uses what, and how: the source of every permission. */
  uses: Use[];
  /** Named schemas that others refer to by `{ "$ref": "#/schemas/<key>" }`. */
  schemas: Record<string, JsonSchema>;
}

/** Of `encore.app`; what is left out there is left out here. */
export interface AppSettings {
  cors?: {
    debug?: boolean;
    allowHeaders?: string[];
    exposeHeaders?: string[];
    allowOriginsWithoutCredentials?: string[];
    allowOriginsWithCredentials?: string[];
  };
  /** Spread requests over one worker thread per CPU. */
  workerPooling?: boolean;
  /** Shell commands around the bundling, run in the application's directory. */
  hooks?: { prebuild?: Hook; postbuild?: Hook };
  docker?: { baseImage?: string; bundleSource?: boolean; workingDirectory?: string; processPerService?: boolean };
  logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error';
}

export interface Hook {
  command: string;
  env: Record<string, string>;
}

export interface Gateway {
  name: Name;
  /** Whether requests go through the application's auth handler. */
  authenticates: boolean;
  /** The module that declares it, and the service that the module belongs to. */
  module: Path;
  service: Name;
  position: Position;
}

/** Turns what a request carries into who sent it. */
export interface AuthHandler {
  name: Name;
  /** The module that exports or holds it; importing it registers the handler. */
  module: Path;
  service: Name;
  /** All of its fields are headers, query parameters or cookies. */
  request: Message;
  /** What `getAuthData()` gives: an object with a `userID`. */
  data: JsonSchema;
  doc?: string;
  position: Position;
}

export interface Service {
  name: Name;
  directory: Path;
  /** `explicit`: an `encore.service.ts` names it. `implicit`: a directory that holds endpoints or subscriptions. */
  declaration: 'explicit' | 'implicit';
  endpoints: Endpoint[];
  subscriptions: Subscription[];
  /** In the order in which they wrap the endpoints, the outermost first. */
  middleware: Middleware[];
  position: Position;
}

/** A middleware of a service; it applies to every endpoint that fits each of the conditions given. */
export interface Middleware {
  /** Of the variable; absent when it is written in place. */
  name?: string;
  target: {
    expose?: boolean;
    auth?: boolean;
    isRaw?: boolean;
    isStream?: boolean;
    /** One of them is enough. */
    tags?: string[];
  };
  position: Position;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS' | 'TRACE' | 'CONNECT';

export interface Endpoint {
  name: Name;
  /** The module that exports the handler under the endpoint's name. */
  module: Path;
  /**
   * `typed`: a function of a request. `raw`: handles the HTTP request and response itself. `stream`: exchanges messages over a
   * WebSocket. `assets`: serves files.
   */
  kind: 'typed' | 'raw' | 'stream' | 'assets';
  /** @minItems 1 @uniqueItems true */
  methods: Method[];
  /**
   * As declared or defaulted, always with a leading slash: `/orders/:id`. Segments: literal, `:name`, `*name`, `!name`.
   * @pattern ^/
   */
  path: string;
  /** Reachable from outside, through the gateway. */
  exposed: boolean;
  auth: boolean;
  /** Bytes; null is unlimited. @default 2097152 */
  bodyLimit: Count | null;
  /** @uniqueItems true */
  tags: string[];
  sensitive: boolean;
  /** The doc comment, without its markers. */
  doc?: string;
  /** Of a stream: its handshake. Absent for a handler without parameters. */
  request?: Message;
  /** Of a stream: what the service answers at its end. Absent when the handler returns nothing. */
  response?: Message;
  /** The messages of a stream; each present when they flow in that direction. */
  stream?: { in?: JsonSchema; out?: JsonSchema };
  assets?: Assets;
  position: Position;
}

/** Files that an endpoint serves. */
export interface Assets {
  directory: Path;
  /** The file that answers for what is not there, and the status it is sent with. */
  notFound?: { file: Path; status: Count };
  /** Added to every answer. */
  headers: Record<string, string[]>;
}

/** A request or a response: its type, and where each of its fields travels. */
export interface Message {
  /** An object schema, or a `$ref` to one. */
  schema: JsonSchema;
  /**
   * One entry per group of methods that travel alike; a response has exactly one, for all methods of the endpoint.
   * @minItems 1
   */
  encodings: Encoding[];
}

export interface Encoding {
  /** @minItems 1 @uniqueItems true */
  methods: Method[];
  fields: Field[];
}

export interface Field {
  /** The property's name in the type. */
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie' | 'body' | 'status';
  /** The name on the wire: header names in lower case. */
  wire: string;
}

/**
 * JSON Schema 2020-12. What it cannot say is said by annotations:
 * `x-type` names a value that JSON carries as text: `date` (RFC 3339), `bigint` and `decimal` (decimal digits), `bytes` (base64).
 * `x-startsWith` and `x-endsWith` are the rules of `encore.dev/validate` that `pattern` says in its own way.
 * `x-discriminator` names the property whose value tells the members of an `anyOf` apart.
 */
export interface JsonSchema {
  [keyword: string]: unknown;
  /**
   * Into this document only.
   * @pattern ^#/schemas/.
   */
  $ref?: string;
  items?: JsonSchema | boolean;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  /** @uniqueItems true */
  required?: string[];
  'x-type'?: 'date' | 'bigint' | 'decimal' | 'bytes';
  'x-startsWith'?: string;
  'x-endsWith'?: string;
  'x-discriminator'?: string;
}

export interface Subscription {
  name: Name;
  topic: Name;
  /** The module that declares it; importing it registers the handler. */
  module: Path;
  /** Milliseconds. @default 30000 */
  ackDeadline: Milliseconds;
  /** Milliseconds. @default 604800000 */
  messageRetention: Milliseconds;
  /**
   * Messages handled at once by one process; absent: the backend's default.
   * @asType integer
   * @minimum 1
   */
  maxConcurrency?: number;
  /** Milliseconds and a count. @default {"minBackoff": 10000, "maxBackoff": 600000, "maxRetries": 100} */
  retry: { minBackoff: Milliseconds; maxBackoff: Milliseconds; maxRetries: Count };
  position: Position;
}

export interface Database {
  name: Name;
  /** The service whose directory holds the declaration, if any. */
  service?: Name;
  /** Absent: the application brings its own schema. */
  migrations?: { directory: Path; layout: MigrationLayout; files: MigrationFile[] };
  position: Position;
}

export type MigrationLayout = 'default' | 'prisma' | 'drizzle' | 'drizzle/v1';

/** One forward migration, in the order they are applied. */
export interface MigrationFile {
  version: Count;
  name: Name;
  file: Path;
  /**
   * SHA-256 of the file's bytes, in hex.
   * @pattern ^[0-9a-f]{64}$
   */
  hash: string;
  /** One entry per statement, in their order. */
  statements: MigrationStatement[];
}

/** What a statement of a migration does to code and data that were there before it. */
export interface MigrationStatement {
  /**
   * `additive`: both stay as they were, and nobody waits. `locking`: they stay as they were, but a table that holds data is blocked
   * while it is scanned or rewritten. `destructive`: data goes, or code written for the former schema may fail.
   */
  safety: 'additive' | 'locking' | 'destructive';
  /** What it does, as a clause without a subject: "drops the column `title` of `books`". */
  reason: string;
  position: Position;
}

export interface Topic {
  name: Name;
  deliveryGuarantee: 'at-least-once' | 'exactly-once';
  /** The field whose value orders messages; one of the attributes. */
  orderingAttribute?: string;
  /**
   * The fields that travel as attributes of a message, too.
   * @uniqueItems true
   */
  attributes: string[];
  message: JsonSchema;
  service?: Name;
  position: Position;
}

export interface Bucket {
  name: Name;
  /** Everybody may read its objects, by a URL that stays. */
  public: boolean;
  /** Former versions of objects are kept. */
  versioned: boolean;
  service?: Name;
  position: Position;
}

export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-ttl'
  | 'volatile-random';

/** A cache cluster. */
export interface Cache {
  name: Name;
  /** @default "allkeys-lru" */
  evictionPolicy: EvictionPolicy;
  /** Sorted by pattern, then type. */
  keyspaces: Keyspace[];
  service?: Name;
  position: Position;
}

/** The keys of one pattern in a cluster, and what they hold. */
export interface Keyspace {
  type: KeyspaceType;
  /** As declared: `sessions/:key`. */
  pattern: string;
  /** A scalar, or an object with a field for each parameter of the pattern. */
  key: JsonSchema;
  /** Of one item, where the type is a list or a set. */
  value: JsonSchema;
  /**
   * What a value expires after, unless a write says otherwise: milliseconds, or a time of day in UTC; `never`; `keep`, the expiry it
   * has. `code`: known when the application runs. Absent: `never`.
   */
  defaultExpiry?: { after: Milliseconds } | { dailyAt: TimeOfDay } | 'never' | 'keep' | 'code';
  service?: Name;
  doc?: string;
  position: Position;
}

/** @pattern ^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$ */
type TimeOfDay = string;

export type KeyspaceType =
  | 'string'
  | 'int'
  | 'float'
  | 'struct'
  | 'string-list'
  | 'number-list'
  | 'string-set'
  | 'number-set';

export interface Metric {
  name: Name;
  type: 'counter' | 'gauge';
  /** Sorted by name. The label `service` is there without being declared. */
  labels: { name: Name; type: 'string' | 'number' | 'boolean' }[];
  service?: Name;
  doc?: string;
  position: Position;
}

export interface CronJob {
  name: Name;
  title?: string;
  /** `every`: milliseconds, counted from midnight UTC; `schedule`: a five-field cron expression in UTC. */
  when: { every: Period } | { schedule: Name };
  endpoint: EndpointReference;
  service: Name;
  position: Position;
}

/**
 * Whole minutes, a day at most.
 * @asType integer
 * @minimum 60000
 * @maximum 86400000
 * @multipleOf 60000
 */
type Period = number;

export interface EndpointReference {
  service: Name;
  endpoint: Name;
}

export interface Secret {
  name: Name;
  position: Position;
}

/** A service uses a resource. */
export interface Use {
  service: Name;
  resource: ResourceReference;
  /**
   * Sorted.
   * @minItems 1
   * @uniqueItems true
   */
  operations: Operation[];
  /**
   * Every place that takes an operation, sorted by place.
   * @minItems 1
   */
  causes: Cause[];
  /** Of a database, the tables that its literal SQL names, sorted; absent when none is known. */
  tables?: { name: Name; operations: ('read' | 'write')[] }[];
}

export interface Cause {
  operation: Operation;
  position: Position;
}

export type ResourceReference =
  | { kind: 'database'; name: Name }
  | { kind: 'topic'; name: Name }
  | { kind: 'bucket'; name: Name }
  /** The name is the pattern of its keys. */
  | { kind: 'keyspace'; cache: Name; name: Name }
  | { kind: 'metric'; name: Name }
  | { kind: 'secret'; name: Name }
  | { kind: 'endpoint'; service: Name; name: Name };

export type Operation = OperationsOf[keyof OperationsOf];

/** What can be done with each kind of resource. */
export interface OperationsOf {
  /** `query`: SQL that is not known. `connect`: a connection string handed to other code. */
  database: 'read' | 'write' | 'query' | 'connect';
  topic: 'publish';
  /** `attributes`: whether an object is there, and its attributes. */
  bucket: 'list' | 'attributes' | 'download' | 'upload' | 'remove' | 'sign-download' | 'sign-upload' | 'public-url';
  keyspace: 'read' | 'write';
  metric: 'record';
  secret: 'read';
  endpoint: 'call';
}
