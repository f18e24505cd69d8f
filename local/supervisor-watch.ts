import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../pipeline/mod.ts';
import { readRecord } from './environments.ts';
import { createLocalLock, Locks } from './lock.ts';
import { openState } from './state.ts';
import { findSupervisor } from './supervisor/client.ts';

/** How often is looked whether it lives, in milliseconds. */
const interval = 500;

export interface SupervisorWatch {
  /** Says that the environment answers, so that its supervisor has to be there from now on. */
  answers(): void;
  /** Resolves after the signal. */
  ended: Promise<void>;
}

/**
 * Calls `lost` when an environment that answers has no supervisor any more: it was killed, by the system or by hand. Until `answers` is
 * said again nothing else is lost. Who replaces the supervisor loses nothing, and of an environment that was destroyed `gone` is called.
 */
export function watchSupervisor(
  stateDirectory: string,
  environment: Environment,
  { signal, lost, gone }: { signal: AbortSignal; lost: () => void; gone: () => void },
): SupervisorWatch {
  const state = openState(stateDirectory);
  const locks = new Locks(stateDirectory);
  const lock = createLocalLock(stateDirectory);
  const isThere = () => findSupervisor(state, locks, environment) !== undefined;
  let expected = false;
  const follow = async () => {
    while (!signal.aborted) {
      // Rejects only when the signal ends the wait, which the loop's condition then sees.
      await sleep(interval, undefined, { signal }).catch(() => {});
      if (signal.aborted || !expected || isThere()) continue;
      // Whoever stops it on purpose holds the lock until it is done.
      await lock.hold(environment, async () => {
        if (signal.aborted || isThere()) return;
        expected = false;
        const record = readRecord(state, environment);
        if (record && record.pending !== 'destroy') lost();
        else gone();
      });
    }
  };
  const ended = follow();
  // Thrown where it is awaited.
  ended.catch(() => {});
  return {
    answers: () => {
      expected = true;
    },
    ended,
  };
}
