import type { ServerResponse } from 'node:http';
import { APIError } from '../api/error.ts';
import { isCalledBy } from '../google/caller.ts';
import type { Exchange } from '../http/exchange.ts';
import { send } from '../http/respond.ts';
import type { Host } from '../internal/host.ts';
import type { CronWake, GoogleCron } from '../wire.ts';
import { type Ended, report, runJob } from './run.ts';

/** The runs that are under way: a scheduler may send one of them twice. */
const running = new Map<string, Promise<Ended>>();

/**
 * Runs a cron job that Cloud Scheduler calls, and answers with the status that its endpoint would have answered with.
 * @throws APIError `unauthenticated` without a token of the scheduler's service account, and `not_found`
 */
export async function answerWake(
  host: Host,
  { service_account: email, audience }: GoogleCron,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  const { request, path, trace } = exchange;
  if (!(await isCalledBy(request.headers.authorization, { email, audience })))
    throw APIError.unauthenticated('only Google wakes cron jobs here, with a token of the service account');
  const cron_job = jobIn(path);
  if (!host.manifest.cronJobs.some(({ name }) => name === cron_job)) throw APIError.notFound('endpoint not found');
  const wake = { cron_job, run: request.headers['x-cloudscheduler-scheduletime']?.toString() ?? trace.traceId };
  send(exchange, response, { status: await once(host, wake), headers: [] });
}

function jobIn(path: string): string {
  try {
    return decodeURIComponent(path.split('/')[3] ?? '');
  } catch {
    // No name is written so.
    return '';
  }
}

/** @returns the status */
function once(host: Host, wake: CronWake): Promise<number> {
  const key = JSON.stringify([wake.cron_job, wake.run]);
  const known = running.get(key);
  if (known) return known.then(({ status }) => status);
  const run = runJob(host, wake).finally(() => running.delete(key));
  running.set(key, run);
  return run.then((ended) => {
    report(wake, ended);
    return ended.status;
  });
}
