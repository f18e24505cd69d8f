import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { APIError } from '../api/error.ts';
import type { Host } from '../internal/host.ts';
import type { Caller } from '../internal/invoke.ts';
import { isStale, locate, openRequest, signedHeaders } from '../internal/processes.ts';
import log from '../log/mod.ts';
import { traceparent } from '../trace.ts';
import { away } from './error-body.ts';
import type { Exchange } from './exchange.ts';
import { drain } from './linger.ts';
import { handOver } from './respond.ts';

/**
 * Meant for one connection alone (RFC 9110, 7.6.1), or said anew by whoever passes a message on: how its body is framed must not
 * depend on what a client says of connections.
 */
const notPassedOn = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
];

/**
 * Passes a request from outside on to the process of a service, as one from outside: what is private stays private.
 * @throws APIError `unavailable` when that process does not answer; the response is then still unsent
 */
export async function proxy(
  host: Host,
  { service }: { service: string },
  { caller }: { caller: Caller },
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  exchange.passedOn = true;
  const { request, method } = exchange;
  // Of a client that is gone already nothing more is heard, neither the rest of its body nor that it has gone.
  if (response.closed) throw APIError.canceled('the client has gone');
  handOver(exchange, response);
  const { base, path } = locate(host, service, request.url ?? '/');
  const signed = { method, path, origin: 'external' as const, bodyHash: 'stream' };
  const open = () =>
    openRequest(base, path, {
      method,
      headers: {
        ...passedOn(request.headers),
        ...framing(request.headers),
        host: base.host,
        traceparent: traceparent(caller.trace),
        ...signedHeaders(host, service, signed, caller),
      },
    });
  const answer = await ask(open, request, response).catch((error: Error) => {
    if (response.closed) throw APIError.canceled('the client has gone', error);
    log.warn(error, 'a service cannot be reached', { service });
    throw APIError.unavailable(away);
  });
  const { vary, ...headers } = passedOn(answer.headers);
  if (vary !== undefined) response.appendHeader('vary', vary);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, { ...headers, ...lengthOf(answer.headers) });
  // Of an answer that goes on for long, such as events, the head may be all there is for a while.
  setImmediate(() => response.flushHeaders());
  await pipeline(answer, response);
  request.unpipe();
  drain(request);
}

/** Those that may be carried out twice (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * Sends the request; once more on a new connection, when a kept one turned out to be closed: whether the service has begun to carry it
 * out nobody knows. One with a body is not there to be sent again.
 */
async function ask(
  open: () => ReturnType<typeof openRequest>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<IncomingMessage> {
  const bodiless = Object.keys(framing(request.headers)).length === 0;
  for (let attempt = 1; ; attempt++) {
    const upstream = open();
    response.once('close', () => upstream.destroy());
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        // Once there is an answer it alone counts: it may come before all of the request has been taken, or wanted.
        upstream.once('response', resolve).on('error', reject);
        if (bodiless) upstream.end();
        else {
          // Not a pipeline, which closes the connection of the request when the service wants no more of it.
          request.pipe(upstream);
          // The head waits for a first part of the body, which may come late, or after the answer.
          setImmediate(() => upstream.flushHeaders());
        }
      });
    } catch (error) {
      const repeatable = bodiless && idempotent.has(request.method ?? '');
      if (!repeatable || attempt > 1 || !isStale(upstream, error)) throw error;
    }
  }
}

/** As the request was framed when it came in; without either there is no body. */
function framing(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers['transfer-encoding'] === undefined ? lengthOf(headers) : { 'transfer-encoding': 'chunked' };
}

function lengthOf({ 'content-length': length }: IncomingHttpHeaders): IncomingHttpHeaders {
  return length === undefined ? {} : { 'content-length': length };
}

/** What of the headers of a message is passed on with it. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  // A client cannot take back what the gateway says of it.
  const dropped = new Set([...notPassedOn, ...named.filter((name) => !name.startsWith('x-forwarded-'))]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
