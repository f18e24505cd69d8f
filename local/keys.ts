import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type State, stateError, writeFileAtomically } from './state.ts';

/** Derives a secret for a purpose; the same purpose always gives the same 43 characters, safe in URLs. */
export type Keys = (...purpose: string[]) => string;

/** The machine's master key: made once, kept in a file that only the user may read, the root of every derived secret. */
export function openKeys(state: State): Keys {
  const path = join(state.directory, 'master.key');
  if (!existsSync(path)) create(path);
  try {
    return keysFrom(readFileSync(path, 'utf8').trim());
  } catch (error) {
    throw stateError(error, path);
  }
}

export function keysFrom(master: string): Keys {
  return (...purpose) => createHmac('sha256', master).update(JSON.stringify(purpose)).digest('base64url');
}

/** Of two processes that do this at once, the first wins and both read the same key. */
function create(path: string): void {
  const candidate = `${path}.${process.pid}.new`;
  writeFileAtomically(candidate, `${randomBytes(32).toString('hex')}\n`);
  try {
    linkSync(candidate, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw stateError(error, path);
  } finally {
    rmSync(candidate, { force: true });
  }
}
