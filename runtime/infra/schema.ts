import { codecFor, DecodeError } from '../codec/mod.ts';
import type { InfraConfig, ManifestSchema } from '../wire.ts';
import { StartError } from './error.ts';

const text = { type: 'string' };
const number = { type: 'number' };
/** Seconds. */
const interval = { type: 'number', minimum: 1 };
const flag = { type: 'boolean' };
const texts = { type: 'array', items: text };
const ref = (key: string) => ({ $ref: `#/schemas/${key}` });
const list = (items: ManifestSchema) => ({ type: 'array', items });
const map = (additionalProperties: ManifestSchema) => ({ type: 'object', additionalProperties });
const object = (required: Record<string, ManifestSchema>, optional: Record<string, ManifestSchema> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
});

/** The backends that are here, by the part of the configuration that lists them; `type` tells which one an entry is for. */
const backends: Record<string, string[]> = {
  pubsub: ['aws_sns_sqs', 'gcp_pubsub', 'nsq'],
  object_storage: ['s3', 'gcs'],
  metrics: ['prometheus', 'datadog', 'aws_cloudwatch', 'gcp_cloud_monitoring'],
};

/** What of `wire.ts` the process relies on. Keys it does not know belong to other readers of the file. */
const schemas: Record<string, ManifestSchema> = {
  envString: { anyOf: [text, object({ $env: text })] },
  authKey: object({ type: { const: 'key', type: 'string' }, id: { type: 'integer' }, key: ref('envString') }),
  sqlServer: object(
    {
      host: text,
      databases: map(
        object(
          { username: ref('envString'), password: ref('envString') },
          { name: text, max_connections: number, min_connections: number, client_cert: ref('clientCertificate') },
        ),
      ),
    },
    { tls_config: ref('tls') },
  ),
  tls: object(
    {},
    {
      disabled: flag,
      ca: text,
      disable_tls_hostname_verification: flag,
      disable_ca_validation: flag,
      client_cert: ref('clientCertificate'),
    },
  ),
  clientCertificate: object({ cert: text, key: ref('envString') }),
  redisServer: object(
    { host: text, database_index: { type: 'integer', minimum: 0, maximum: 15 } },
    { auth: ref('redisAuth'), key_prefix: text, tls_config: ref('tls'), in_memory: flag },
  ),
  redisAuth: {
    anyOf: [
      object({ type: { const: 'acl', type: 'string' }, username: ref('envString'), password: ref('envString') }),
      object({ type: { const: 'auth_string', type: 'string' }, auth_string: ref('envString') }),
    ],
  },
  awsPubsub: object({
    type: { const: 'aws_sns_sqs', type: 'string' },
    topics: map(object({ arn: text, subscriptions: map(object({ url: text })) })),
  }),
  googlePubsub: object(
    {
      type: { const: 'gcp_pubsub', type: 'string' },
      topics: map(
        object(
          {
            name: text,
            subscriptions: map(object({ name: text }, { project_id: text, push_config: ref('googlePush') })),
          },
          { project_id: text },
        ),
      ),
    },
    { project_id: text },
  ),
  googlePush: object({ id: text, service_account: text, jwt_audience: text }),
  googleStorage: object(
    {
      type: { const: 'gcs', type: 'string' },
      buckets: map(object({ name: text }, { key_prefix: text, public_base_url: text })),
    },
    { endpoint: text },
  ),
  nsqPubsub: object({
    type: { const: 'nsq', type: 'string' },
    hosts: text,
    topics: map(object({ name: text, subscriptions: map(object({ name: text })) })),
  }),
  prometheusMetrics: object(
    { type: { const: 'prometheus', type: 'string' }, remote_write_url: ref('envString') },
    { collection_interval: interval },
  ),
  datadogMetrics: object(
    { type: { const: 'datadog', type: 'string' }, site: text, api_key: ref('envString') },
    { collection_interval: interval },
  ),
  cloudWatchMetrics: object(
    { type: { const: 'aws_cloudwatch', type: 'string' }, namespace: text },
    { collection_interval: interval },
  ),
  cloudMonitoringMetrics: object(
    { type: { const: 'gcp_cloud_monitoring', type: 'string' }, project_id: text, monitored_resource_type: text },
    {
      monitored_resource_labels: map(ref('envString')),
      metric_names: map(text),
      endpoint: text,
      // Google takes no more of one series.
      collection_interval: { type: 'number', minimum: 5 },
    },
  ),
  s3Storage: object(
    {
      type: { const: 's3', type: 'string' },
      region: text,
      buckets: map(object({ name: text }, { key_prefix: text, public_base_url: text })),
    },
    { endpoint: text, access_key_id: ref('envString'), secret_access_key: ref('envString') },
  ),
  diskStorage: object(
    {
      type: { const: 'disk', type: 'string' },
      base_url: text,
      buckets: map(object({ directory: text, operations: texts }, { versioned: flag, public: flag })),
    },
    { key: ref('envString') },
  ),
  objectUrls: object(
    { buckets: map(object({ directory: text }, { versioned: flag, public: flag, signed: flag })) },
    { key: ref('envString') },
  ),
  broker: object({
    host: text,
    database: text,
    schema: text,
    username: text,
    password: ref('envString'),
    topics: map(object({ queues: list(object({ subscription: text, table: text, channel: text })) })),
  }),
  cronQueue: object({ type: { const: 'aws_sqs', type: 'string' }, url: text }),
  googleCron: object({ type: { const: 'google_http', type: 'string' }, service_account: text, audience: text }),
  config: object(
    {},
    {
      metadata: object(
        {},
        {
          app_id: text,
          env_name: text,
          env_type: { type: 'string', enum: ['development', 'production', 'ephemeral', 'test'] },
          cloud: { type: 'string', enum: ['aws', 'gcp', 'azure', 'encore', 'local'] },
          base_url: text,
        },
      ),
      graceful_shutdown: object({}, { total: number, shutdown_hooks: number, handlers: number }),
      auth: list(ref('authKey')),
      service_discovery: map(object({ base_url: text }, { auth: list(ref('authKey')) })),
      metrics: {
        anyOf: [
          ref('prometheusMetrics'),
          ref('datadogMetrics'),
          ref('cloudWatchMetrics'),
          ref('cloudMonitoringMetrics'),
        ],
      },
      sql_servers: list(ref('sqlServer')),
      redis: map(ref('redisServer')),
      pubsub: list({ anyOf: [ref('awsPubsub'), ref('googlePubsub'), ref('nsqPubsub')] }),
      object_storage: list({ anyOf: [ref('s3Storage'), ref('googleStorage')] }),
      secrets: map(ref('envString')),
      hosted_services: texts,
      hosted_gateways: texts,
      cors: object(
        {},
        {
          debug: flag,
          allow_headers: texts,
          expose_headers: texts,
          allow_origins_without_credentials: texts,
          allow_origins_with_credentials: texts,
        },
      ),
      log_config: text,
      worker_threads: { type: 'integer', minimum: 0, maximum: 1024 },
      fairlead: object(
        { version: { type: 'number', const: 1 } },
        {
          release: text,
          secrets_directory: text,
          // A timer counts to no more than 24 days.
          call_timeout: { type: 'number', minimum: 0.1, maximum: 2_000_000 },
          broker: ref('broker'),
          object_storage: list(ref('diskStorage')),
          object_urls: ref('objectUrls'),
          caches: map(object({}, { max_memory: { type: 'integer', minimum: 1, maximum: 2 ** 30 } })),
          cron: { anyOf: [ref('cronQueue'), ref('googleCron')] },
          telemetry: object(
            { otlp: text },
            {
              interval: { type: 'number', minimum: 1 },
              traces: object({}, { ratio: { type: 'number', minimum: 0, maximum: 1 } }),
            },
          ),
        },
      ),
    },
  ),
};

