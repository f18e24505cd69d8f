import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../../../files.ts';

/** How often a waiter looks, in milliseconds. */
const interval = 5;

/** SQLite's number for a database that another has locked. */
const busy = 5;

/**
 * One at a time among all processes that hold the same file. The system frees it when its holder dies: it is the lock
 * that SQLite takes on an empty database. Waits until it is free, or the signal ends it.
 */
export async function holdLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  make(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    while (!tryLock(database)) await sleep(interval, undefined, signal && { signal });
    return await work();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    database.close();
  }
}

/**
 * The system says more clearly than SQLite why a file cannot be made. One that is there is left alone: closing it
 * would free the lock if another part of this process held it.
 */
function make(path: string): void {
  try {
    closeSync(openSync(path, 'ax'));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}
