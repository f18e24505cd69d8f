import { infra, resolveEnv } from '../infra/config.ts';
import type { StringLiteral } from '../types/literal.ts';

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
  const { secrets } = infra();
  if (!secrets) return undefined;
  if (typeof secrets.$env === 'string') {
    const all = JSON.parse(resolveEnv({ $env: secrets.$env }, 'secrets')) as Record<string, string>;
    return all[name];
  }
  const value = (secrets as Record<string, string | { $env: string }>)[name];
  return typeof value === 'object' ? process.env[value.$env] : value;
}
