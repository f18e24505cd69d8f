import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sign } from '../../../runtime/http/signature.ts';
import { readConfig } from '../../../runtime/infra/config.ts';
import { checkConfig } from '../../../runtime/infra/schema.ts';
import { keysOf } from '../../../runtime/internal/host.ts';
import type { InfraConfig } from '../../../runtime/wire.ts';

// What the contract says of `infra.config.json`.

const key = (id: number) => ({ type: 'key' as const, id, key: { $env: `KEY_${id}` } });

/** Every key of the format that a process works with, of kinds of backends that are here. */
const complete = {
  $schema: 'https://encore.dev/schemas/infra.schema.json',
  metadata: { app_id: 'shop', env_name: 'prod', env_type: 'production', cloud: 'aws', base_url: 'https://shop.test' },
  graceful_shutdown: { total: 30, shutdown_hooks: 10, handlers: 20 },
  auth: [key(1)],
  service_discovery: { stock: { base_url: 'http://stock', auth: [key(2)] }, orders: { base_url: 'http://orders' } },
  sql_servers: [
    {
      host: 'db:5432',
      tls_config: { disabled: false, ca: 'PEM', disable_tls_hostname_verification: true, disable_ca_validation: false },
      databases: {
        orders: { name: 'o', max_connections: 10, min_connections: 1, username: 'shop', password: { $env: 'DB' } },
      },
    },
  ],
  redis: {
    main: { host: 'r:6379', database_index: 0, auth: { type: 'acl', username: 'u', password: 'p' }, in_memory: false },
    other: { host: 'r', database_index: 15, auth: { type: 'auth_string', auth_string: 'p' }, key_prefix: 'x:' },
  },
  pubsub: [
    { type: 'aws_sns_sqs', topics: { placed: { arn: 'arn:x', subscriptions: { mail: { url: 'https://q' } } } } },
  ],
  object_storage: [
    {
      type: 's3',
      region: 'eu-central-1',
      endpoint: 'http://minio',
      access_key_id: 'a',
      secret_access_key: { $env: 'S3' },
      buckets: { pictures: { name: 'p', key_prefix: 'x/', public_base_url: 'https://cdn.test' } },
    },
  ],
  secrets: { StripeKey: { $env: 'STRIPE' }, Other: 'literal' },
  hosted_services: ['orders'],
  hosted_gateways: ['api-gateway'],
  cors: { debug: true, allow_headers: ['x-a'], allow_origins_without_credentials: ['*'] },
  log_config: 'debug',
  metrics: { type: 'prometheus', remote_write_url: 'https://prometheus.test' },
  used_metrics: [{ name: 'orders_total', services: ['orders'] }],
};

const without = (path: string[]): string => {
  const copy = structuredClone(complete) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, copy);
  delete parent[path.at(-1)!];
  return JSON.stringify(copy);
};

test('a configuration of Encore’s format is taken, and what is not known in it is left alone', () => {
  const known: Record<string, unknown> = { ...complete };
  for (const other of ['$schema', 'used_metrics']) delete known[other];
  expect(checkConfig(JSON.stringify(complete), 'x')).toEqual(known);
});

test('every key at the top may be left out', () => {
  for (const name of Object.keys(complete)) expect(() => checkConfig(without([name]), 'x')).not.toThrow();
});

test.each([['redis.main.in_memory'], ['redis.other.key_prefix'], ['sql_servers.0.databases.orders.name']])(
  '%s need not be there',
  (path) => {
    expect(() => checkConfig(without(path.split('.')), 'x')).not.toThrow();
  },
);

test('the user of a database may come from the environment, too', () => {
  const text = JSON.stringify(complete).replace('"username":"shop"', '"username":{"$env":"USER_OF_DB"}');
  expect(checkConfig(text, 'x').sql_servers?.[0]?.databases.orders?.username).toEqual({ $env: 'USER_OF_DB' });
});

test('the file is looked for where the variable says, else in a variable, else at the usual place', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-configuration-'));
  const [named, usual] = ['named.json', 'usual.json'].map((name) => join(directory, name)) as [string, string];
  for (const path of [named, usual]) writeFileSync(path, JSON.stringify({ log_config: path }));
  const text = '{"log_config":"text"}';
  const from = (env: NodeJS.ProcessEnv, place = usual) => readConfig(env, place).log_config;
  try {
    expect(from({ ENCORE_INFRA_CONFIG_PATH: named, FAIRLEAD_INFRA_CONFIG: text })).toBe(named);
    expect(from({ ENCORE_INFRA_CONFIG_PATH: '', FAIRLEAD_INFRA_CONFIG: text })).toBe('text');
    expect(from({})).toBe(usual);
    expect(readConfig({}, join(directory, 'none.json'))).toEqual({});
    expect(() => readConfig({ ENCORE_INFRA_CONFIG_PATH: join(directory, 'none.json') })).toThrow(
      expect.objectContaining({ code: 'FL6001' }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('keys between processes', () => {
  const config = complete as unknown as InfraConfig;

  test('are those of the service, else those of all', () => {
    expect(keysOf(config, 'stock')).toEqual([key(2)]);
    expect(keysOf(config, 'orders')).toEqual([key(1)]);
    expect(keysOf(config)).toEqual([key(1)]);
  });

  test('have to be there: no call goes out unsigned', () => {
    const call = { method: 'POST', path: '/x', origin: 'internal' as const, bodyHash: '0'.repeat(64) };
    expect(() => sign(call, keysOf({}, 'stock'))).toThrow('no key is configured to sign calls to other processes');
  });
});
