import type { Environment } from '../pipeline/mod.ts';
import { Locks } from './lock.ts';

/** A process that follows the sources of an environment. */
export interface Run {
  pid: number;
  /** Whose sources; absent while it only starts or ends. */
  directory?: string;
}

/**
 * Says that this process alone follows the sources of an environment, in a directory, for as long as it lives. Returns the one
 * that already does.
 */
export function claimRun(
  stateDirectory: string,
  { application, name }: Environment,
  directory: string,
): Run | undefined {
  const locks = new Locks(stateDirectory);
  const lock = JSON.stringify(['run', application, name]);
  const within = `${lock.slice(0, -1)},`;
  // First, so that whoever finds the other lock taken finds this one, too.
  locks.tryTake(`${within}${JSON.stringify(directory)}]`);
  while (!locks.tryTake(lock)) {
    const holder = locks.holder(lock);
    if (!holder) continue;
    const named = locks.heldBy(holder).find((held) => held.startsWith(within));
    return { pid: holder.pid, ...(named !== undefined && { directory: JSON.parse(named)[3] }) };
  }
  return undefined;
}
