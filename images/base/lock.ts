import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '../../analyzer/regular-file.ts';
import type { Digest } from '../../pipeline/mod.ts';
import { isMissing } from '../files.ts';
import { baseError } from './errors.ts';
import { validate } from './lock.validate.gen.js';

/** What `fairlead.lock.json` says. */
export interface Lock {
  version: 1;
  base: {
    /** The full name, with a tag. */
    image: string;
    digest: Digest;
  };
}

/** Beside `fairlead.json`. */
export const lockFile = 'fairlead.lock.json';

/** Undefined when the application has none. @throws UserError FL2502 when it is not as it should be */
export async function readLock(root: string): Promise<Lock | undefined> {
  try {
    return parseLock(readRegularFile(join(root, lockFile)).toString('utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** All of it or nothing, so that no reader finds half a file. */
export async function writeLock(root: string, lock: Lock): Promise<void> {
  const path = join(root, lockFile);
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, renderLock(lock));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The same text for the same lock, with its names in alphabetical order. */
export function renderLock({ version, base: { digest, image } }: Lock): string {
  return `${JSON.stringify({ base: { digest, image }, version }, null, 2)}\n`;
}

/** @throws UserError FL2502 */
export function parseLock(text: string): Lock {
  const value = parseJson(text);
  if (validate(value)) return value as Lock;
  const [error] = validate.errors ?? [];
  throw wrong(`${error?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${error?.message ?? 'is wrong'}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(/^(<{7}|>{7}) /m.test(text) ? 'it has the marks of a merge that is not resolved' : 'it is not JSON');
  }
}

function wrong(how: string): Error {
  return baseError(
    'FL2502',
    `${lockFile} is not as it was written: ${how}`,
    'Take it from version control again, or remove it and run "fairlead images update".',
  );
}
