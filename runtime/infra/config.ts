import { readFileSync } from 'node:fs';
import type { EnvString, InfraConfig } from '../wire.ts';
import { StartError } from './error.ts';
import { checkConfig } from './schema.ts';

let loaded: InfraConfig | undefined;

/**
 * The configuration of this process, read once from the file that `ENCORE_INFRA_CONFIG_PATH` names; empty without it.
 * @throws StartError FL6001, FL6002 and FL6003
 */
export function infra(): InfraConfig {
  loaded ??= load(process.env.ENCORE_INFRA_CONFIG_PATH);
  return loaded;
}

function load(path: string | undefined): InfraConfig {
  if (!path) return {};
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(
      'FL6001',
      `the configuration ${path} cannot be read: ${(error as Error).message}`,
      'Let ENCORE_INFRA_CONFIG_PATH name a file that this process may read.',
    );
  }
  const config = checkConfig(text, path);
  checkReferences(config);
  return config;
}

/** What the process cannot work without has to be there at its start; a secret may be missing until it is read. */
function checkReferences({ auth = [], service_discovery = {}, sql_servers = [], fairlead }: InfraConfig): void {
  const keys = [...auth, ...Object.values(service_discovery).flatMap((service) => service.auth ?? [])];
  for (const { id, key } of keys) {
    if (resolveEnv(key, `auth key ${id}`) !== '') continue;
    throw new StartError(
      'FL6003',
      `auth key ${id} is empty`,
      'Give it a long random value: it signs calls between processes.',
    );
  }
  for (const [name, { password }] of sql_servers.flatMap(({ databases }) => Object.entries(databases))) {
    resolveEnv(password, `the password of database ${name}`);
  }
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
