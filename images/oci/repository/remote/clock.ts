import { setTimeout as sleep } from 'node:timers/promises';

/** What the client knows of time; a test brings its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends early, with the signal's reason as the error, when the signal says so. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    await sleep(milliseconds, undefined, signal && { signal }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};
