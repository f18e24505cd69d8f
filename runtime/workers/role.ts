/** Which worker of a process this one is. */
export interface WorkerRole {
  /** From 0. A worker that takes the place of another has its index. */
  index: number;
  /** How many there are. */
  count: number;
}

/** What tells a worker its role: `<index>/<count>`. */
export const roleVariable = 'FAIRLEAD_WORKER';

let known: WorkerRole | undefined;

/** Undefined in a process that has no workers, and in the one that leads them. */
export function workerRole(): WorkerRole | undefined {
  const text = process.env[roleVariable];
  if (text === undefined || process.send === undefined) return known;
  // A program that the application starts is no worker.
  delete process.env[roleVariable];
  const [index = 0, count = 1] = text.split('/').map(Number);
  known = { index, count };
  return known;
}

/** The part of a whole number that falls to a worker: the parts of all workers make up the whole. */
export function shareOf(total: number, { index, count }: WorkerRole): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
