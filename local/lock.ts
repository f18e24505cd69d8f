import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment, Lock } from '../pipeline/mod.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { openState, stateError } from './state.ts';

/** How often a waiter looks, in milliseconds. */
const interval = 25;

/**
 * Named locks among the processes of this machine, granted in the order of asking.
 *
 * A lock is a queue of tickets: rows with ever-growing numbers in one SQLite file. The first ticket whose process lives holds
 * it. A process that is killed leaves a ticket that no longer counts, because the system tells its number and start time
 * apart from those of any later process; so nothing has to be cleaned up, and a waiter can say whom it waits for.
 */
export class Locks {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(openState(stateDirectory).directory, 'locks.db');
    try {
      // SQLite would make it readable for everyone.
      closeSync(openSync(this.#path, 'a', 0o600));
    } catch (error) {
      throw stateError(error, this.#path);
    }
  }

  /** `waiting` is told once whom it waits for, if it has to. */
  async hold<T>(name: string, work: () => Promise<T>, waiting?: (holder: ProcessIdentity) => void): Promise<T> {
    const ticket = this.#ask(name);
    try {
      let told = false;
      for (;;) {
        const first = this.#first(name);
        if (first?.id === ticket) return await work();
        if (first && !told) waiting?.(first);
        told = true;
        await sleep(interval);
      }
    } finally {
      this.#leave(ticket);
    }
  }

  /** Takes the lock for the life of this process if it is free. */
  tryTake(name: string): boolean {
    const ticket = this.#ask(name);
    if (this.#first(name)?.id === ticket) return true;
    this.#leave(ticket);
    return false;
  }

  /** Who holds it now. */
  holder(name: string): ProcessIdentity | undefined {
    const first = this.#first(name);
    return first && { pid: first.pid, started: first.started };
  }

  /** The names of all locks that a process holds or waits for. */
  heldBy({ pid, started }: ProcessIdentity): string[] {
    return this.#open((database) => {
      const rows = database.prepare('SELECT name FROM tickets WHERE pid = ? AND started = ?').all(pid, started);
      return (rows as unknown as { name: string }[]).map(({ name }) => name);
    });
  }

  #ask(name: string): number {
    const self = identify(process.pid)!;
    return this.#open((database) =>
      Number(
        database.prepare('INSERT INTO tickets (name, pid, started) VALUES (?, ?, ?)').run(name, self.pid, self.started)
          .lastInsertRowid,
      ),
    );
  }

  #first(name: string): (ProcessIdentity & { id: number }) | undefined {
    return this.#open((database) => {
      const rows = database.prepare('SELECT id, pid, started FROM tickets WHERE name = ? ORDER BY id').all(name);
      const tickets = rows as unknown as (ProcessIdentity & { id: number })[];
      const first = tickets.find(isAlive);
      const dead = tickets.slice(0, first ? tickets.indexOf(first) : tickets.length);
      for (const { id } of dead) database.prepare('DELETE FROM tickets WHERE id = ?').run(id);
      return first;
    });
  }

  #leave(ticket: number): void {
    this.#open((database) => database.prepare('DELETE FROM tickets WHERE id = ?').run(ticket));
  }

  /** Opened for each look: a connection held open would outlive a state directory that is removed. */
  #open<T>(work: (database: DatabaseSync) => T): T {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(this.#path, { timeout: 10_000 });
      database.exec(
        'CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL)',
      );
      return work(database);
    } catch (error) {
      throw stateError(sqliteError(error), this.#path);
    } finally {
      database?.close();
    }
  }
}

/** One at a time per environment, among all processes of this machine. */
export function createLocalLock(stateDirectory: string, waiting?: (message: string) => void): Lock {
  const locks = new Locks(stateDirectory);
  return {
    hold: (environment, work) =>
      locks.hold(lockName('environment', environment), work, ({ pid }) =>
        waiting?.(`Waiting for process ${pid}, which works on ${environment.application}/${environment.name}`),
      ),
  };
}

export function lockName(
  purpose: 'environment' | 'supervisor',
  { application, name }: Pick<Environment, 'application' | 'name'>,
): string {
  return JSON.stringify([purpose, application, name]);
}

/** SQLite's result codes for a full disk and a file that may not be written, in the words of the file system. */
function sqliteError(error: unknown): unknown {
  const codes: Record<number, string> = { 13: 'ENOSPC', 14: 'EACCES', 8: 'EROFS' };
  const result = (error as { errcode?: number }).errcode;
  const code = result === undefined ? undefined : codes[result & 0xff];
  return code ? Object.assign(error as Error, { code }) : error;
}
