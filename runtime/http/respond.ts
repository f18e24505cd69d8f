import type { ServerResponse } from 'node:http';
import type { APIError } from '../api/error.ts';
import type { Host } from '../internal/host.ts';
import { isWritten } from '../log/logger.ts';
import log from '../log/mod.ts';
import { spans } from '../tracing/spans.ts';
import { errorBody, statusOf } from './error-body.ts';
import type { Exchange } from './exchange.ts';
import { drain } from './linger.ts';
import type { Answer } from './response.ts';

/**
 * Sends an answer at once: its head is written in one go, which takes Node a fraction of the time of header after header.
 * @throws Error when a header has a character in it that no header can have; nothing is sent then
 */
export function send(exchange: Exchange, response: ServerResponse, { status, headers, body }: Answer): void {
  // These have no content (RFC 9110, 6.4.1).
  const none = status === 204 || status === 304;
  const content = none ? undefined : body;
  const said = exchange.headers.slice();
  let typed = content === undefined;
  let measured = none;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === 'content-length' && content !== undefined) continue;
    typed ||= lower === 'content-type';
    measured ||= lower === 'content-length';
    said.push(name, value);
  }
  if (!typed) said.push('content-type', 'application/json');
  if (!measured) said.push('content-length', String(content === undefined ? 0 : Buffer.byteLength(content)));
  try {
    response.writeHead(status, said);
  } catch (error) {
    clear(response);
    throw error;
  }
  response.end(content);
}

/** Hands a response over to who writes it on their own: what is said of every answer is among its headers. */
export function handOver(exchange: Exchange, response: ServerResponse): void {
  const { headers } = exchange;
  for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at]!, headers[at + 1]!);
  exchange.headers = [];
}

/** Answers with an error, in place of whatever was about to be answered. Once that is on its way, it is cut off. */
export function sendError(exchange: Exchange, response: ServerResponse, error: APIError): void {
  if (response.writableEnded) return;
  if (response.headersSent) return void response.destroy();
  const caller = exchange.from === 'application' ? 'internal' : 'external';
  send(exchange, response, {
    status: statusOf(error.code),
    headers: [],
    body: JSON.stringify(errorBody(error, caller)),
  });
  drain(exchange.request);
}

/** Takes back what was about to be answered: a length, an encoding or a cookie would be wrong with an error. */
export function clear(response: ServerResponse): void {
  if (response.headersSent) return;
  for (const name of response.getHeaderNames()) if (!isOurs(name)) response.removeHeader(name);
  response.statusMessage = '';
}

/** Said of every answer, whatever it is. */
function isOurs(name: string): boolean {
  return ['x-encore-trace-id', 'connection', 'vary'].includes(name) || name.startsWith('access-control-');
}

export function sendHealth({ draining }: Host, exchange: Exchange, response: ServerResponse): void {
  const [status, code, message] = draining
    ? [503, 'shutting_down', 'The process is about to end.']
    : [200, 'ok', 'The process takes requests.'];
  send(exchange, response, { status, headers: [], body: JSON.stringify({ code, message, details: null }) });
}

/** One line per request. Calls within the application are of interest only when looking closer. */
export function report(exchange: Exchange, status: number, started: number, failure: APIError | undefined): void {
  spans()?.answered(exchange, status, failure);
  const { method, path, service, endpoint, trace, from } = exchange;
  const level = from === 'application' && !path.startsWith('/__fairlead/cron/') ? 'debug' : 'info';
  if (!isWritten(level)) return;
  const fields = {
    ...(service !== undefined && { service, endpoint }),
    ...{ method, path, status },
    ...outcome(exchange, failure),
    duration_ms: Math.round((performance.now() - started) * 1000) / 1000,
    trace_id: trace.traceId,
  };
  log[level]('request completed', fields);
}

/** How it ended; of a request that was passed on, another process knows. */
function outcome({ passedOn }: Exchange, failure: APIError | undefined): { code?: string } {
  if (failure) return { code: failure.code };
  return passedOn ? {} : { code: 'ok' };
}
