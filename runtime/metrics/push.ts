import log from '../log/mod.ts';

/** Milliseconds that a push may take. */
const patience = 10_000;

export interface Pushing {
  /** Pushes once more, so that what was counted last is not lost. */
  stop(): Promise<void>;
}

/**
 * Pushes what `request` answers every so many milliseconds, one after the other. That nobody takes it is said once, and when it is taken again;
 * nothing is kept for later, since the next push has it all.
 * @param url of a collector, without `/v1/metrics`
 */
export function pushMetrics(url: string, interval: number, request: () => Promise<object>): Pushing {
  const target = `${url.replace(/\/+$/, '')}/v1/metrics`;
  let failing = false;
  let last = Promise.resolve();
  const push = async (): Promise<void> => {
    try {
      await post(target, await request());
      if (failing) log.info('metrics are taken again', { url: target });
      failing = false;
    } catch (error) {
      if (!failing) log.warn(error as Error, 'metrics are not taken', { url: target });
      failing = true;
    }
  };
  const next = (): Promise<void> => {
    last = last.then(push);
    return last;
  };
  const timer = setInterval(() => void next(), interval);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return next();
    },
  };
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${text.slice(0, 200)}`);
  const { rejectedDataPoints, errorMessage } = partialSuccess(text);
  if (Number(rejectedDataPoints ?? 0) > 0)
    throw new Error(`the collector refused ${rejectedDataPoints}: ${errorMessage}`);
}

/** What a collector says that has taken a part; one that has taken everything may say anything. */
function partialSuccess(text: string): { rejectedDataPoints?: string | number; errorMessage?: string } {
  try {
    return (JSON.parse(text) as { partialSuccess?: object } | null)?.partialSuccess ?? {};
  } catch {
    return {};
  }
}
