import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { infra, resolveEnv } from '../infra/config.ts';
import type { StringLiteral } from '../types/literal.ts';
import type { EnvString, InfraConfig } from '../wire.ts';

export interface Secret<Name extends string> {
  /** The value; empty where it is missing on a developer's machine. @throws Error `secret X is not set` elsewhere */
  (): string;
  readonly name: Name;
  /** A mask, so that a secret written by mistake tells nothing. */
  toString(): string;
}

/** Declares a secret of the service; its value comes from the environment the application runs in. */
export function secret<Name extends string>(name: StringLiteral<Name>): Secret<Name> {
  const read = (): string => readSecret(name);
  const mask = (): string => `Secret(${name}, ********)`;
  Object.defineProperty(read, 'name', { value: name });
  return Object.assign(read, { toString: mask, toJSON: mask }) as unknown as Secret<Name>;
}

const values = new Map<string, string>();

function readSecret(name: string): string {
  const known = values.get(name) ?? lookUp(name);
  if (known !== undefined) {
    values.set(name, known);
    return known;
  }
  const { cloud = 'local', env_type = 'development' } = infra().metadata ?? {};
  if (cloud === 'local' && (env_type === 'development' || env_type === 'test')) return '';
  throw new Error(`secret ${name} is not set`);
}

function lookUp(name: string): string | undefined {
  const { secrets, fairlead } = infra();
  return (secrets && named(secrets, name)) ?? inDirectory(fairlead?.secrets_directory, name);
}

function named(secrets: NonNullable<InfraConfig['secrets']>, name: string): string | undefined {
  if (typeof secrets.$env === 'string') {
    const all = JSON.parse(resolveEnv({ $env: secrets.$env }, 'secrets')) as Record<string, string>;
    return Object.hasOwn(all, name) ? all[name] : undefined;
  }
  const value = Object.hasOwn(secrets, name) ? (secrets as Record<string, EnvString>)[name] : undefined;
  return typeof value === 'object' ? process.env[value.$env] : value;
}

/** The text of the file of that name. @throws Error for one that is there and cannot be read */
function inDirectory(directory: string | undefined, name: string): string | undefined {
  // Of these the names of secrets are made, so that none leads out of the directory.
  if (directory === undefined || !/^\w+$/.test(name)) return undefined;
  try {
    return readFileSync(join(directory, name), 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`secret ${name} cannot be read from ${directory}: ${(error as Error).message}`, { cause: error });
  }
}
