import type { Position } from './diagnostic.ts';

/**
 * The infrastructure graph of an application: what the analyzer extracts and everything downstream reads.
 *
 * Pure JSON and deterministic: the same sources give the same bytes. Every list is sorted by its key (names, then
 * positions) unless the order means something. `graph.schema.json` beside this file describes it for other tools.
 */
export interface Graph {
  /** Rises when a reader of the former version would misread the new one. */
  version: 1;
  /** The application's name: `id` of `encore.app`, else `name` of `fairlead.json`, else the package's name without scope, else the directory's. */
  application: string;
  services: Service[];
  databases: Database[];
  topics: Topic[];
  cronJobs: CronJob[];
  secrets: Secret[];
  /** Who uses what, and how: the source of every permission. */
  uses: Use[];
  /** Named schemas that others refer to by `{ "$ref": "#/schemas/<key>" }`. */
  schemas: Record<string, JsonSchema>;
}

export interface Service {
  name: string;
  /** Relative to the application's root, `.` for the root itself. */
  directory: string;
  /** `explicit`: an `encore.service.ts` names it. `implicit`: a directory that holds endpoints or subscriptions. */
  declaration: 'explicit' | 'implicit';
  endpoints: Endpoint[];
  subscriptions: Subscription[];
  position: Position;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS' | 'TRACE' | 'CONNECT';

export interface Endpoint {
  name: string;
  /** The module that exports the handler and the name it is exported under. */
  module: string;
  methods: Method[];
  /** As declared or defaulted, always with a leading slash: `/orders/:id`. Segments: literal, `:name`, `*name`, `!name`. */
  path: string;
  /** Reachable from outside, through the gateway. */
  exposed: boolean;
  auth: boolean;
  /** Bytes; null is unlimited. @default 2097152 */
  bodyLimit: number | null;
  tags: string[];
  sensitive: boolean;
  /** The doc comment, without its markers. */
  doc?: string;
  /** Absent for a handler without parameters. */
  request?: Message;
  /** Absent when the handler returns nothing. */
  response?: Message;
  position: Position;
}

/** A request or a response: its type, and where each of its fields travels. */
export interface Message {
  /** An object schema, or a `$ref` to one. */
  schema: JsonSchema;
  /** One entry per group of methods that travel alike; a response has exactly one, for all methods of the endpoint. */
  encodings: Encoding[];
}

export interface Encoding {
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
 */
export interface JsonSchema {
  [keyword: string]: unknown;
  'x-type'?: 'date' | 'bigint' | 'decimal' | 'bytes';
}

export interface Subscription {
  name: string;
  topic: string;
  /** The module that declares it; importing it registers the handler. */
  module: string;
  /** Milliseconds. @default 30000 */
  ackDeadline: number;
  /** Milliseconds. @default 604800000 */
  messageRetention: number;
  /** Messages handled at once by one process; absent: the backend's default. */
  maxConcurrency?: number;
  /** Milliseconds and a count. @default 10000, 600000, 100 */
  retry: { minBackoff: number; maxBackoff: number; maxRetries: number };
  position: Position;
}

export interface Database {
  name: string;
  /** The service whose directory holds the declaration, if any. */
  service?: string;
  /** Absent: the application brings its own schema. */
  migrations?: { directory: string; files: MigrationFile[] };
  position: Position;
}

/** One forward migration, in the order they are applied. */
export interface MigrationFile {
  version: number;
  name: string;
  /** Relative to the application's root. */
  file: string;
  /** SHA-256 of the file's bytes, in hex. */
  hash: string;
  /** Whether code written for the schema before it still works after it, and why not. */
  safety: { compatible: true } | { compatible: false; reasons: { reason: string; position: Position }[] };
}

export interface Topic {
  name: string;
  deliveryGuarantee: 'at-least-once' | 'exactly-once';
  /** The field whose value orders messages. */
  orderingAttribute?: string;
  message: JsonSchema;
  service?: string;
  position: Position;
}

export interface CronJob {
  name: string;
  title?: string;
  /** `every`: milliseconds, counted from midnight UTC; `schedule`: a five-field cron expression in UTC. */
  when: { every: number } | { schedule: string };
  endpoint: EndpointReference;
  service: string;
  position: Position;
}

export interface EndpointReference {
  service: string;
  endpoint: string;
}

export interface Secret {
  name: string;
  position: Position;
}

/** A service uses a resource. `operations` are sorted and never empty. */
export interface Use {
  service: string;
  resource: ResourceReference;
  operations: Operation[];
  /** Every place that causes it, sorted. */
  positions: Position[];
}

export type ResourceReference =
  | { kind: 'database'; name: string }
  | { kind: 'topic'; name: string }
  | { kind: 'secret'; name: string }
  | { kind: 'endpoint'; service: string; name: string };

/** database: `query`, `connect` (a connection string handed to other code); topic: `publish`; secret: `read`; endpoint: `call`. */
export type Operation = 'query' | 'connect' | 'publish' | 'read' | 'call';
