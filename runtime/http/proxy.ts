import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { APIError } from '../api/error.ts';
import { locate, openRequest } from '../internal/calls.ts';
import { type Host, keysOf } from '../internal/host.ts';
import type { TraceData } from '../request.ts';
import { traceparent } from '../trace.ts';
import { drain } from './linger.ts';
import { sign, signatureHeader } from './signature.ts';

/** Meant for one connection alone (RFC 9110, 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Passes a request from outside on to the process of a service, as one from outside: what is private stays private.
 * @throws APIError `unavailable` when that process does not answer; the response is then still unsent
 */
export async function proxy(
  host: Host,
  service: string,
  request: IncomingMessage,
  response: ServerResponse,
  trace: TraceData,
): Promise<void> {
  const method = request.method ?? 'GET';
  const { base, path } = locate(host, service, request.url ?? '/');
  const signed = { method, path, origin: 'external' as const, bodyHash: 'stream' };
  const upstream = openRequest(base, path, {
    method,
    headers: {
      ...forwarded(request),
      host: base.host,
      traceparent: traceparent(trace),
      [signatureHeader]: sign(signed, keysOf(host.config, service)),
    },
  });
  response.once('close', () => upstream.destroy());
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    // Once there is an answer it alone counts: it may come before all of the request has been taken, or wanted.
    upstream.once('response', resolve).on('error', reject);
    // Not a pipeline, which closes the connection of the request when the service wants no more of it.
    request.pipe(upstream);
  }).catch((error: Error) => {
    throw APIError.unavailable(`service ${service} is unavailable`, error);
  });
  response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
  await pipeline(answer, response);
  request.unpipe(upstream);
  drain(request);
}

function forwarded({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const before = headers['x-forwarded-for'];
  const chain = [...(before ? [before].flat() : []), socket.remoteAddress].filter(Boolean).join(', ');
  return {
    ...withoutHopByHop(headers),
    ...(headers['transfer-encoding'] && { 'transfer-encoding': headers['transfer-encoding'] }),
    'x-forwarded-for': chain,
    'x-forwarded-host': headers['x-forwarded-host'] ?? headers.host,
    'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
  };
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...hopByHop, ...named]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
