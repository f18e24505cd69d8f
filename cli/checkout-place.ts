import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, sep } from 'node:path';
import { UserError } from '../analyzer/diagnostic.ts';
import { identify } from '../local/process-identity.ts';
import { defaultCacheDirectory } from './directories.ts';

/**
 * A new directory for one checkout, below the cache directory: packages are looked for in every directory upwards, and below the system's
 * temporary directory anybody could put some. What processes that are gone have left there is removed.
 * @param cache the cache directory; without one, the directory of a checkout is below the default one
 * @returns absolute, without links; always as deep in the same cache directory
 * @throws UserError FL5016 when there can be none
 */
export function makePlace(cache?: string): string {
  const checkouts = checkoutsIn(cache ?? defaultCacheDirectory()) ?? checkoutsIn(defaultCacheDirectory());
  if (checkouts === undefined) {
    throw placeError('the cache directory is among the packages of node_modules', 'Name another one with --cache-dir.');
  }
  removeLeftOver(checkouts);
  return mkdtempSync(join(checkouts, `${nameOf(process.pid)}-`));
}

/** Undefined in `node_modules`, where sources are taken for those of packages. */
function checkoutsIn(cache: string): string | undefined {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const real = realpathSync(cache);
    if (real.split(sep).includes('node_modules')) return undefined;
    const path = join(real, 'checkouts');
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (isOwn(path)) return path;
  } catch (error) {
    const { message } = error as Error;
    throw placeError(
      `there is no directory for the sources of a revision: ${message}`,
      'Name a directory that you may write to with --cache-dir.',
    );
  }
  throw placeError(
    `others may write to ${join(cache, 'checkouts')}`,
    'Remove it, or name another cache directory with --cache-dir.',
  );
}

function isOwn(path: string): boolean {
  const status = lstatSync(path);
  const user = process.getuid?.();
  if (!status.isDirectory()) return false;
  return user === undefined || (status.uid === user && (status.mode & 0o022) === 0);
}

const day = 24 * 3600 * 1000;

/** Of another machine or container that shares the directory, nobody here knows which processes are gone: only what is a day old. */
function removeLeftOver(checkouts: string): void {
  for (const name of readdirSync(checkouts)) {
    const path = join(checkouts, name);
    const [machine, pid, started] = name.split('-');
    const isHere = machine === thisMachine();
    try {
      const isLeft = isHere
        ? nameOf(Number(pid)) !== [machine, pid, started].join('-')
        : Date.now() - lstatSync(path).mtimeMs > day;
      if (isLeft) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it too, or it is not to be removed: no reason to compare nothing.
    }
  }
}

/** Names a process, and no later one with the same number. */
function nameOf(pid: number): string {
  return [thisMachine(), pid, short(identify(pid)?.started ?? '')].join('-');
}

/** Numbers of processes mean something within it: the machine, and the container. */
function thisMachine(): string {
  return short(`${hostname()} ${process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : ''}`);
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function placeError(message: string, help: string): UserError {
  return new UserError({ code: 'FL5016', severity: 'error', message, help });
}
