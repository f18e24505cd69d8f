import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import { fileName } from './names.ts';

/** Rises when a former version of Fairlead would misread what this one writes. */
const version = 1;

/** The paths under the state directory. Names of applications and environments become harmless file names. */
export interface State {
  directory: string;
  postgres: string;
  apps: string;
  /** An OCI image layout with an application's images and releases. */
  store(application: string): string;
  application(name: string): string;
  environment(environment: Pick<Environment, 'application' | 'name'>): string;
}

/** The paths alone: nothing is read, nothing is made. */
export function pathsOf(directory: string): State {
  const apps = join(directory, 'apps');
  const application = (name: string) => join(apps, fileName(name));
  return {
    directory,
    postgres: join(directory, 'postgres'),
    apps,
    store: (name) => join(directory, 'store', fileName(name)),
    application,
    environment: (environment) =>
      join(application(environment.application), 'environments', fileName(environment.name)),
  };
}

/**
 * Opens the state directory, making it where it is missing.
 * @throws UserError FL4001 when a newer Fairlead wrote it; FL4002 and FL4003 when it cannot be written
 */
export function openState(directory: string): State {
  const written = readJson<{ version: number }>(join(directory, 'version.json'), { version: 'number' });
  if (written && written.version > version) throw newer(directory, written.version);
  makePassable(directory);
  if (!written) writeJson(join(directory, 'version.json'), { version });
  return pathsOf(directory);
}

/** The type of each field that a file must have. */
export type Shape = Record<string, 'number' | 'string' | 'object'>;

/**
 * Undefined when the file is not there.
 * @throws UserError FL4004 when it is not JSON, or not of this shape
 */
export function readJson<T>(path: string, shape: Shape): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(path, error.message);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw stateError(error, path);
  }
  if (!isObject(value)) throw damaged(path, 'it does not hold what was written there');
  for (const [key, type] of Object.entries(shape)) {
    const field = value[key];
    if (type === 'object' ? !isObject(field) : typeof field !== type)
      throw damaged(path, `${key} is not as it was written`);
  }
  return value as T;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** All or nothing: a crash or a full disk leaves the former content. Only the user may read it. */
export function writeJson(path: string, value: unknown): void {
  writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}

export function writeFileAtomically(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw stateError(error, path);
  }
}

/** With its parents, and for this user alone. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw stateError(error, path);
  }
}

/** As root, PostgreSQL runs as another user, who must be able to pass through to what is its own, and to nothing else. */
function makePassable(directory: string): void {
  try {
    mkdirSync(dirname(directory), { recursive: true });
    mkdirSync(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    for (const child of [join(directory, 'apps'), join(directory, 'store')]) {
      mkdirSync(child, { recursive: true });
      chmodSync(child, 0o700);
    }
  } catch (error) {
    throw stateError(error, directory);
  }
}

/** Turns what the file system says into what a user can mend; anything else comes back as it is. */
export function stateError(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError(
        {
          code: 'FL4002',
          severity: 'error',
          message: `the disk is full: ${path} could not be written`,
          help: 'Free some space on that disk, or name another state directory with FAIRLEAD_STATE_DIR, and run the command again.',
        },
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new UserError(
        {
          code: 'FL4003',
          severity: 'error',
          message: `${path} cannot be used: ${(error as Error).message}`,
          help: 'Make the state directory readable and writable for this user, or name another one with FAIRLEAD_STATE_DIR.',
        },
        { cause: error },
      );
    default:
      return error;
  }
}

function newer(directory: string, found: number): UserError {
  return new UserError({
    code: 'FL4001',
    severity: 'error',
    message: `${directory} was written by a newer Fairlead (format ${found}; this one knows ${version})`,
    help: 'Update Fairlead, or name another state directory with FAIRLEAD_STATE_DIR.',
  });
}

function damaged(path: string, why: string): UserError {
  return new UserError({
    code: 'FL4004',
    severity: 'error',
    message: `${path} is damaged: ${why}`,
    help: 'Restore the file from a backup, or remove it when you can do without what it held.',
  });
}
