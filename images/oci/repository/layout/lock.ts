import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a waiter looks, in milliseconds. */
const interval = 5;

/** SQLite's number for a database that another has locked. */
const busy = 5;

/**
 * One at a time among all processes that hold the same file. The system frees it when its holder dies: it is the lock
 * that SQLite takes on an empty database. Waits until it is free, or the signal ends it.
 */
export async function holdLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  // The system says more clearly than SQLite why a file cannot be made.
  closeSync(openSync(path, 'a'));
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

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}
