import type { Environment } from '../pipeline/mod.ts';
import { Locks } from './lock.ts';

/**
 * Says that this process alone follows the sources of an environment, for as long as it lives. Returns the number of the
 * process that already does.
 */
export function claimRun(stateDirectory: string, { application, name }: Environment): number | undefined {
  const locks = new Locks(stateDirectory);
  const lock = JSON.stringify(['run', application, name]);
  while (!locks.tryTake(lock)) {
    const holder = locks.holder(lock);
    if (holder) return holder.pid;
  }
  return undefined;
}
