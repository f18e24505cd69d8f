import { setTimeout as sleep } from 'node:timers/promises';

/** How often an upload is tried that another one got in the way of. */
const attempts = 5;

/** Milliseconds before it is tried again, about twice as long each time. */
const pause = 50;

/** Asks again when S3 says that another request for the same object got in the way. @throws AbortError when the signal ends a pause */
export async function again<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (statusOf(error) !== 409 || attempt === attempts) throw error;
    }
    await sleep(pause * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, signal && { signal });
  }
}

/** The HTTP status of an answer that is an error. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
