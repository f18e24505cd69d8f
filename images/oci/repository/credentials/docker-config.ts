import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../content.ts';
import { repositoryError } from '../errors.ts';
import type { Credential, Credentials } from './credential.ts';
import { askHelper } from './helper.ts';

export interface DockerConfigOptions {
  /** DOCKER_CONFIG names the directory; PATH is where helpers are looked for. They run in this environment. */
  env: Record<string, string | undefined>;
  /** The user's home directory, in which `.docker` is the default. */
  home: string;
}

interface DockerConfig {
  auths?: Record<
    string,
    { auth?: string; username?: string; password?: string; identitytoken?: string; registrytoken?: string }
  >;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** What `docker login` left: in a helper, or in the file itself. Nothing is kept, so that a new sign-in counts at once. */
export function dockerCredentials({ env, home }: DockerConfigOptions): Credentials {
  const path = join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json');
  return async (registry) => {
    const config = await readConfig(path);
    if (!config) return undefined;
    const names = serverNames(registry);
    const helper = names.map((name) => config.credHelpers?.[name]).find(isText);
    if (helper !== undefined) return askHelper(helper, names[0]!, env);
    const stored = isText(config.credsStore) ? await askHelper(config.credsStore, names[0]!, env) : undefined;
    return stored ?? fromFile(config, names, path);
  };
}

/** Docker's own registry is known by an address that nobody writes. */
const hub = 'https://index.docker.io/v1/';

/** The names a registry may have in the file, the most usual first. */
function serverNames(registry: string): string[] {
  if (registry === 'docker.io') return [hub, registry, 'index.docker.io'];
  return [
    registry,
    `https://${registry}`,
    `https://${registry}/`,
    `https://${registry}/v1/`,
    `https://${registry}/v2/`,
    `http://${registry}`,
    `http://${registry}/`,
  ];
}

function fromFile({ auths }: DockerConfig, names: readonly string[], path: string): Credential | undefined {
  const entry = names.map((name) => auths?.[name]).find((entry) => entry !== undefined);
  if (!entry) return undefined;
  if (isText(entry.identitytoken)) return { identityToken: entry.identitytoken };
  if (isText(entry.registrytoken)) return { registryToken: entry.registrytoken };
  if (isText(entry.username) && isText(entry.password)) return { username: entry.username, password: entry.password };
  if (!isText(entry.auth)) return undefined;
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(entry.auth, 'base64').toString('utf8')) ?? [];
  if (username === undefined || password === undefined)
    throw broken(path, `the entry of ${names[0]} is not a user and a password`);
  return { username, password: password.replace(/\0+$/, '') };
}

async function readConfig(path: string): Promise<DockerConfig | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw broken(path, `it cannot be read (${code})`);
  }
  const config = parseJson(bytes);
  if (typeof config !== 'object' || config === null) throw broken(path, 'it is not a JSON object');
  return config;
}

function broken(path: string, why: string): Error {
  return repositoryError(
    'FL2210',
    `the credentials in ${path} cannot be used: ${why}`,
    'Mend the file, or sign in anew with docker login.',
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
