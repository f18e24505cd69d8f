import type { ServerResponse } from 'node:http';
import { APIError } from '../api/error.ts';
import { answerQuestion, authRoute } from '../internal/authenticate.ts';
import { answerCall, callRoute } from '../internal/calls.ts';
import type { Host, Hosted } from '../internal/host.ts';
import type { Caller } from '../internal/invoke.ts';
import { spans } from '../tracing/spans.ts';
import { errorBody, toApiError } from './error-body.ts';
import type { Exchange } from './exchange.ts';
import { readSigned } from './request.ts';
import { send } from './respond.ts';

/** Whether a request is for what only processes of the application, and the target that runs them, may ask for. */
export function isInternal({ from, path }: Exchange): boolean {
  return from === 'application' && path.startsWith('/__fairlead/');
}

/** Answers a call, a question of the gateway, or the wake of a cron job. */
export async function answerInternal(host: Host, exchange: Exchange, response: ServerResponse): Promise<void> {
  const { method, path, trace } = exchange;
  if (method !== 'POST') throw APIError.notFound('endpoint not found');
  const body = (await readSigned(exchange, null)).toString('utf8');
  const caller = { ...exchange.call, trace };
  if (path === authRoute) return answer(exchange, response, await answerQuestion(host, body, trace));
  const [, , kind, first = '', second = ''] = path.split('/').map(decodeURIComponent);
  const job = kind === 'cron' ? host.manifest.cronJobs.find(({ name }) => name === first) : undefined;
  const name = job ? `${job.service}.${job.endpoint}` : path.startsWith(callRoute) ? `${first}.${second}` : '';
  const hosted = host.endpoints.get(name);
  if (!hosted) throw APIError.notFound('endpoint not found');
  Object.assign(exchange, { service: hosted.service, endpoint: hosted.endpoint.name, route: hosted.endpoint });
  if (job) return runJob(host, hosted, caller, exchange, response);
  answer(exchange, response, await answerCall(host, hosted, body, caller));
}

function answer(exchange: Exchange, response: ServerResponse, body: string): void {
  send(exchange, response, { status: 200, headers: [], ...(body !== '' && { body }) });
}

/** A scheduler asks whether the job succeeded, not what the endpoint would have told a caller. */
async function runJob(
  host: Host,
  hosted: Hosted,
  caller: Caller,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  try {
    await answerCall(host, hosted, '', caller);
    answer(exchange, response, '');
  } catch (error) {
    spans()?.failed(caller.trace, error, hosted.endpoint.sensitive);
    const body = JSON.stringify(errorBody(toApiError(error), 'internal'));
    send(exchange, response, { status: 500, headers: [], body });
  }
}
