import type { IncomingMessage } from 'node:http';
import { type Host, keysOf } from '../internal/host.ts';
import type { CallMeta } from '../internal/invoke.ts';
import type { TraceData } from '../request.ts';
import { startSpan } from '../trace.ts';
import type { SignedCall } from '../wire.ts';
import { callHeader, readCall, signatureHeader, verify } from './signature.ts';

/** A request on its way through this process. */
export interface Exchange {
  request: IncomingMessage;
  method: string;
  path: string;
  /** The query string, without its question mark. */
  search: string;
  trace: TraceData;
  /** What is said of every answer, whatever it is: name, value, name, value. Empty once the response has it. */
  headers: string[];
  /** Who asks: a process of the application, someone outside through another process's gateway, or someone outside. */
  from: 'application' | 'gateway' | 'outside';
  /** What a process of the application said besides the request. */
  call: SignedCall;
  /** The hash that the signature vouches for; absent when the body is not vouched for. */
  bodyHash: string | undefined;
  /** For the line in the log. */
  service: string | undefined;
  endpoint: string | undefined;
  /** For the trace: the endpoint that the request is for. */
  route: { path: string; sensitive?: boolean } | undefined;
  passedOn: boolean;
}

/** Reads who sends a request. Headers that only processes of the application may send each other are gone afterwards. */
export function openExchange(host: Host, request: IncomingMessage): Exchange {
  const { method = 'GET', url = '/', headers } = request;
  const query = url.indexOf('?');
  const { signed, call } = readSigner(host, request);
  if (hasReserved(headers)) dropReserved(request);
  const from = !signed ? 'outside' : signed.origin === 'internal' ? 'application' : 'gateway';
  if (from === 'outside') addForwarded(request);
  const trace = startSpan(headers.traceparent?.toString(), 'server', from !== 'outside');
  return {
    request,
    method,
    path: query < 0 ? url : url.slice(0, query),
    search: query < 0 ? '' : url.slice(query + 1),
    from,
    trace,
    headers: ['x-encore-trace-id', trace.traceId],
    call,
    bodyHash: signed?.bodyHash === 'stream' ? undefined : signed?.bodyHash,
    service: undefined,
    endpoint: undefined,
    route: undefined,
    passedOn: false,
  };
}

/** Which process of the application has signed a request, if any, and what it says besides. */
function readSigner(host: Host, { method = 'GET', url = '/', headers }: IncomingMessage): Signer {
  const signature = headers[signatureHeader]?.toString();
  if (signature === undefined) return nobody;
  const call = headers[callHeader]?.toString();
  const about = { method, path: url, ...(call !== undefined && { call }) };
  const signed = verify(signature, about, keysOf(host.config));
  return signed ? { signed, call: readCall(call) } : nobody;
}

interface Signer {
  signed?: ReturnType<typeof verify>;
  call: SignedCall;
}

const nobody: Signer = { call: {} };

/** What the endpoint of a request can ask for by `currentRequest()`. */
export function requestMeta({ request, method, path }: Exchange, pathParams: Record<string, string>): CallMeta {
  const headers = request.headers as CallMeta['headers'];
  return { method, path, pathAndQuery: request.url ?? path, pathParams, headers };
}

/** A raw endpoint may pass on what it was sent: a signature must not leave the application with it. */
function dropReserved({ headers, headersDistinct, rawHeaders }: IncomingMessage): void {
  for (const list of [headers, headersDistinct]) {
    for (const name of Object.keys(list)) if (isReserved(name)) delete list[name];
  }
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) {
    if (isReserved(rawHeaders[at]?.toLowerCase() ?? '')) rawHeaders.splice(at, 2);
  }
}

function hasReserved(headers: IncomingMessage['headers']): boolean {
  for (const name in headers) if (isReserved(name)) return true;
  return false;
}

function isReserved(name: string): boolean {
  return name.startsWith('x-encore-meta-') || name.startsWith('x-fairlead-');
}

/** What the gateway says of a request from outside, whichever process its endpoint is in. */
function addForwarded({ headers, socket }: IncomingMessage): void {
  const before = headers['x-forwarded-for'];
  const { remoteAddress = '' } = socket;
  headers['x-forwarded-for'] = before ? `${before}, ${remoteAddress}` : remoteAddress;
  // HTTP/1.0 may do without.
  if (headers.host !== undefined) headers['x-forwarded-host'] ??= headers.host;
  headers['x-forwarded-proto'] ??= 'http';
}

const forwarded = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

/** Has all lists of headers say the same of where a request came from. Node makes the others of what was sent. */
export function agreeOnForwarded({ headers, headersDistinct, rawHeaders }: IncomingMessage): void {
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) {
    if (forwarded.includes(rawHeaders[at]?.toLowerCase() ?? '')) rawHeaders.splice(at, 2);
  }
  for (const name of forwarded) {
    const value = headers[name]?.toString();
    if (value === undefined) continue;
    headersDistinct[name] = [value];
    rawHeaders.push(name, value);
  }
}
