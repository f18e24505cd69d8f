import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './pages.ts';
import { problemsOf, rowsOf } from './references.ts';

const rows = rowsOf(readFileSync(join(root, 'docs/infra-config.md'), 'utf8'), 'Key');

/** Every key of Encore's format for self-hosting; of `pubsub` and `object_storage` the types. */
const keys = [
  ...['app_id', 'env_name', 'env_type', 'cloud', 'base_url'].map((key) => `metadata.${key}`),
  ...['total', 'shutdown_hooks', 'handlers'].map((key) => `graceful_shutdown.${key}`),
  'auth',
  ...['base_url', 'auth'].map((key) => `service_discovery.*.${key}`),
  ...['type', 'remote_write_url', 'collection_interval', 'site', 'api_key', 'namespace'].map((key) => `metrics.${key}`),
  ...['project_id', 'monitored_resource_type', 'monitored_resource_labels', 'metric_names'].map(
    (key) => `metrics.${key}`,
  ),
  'sql_servers.*.host',
  ...['disabled', 'ca', 'client_cert', 'disable_tls_hostname_verification', 'disable_ca_validation'].map(
    (key) => `sql_servers.*.tls_config.${key}`,
  ),
  ...['name', 'max_connections', 'min_connections', 'username', 'password', 'client_cert'].map(
    (key) => `sql_servers.*.databases.*.${key}`,
  ),
  ...['host', 'database_index', 'auth', 'key_prefix', 'tls_config', 'max_connections', 'min_connections'].map(
    (key) => `redis.*.${key}`,
  ),
  'redis.*.in_memory',
  ...['gcp_pubsub', 'aws_sns_sqs', 'nsq'].map((type) => `pubsub ${type}`),
  ...['gcs', 's3'].map((type) => `object_storage ${type}`),
  ...['secrets', 'hosted_services', 'hosted_gateways', 'used_metrics', 'worker_threads', 'log_config'],
  ...['debug', 'allow_headers', 'expose_headers'].map((key) => `cors.${key}`),
  ...['with', 'without'].map((how) => `cors.allow_origins_${how}_credentials`),
];

/** `a.b`, `.c` is `a.b` and `a.c`. */
function keysOf(cell: string): string[] {
  const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  if (cell.includes(' of type ')) return [names.join(' ')];
  const parent = names[0]!.replace(/\.[^.]+$/, '');
  return names.map((name) => (name.startsWith('.') ? `${parent}${name}` : name));
}

test('every key is said what becomes of it, once', () => {
  expect(rows.flatMap(([cell]) => keysOf(cell!)).sort()).toEqual([...keys].sort());
});

test('and a test that exists shows it', () => {
  expect(problemsOf(rows)).toEqual([]);
});
