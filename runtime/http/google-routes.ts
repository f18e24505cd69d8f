import type { ServerResponse } from 'node:http';
import { APIError } from '../api/error.ts';
import type { Host } from '../internal/host.ts';
import { pushReceiver } from '../pubsub/push.ts';
import type { GoogleCron } from '../wire.ts';
import type { Exchange } from './exchange.ts';

const [pushRoute, cronRoute] = ['/__encore/pubsub/push/', '/__fairlead/cron/'];

/** Whether a request from outside is for what only Google may ask for. */
export function isForGoogle(host: Host, { from, path }: Exchange): boolean {
  if (from === 'application') return false;
  return path.startsWith(pushRoute) || (path.startsWith(cronRoute) && cronOf(host) !== undefined);
}

/** Answers a message or the wake of a cron job. What tells who asks is loaded only when there is something to ask for. */
export async function answerGoogle(host: Host, exchange: Exchange, response: ServerResponse): Promise<void> {
  const { method, path } = exchange;
  const cron = path.startsWith(cronRoute) ? cronOf(host) : undefined;
  const receiver = cron ? undefined : pushReceiver(path.slice(pushRoute.length));
  if (method !== 'POST' || !(cron || receiver)) throw APIError.notFound('endpoint not found');
  if (cron) return (await import('../cron/google.ts')).answerWake(host, cron, exchange, response);
  if (receiver) return (await import('../pubsub/google-push.ts')).answerPush(receiver, exchange, response);
}

/** A process without cron jobs has nothing to run, and not what it takes. */
function cronOf({ config, manifest }: Host): GoogleCron | undefined {
  const { cron } = config.fairlead ?? {};
  return cron?.type === 'google_http' && manifest.cronJobs.length > 0 ? cron : undefined;
}
