import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../test/fakes/aws/model.ts';

/** Virtual milliseconds: how exactly times are known. */
const step = 250;

/** Milliseconds on the wall in which nothing may be left to do. */
const pause = 1;

/**
 * Does the work, and moves a clock that stands still whenever everybody waits for it: nothing of the work takes virtual time but what it
 * sleeps for. Whoever works must be in this process.
 */
export async function drive<T>(clock: Clock, work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const begin = clock.now();
  let milliseconds: number | undefined;
  const working = work().finally(() => {
    milliseconds = clock.now() - begin;
  });
  // Its failure is thrown below.
  working.catch(() => undefined);
  while (milliseconds === undefined) {
    await idle();
    if (milliseconds === undefined) await clock.advance(step);
  }
  return { result: await working, milliseconds };
}

/** Until the event loop had nothing to do twice in a row, and nothing is read, looked up, connected or written for it. */
async function idle(): Promise<void> {
  for (let times = 0; times < 2; ) {
    const before = performance.eventLoopUtilization();
    await sleep(pause);
    const { idle: rested } = performance.eventLoopUtilization(before);
    const busy = process.getActiveResourcesInfo().some((kind) => /Req|ConnectWrap|WriteWrap/.test(kind));
    times = rested >= pause / 2 && !busy ? times + 1 : 0;
  }
}
