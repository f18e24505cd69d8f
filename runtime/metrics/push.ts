import log from '../log/mod.ts';

/** Milliseconds that a push may take. */
const patience = 10_000;

export interface Pushing {
  /** Pushes once more, so that what was counted last is not lost. */
  stop(): Promise<void>;
}

/**
 * Pushes every so many milliseconds, one after the other. That nobody takes it is said once, and when it is taken again; nothing is kept
 * for later, since the next push has it all.
 * @param url for the log
 */
export function pushEvery(interval: number, url: string, push: () => Promise<void>): Pushing {
  let failing = false;
  let last = Promise.resolve();
  let busy = false;
  const attempt = async (): Promise<void> => {
    busy = true;
    try {
      await push();
      if (failing) log.info('metrics are taken again', { url });
      failing = false;
    } catch (error) {
      if (!failing) log.warn(error as Error, 'metrics are not taken', { url });
      failing = true;
    } finally {
      busy = false;
    }
  };
  const next = (): Promise<void> => {
    last = last.then(attempt);
    return last;
  };
  // While the last one is under way none is begun: at the end they would all have to be waited for.
  const timer = setInterval(() => void (busy || next()), interval);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return next();
    },
  };
}

/** Sends a body to whoever collects metrics. @returns the answer. @throws Error with its beginning when it is no success */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${text.slice(0, 200)}`);
  return text;
}
