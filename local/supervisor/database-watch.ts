import { setTimeout as sleep } from 'node:timers/promises';
import { openKeys } from '../keys.ts';
import { Locks } from '../lock.ts';
import { ensureServer, hasData, isServerRunning } from '../postgres/server.ts';
import type { State } from '../state.ts';

/** Milliseconds between two looks, and the longest pause after attempts that failed. */
const interval = 1_000;
const longestPause = 30_000;

/**
 * Brings the PostgreSQL server back when it has ended while `needed` says that somebody uses it. It belongs to all environments:
 * of several supervisors that notice, the first one starts it and the others find it. Data that is gone is not made anew.
 */
export async function watchServer(state: State, needed: () => boolean): Promise<never> {
  for (let pause = interval; ; await sleep(pause)) {
    try {
      if (needed() && hasData(state) && !isServerRunning(state)) {
        console.error(`${new Date().toISOString()} PostgreSQL has ended and is started again`);
        await ensureServer(state, openKeys(state), new Locks(state.directory));
      }
      pause = interval;
    } catch (error) {
      console.error(`${new Date().toISOString()} PostgreSQL could not be started again: ${(error as Error).message}`);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}
