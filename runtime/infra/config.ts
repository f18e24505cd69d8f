import { existsSync, readFileSync } from 'node:fs';
import type { EnvString, InfraConfig } from '../wire.ts';
import { StartError } from './error.ts';
import { checkConfig } from './schema.ts';

/** Seconds that a process has to end, unless `graceful_shutdown.total` says otherwise. */
export const defaultGrace = 5;

/** Every interface: what may reach the process, the target decides. */
export const defaultAddress = '0.0.0.0';

/** Where images have the configuration that Encore's tools put into them. */
const usualPath = '/encore/infra.config.json';

let loaded: InfraConfig | undefined;

/**
 * The configuration of this process, read once.
 * @throws StartError FL6001, FL6002, FL6003 and FL6008
 */
export function infra(): InfraConfig {
  loaded ??= readConfig(process.env);
  return loaded;
}

/**
 * From the file that `ENCORE_INFRA_CONFIG_PATH` names, else from the text in `FAIRLEAD_INFRA_CONFIG`, else from the file at the usual
 * place; empty without any of them.
 */
export function readConfig(env: NodeJS.ProcessEnv, usual: string = usualPath): InfraConfig {
  const { ENCORE_INFRA_CONFIG_PATH: named, FAIRLEAD_INFRA_CONFIG: text } = env;
  const path = named || (!text && existsSync(usual) ? usual : undefined);
  if (!path && !text) return {};
  const config = path ? checkConfig(read(path), path) : checkConfig(text ?? '', 'in FAIRLEAD_INFRA_CONFIG');
  checkReferences(config);
  return config;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(
      'FL6001',
      `the configuration ${path} cannot be read: ${(error as Error).message}`,
      'Let ENCORE_INFRA_CONFIG_PATH name a file that this process may read.',
    );
  }
}

/** What the process cannot work without has to be there at its start; a secret may be missing until it is read. */
function checkReferences(config: InfraConfig): void {
  const { auth = [], service_discovery = {}, sql_servers = [], redis = {}, object_storage = [], fairlead } = config;
  const keys = [...auth, ...Object.values(service_discovery).flatMap((service) => service.auth ?? [])];
  for (const { id, key } of keys) {
    if (resolveEnv(key, `auth key ${id}`) !== '') continue;
    throw new StartError(
      'FL6003',
      `auth key ${id} is empty`,
      'Give it a long random value: it signs calls between processes.',
    );
  }
  for (const [name, { username, password, client_cert }] of sql_servers.flatMap(({ databases }) =>
    Object.entries(databases),
  )) {
    resolveEnv(username, `the user of database ${name}`);
    resolveEnv(password, `the password of database ${name}`);
    if (client_cert) resolveEnv(client_cert.key, `the key of the client certificate of database ${name}`);
  }
  for (const { tls_config } of [...sql_servers, ...Object.values(redis)])
    if (tls_config?.client_cert) resolveEnv(tls_config.client_cert.key, 'the key of a client certificate');
  for (const [name, { auth: login }] of Object.entries(redis)) {
    if (login?.type === 'acl') resolveEnv(login.username, `the user of cache ${name}`);
    if (login) resolveEnv(login.type === 'acl' ? login.password : login.auth_string, `the password of cache ${name}`);
  }
  for (const storage of object_storage) {
    if (storage.type !== 's3') continue;
    const { access_key_id, secret_access_key } = storage;
    if (access_key_id !== undefined) resolveEnv(access_key_id, 'an access key of object storage');
    if (secret_access_key !== undefined) resolveEnv(secret_access_key, 'a secret key of object storage');
  }
  for (const { key } of [...(fairlead?.object_storage ?? []), fairlead?.object_urls ?? {}])
    if (key !== undefined) resolveEnv(key, 'the key for URLs of objects');
  if (fairlead?.broker) resolveEnv(fairlead.broker.password, 'the password of the broker');
}

/**
 * The value behind a literal or a reference to an environment variable.
 * @throws StartError FL6003 when the variable is not set
 */
export function resolveEnv(value: EnvString, what: string): string {
  if (typeof value === 'string') return value;
  const found = process.env[value.$env];
  if (found !== undefined) return found;
  throw new StartError(
    'FL6003',
    `${what} is taken from the environment variable ${value.$env}, which is not set`,
    `Set ${value.$env} for this process, or write the value into the configuration.`,
  );
}