/**
 * @param where as a sentence goes on after `the configuration`
 * @throws StartError FL6002 that names the place, and FL6008 for a backend that is not here
 */
export function checkConfig(json: string, where: string): InfraConfig {
  try {
    const value: unknown = JSON.parse(json);
    requireBackends(value, where);
    return codecFor(ref('config'), schemas).decode(value, '') as InfraConfig;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
    // A syntax error quotes the text around it, which may be a password.
    const what = error instanceof DecodeError ? error.message : 'it is not JSON';
    throw new StartError(
      'FL6002',
      `the configuration ${where} is not valid: ${what}`,
      'Correct it; its format is described in runtime/wire.ts.',
    );
  }
}

/** The format knows more backends than there are. What is not even of the right form is left to the check of the form. */
function requireBackends(config: unknown, where: string): void {
  const wanted = Object.keys(backends).flatMap((part) => {
    const entries = (config as Record<string, unknown> | null)?.[part];
    const types: unknown[] = [entries].flat().map((entry) => (entry as { type?: unknown } | null | undefined)?.type);
    return types
      .filter((type) => typeof type === 'string' && !backends[part]?.includes(type))
      .map((type) => `${part} ${type}`);
  });
  if (wanted.length === 0) return;
  throw new StartError(
    'FL6008',
    `the configuration ${where} names what this runtime has no backend for: ${wanted.join(', ')}`,
    `Name one that there is: ${Object.entries(backends)
      .flatMap(([part, types]) => types.map((type) => `${part} ${type}`))
      .join(', ')}.`,
  );
}
