import type { IncomingMessage, ServerResponse } from 'node:http';
import { APIError } from '../api/error.ts';
import { messageCodec } from '../codec/mod.ts';
import { answerCall, callRoute } from '../internal/calls.ts';
import { type Host, type Hosted, keysOf } from '../internal/host.ts';
import { invoke } from '../internal/invoke.ts';
import log from '../log/mod.ts';
import type { TraceData } from '../request.ts';
import { startSpan } from '../trace.ts';
import { corsHeaders, type SchemaHeaders } from './cors.ts';
import { errorBody, statusOf, toApiError } from './error-body.ts';
import { drain, linger } from './linger.ts';
import { proxy } from './proxy.ts';
import { decodeRequest, readBody } from './request.ts';
import { type Answer, encodeResponse } from './response.ts';
import { type Match, Router } from './router.ts';
import { hashBody, signatureHeader, verify } from './signature.ts';

/** An endpoint of this process, or the service that another process hosts. */
type Target = { hosted: Hosted } | { service: string; endpoint: string };

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string;
  search: string;
  trace: TraceData;
  /** Who asks: a process of the application, someone outside through another process's gateway, or someone outside. */
  from: 'application' | 'gateway' | 'outside';
  /** The hash that the signature vouches for; absent when the body is not vouched for. */
  bodyHash?: string;
  /** For the line in the log. */
  service?: string;
  endpoint?: string;
  passedOn?: boolean;
}

/** The function that answers the requests of this process. */
export function createHandler(host: Host): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const hosted = [...host.endpoints.values()].map((target) => route(target.endpoint, { hosted: target }));
  const own = hosted.filter((_, index) => [...host.endpoints.values()][index]?.endpoint.exposed);
  const others = host.manifest.routes.map((entry) =>
    route(entry, { service: entry.service, endpoint: entry.endpoint }),
  );
  const everything = new Router<Target>(hosted);
  const exposed = new Router<Target>(host.gateway ? [...own, ...others] : own);
  const headers = schemaHeaders(host);

  return async (request, response) => {
    linger(request);
    const exchange = open(host, request, response);
    if (exchange.path === '/__encore/healthz') return health(host, response);
    const started = performance.now();
    let failure: APIError | undefined;
    try {
      await answer(exchange);
    } catch (error) {
      failure = toApiError(error);
      fail(exchange, failure);
    }
    report(exchange, started, failure);
  };

  async function answer(exchange: Exchange): Promise<void> {
    const { method, path, response, from } = exchange;
    // Elsewhere `//host/x` and `http://host/x` mean another host: nothing here may come to read them so.
    if (!/^\/(?![/\\])/.test(path)) throw APIError.invalidArgument('the request target is not a path');
    if (from === 'outside') {
      if (!host.gateway) throw APIError.notFound('endpoint not found');
      for (const [name, value] of Object.entries(
        corsHeaders(method, exchange.request.headers, host.config.cors ?? {}, headers),
      )) {
        response.setHeader(name, value);
      }
      if (method === 'OPTIONS') return void response.end();
    }
    if (from === 'application' && path.startsWith('/__fairlead/')) return answerInternal(host, exchange);
    const router = from === 'application' ? everything : exposed;
    const match = router.find(method, path);
    if (!match) throw APIError.notFound(router.knows(path) ? 'no route for method' : 'endpoint not found');
    await answerRoute(host, match, exchange);
  }
}

function route(of: { methods: string[]; path: string }, target: Target) {
  return { methods: of.methods, path: of.path, target };
}

function open(host: Host, request: IncomingMessage, response: ServerResponse): Exchange {
  const { method = 'GET', url = '/' } = request;
  const [path = '/', search = ''] = splitOnce(url, '?');
  const signed = verify(request.headers[signatureHeader]?.toString(), { method, path: url }, keysOf(host.config));
  if (!signed) dropReserved(request);
  const trace = startSpan(request.headers.traceparent?.toString());
  response.setHeader('x-encore-trace-id', trace.traceId);
  if (host.draining) response.setHeader('connection', 'close');
  const from = signed ? (signed.origin === 'internal' ? 'application' : 'gateway') : 'outside';
  const bodyHash = signed && signed.bodyHash !== 'stream' ? { bodyHash: signed.bodyHash } : {};
  return { request, response, method, path, search, trace, from, ...bodyHash };
}

/** Headers that only processes of the application may send each other. */
function dropReserved({ headers }: IncomingMessage): void {
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-encore-meta-') || name.startsWith('x-fairlead-')) delete headers[name];
  }
}

async function answerRoute(host: Host, { target, pathParams }: Match<Target>, exchange: Exchange): Promise<void> {
  const { request, response, method, path, search, trace } = exchange;
  if (!('hosted' in target)) {
    Object.assign(exchange, target, { passedOn: true });
    return proxy(host, target.service, request, response, trace);
  }
  const { hosted } = target;
  const { endpoint } = hosted;
  Object.assign(exchange, { service: hosted.service, endpoint: endpoint.name });
  if (endpoint.auth && exchange.from !== 'application')
    throw APIError.unauthenticated('the endpoint asks for authentication');
  const body = await readSigned(exchange, endpoint.bodyLimit);
  const { schemas } = host.manifest;
  const query = new URLSearchParams(search);
  const parts = { method, pathParams, query, headers: request.headers, body };
  const params = endpoint.request && decodeRequest(messageCodec(endpoint.request, schemas), parts);
  const meta = { method, path, pathAndQuery: request.url ?? path, pathParams, headers: plainHeaders(request) };
  const result = await invoke(hosted, params, meta, trace);
  send(response, encodeResponse(endpoint.response && messageCodec(endpoint.response, schemas), result));
}

/** What only processes of the application may ask for. */
async function answerInternal(host: Host, exchange: Exchange): Promise<void> {
  const { method, path, response, trace } = exchange;
  const [, , kind, first = '', second = ''] = path.split('/').map(decodeURIComponent);
  const job = kind === 'cron' ? host.manifest.cronJobs.find(({ name }) => name === first) : undefined;
  const name = job ? `${job.service}.${job.endpoint}` : path.startsWith(callRoute) ? `${first}.${second}` : '';
  const hosted = host.endpoints.get(name);
  if (!hosted || method !== 'POST') throw APIError.notFound('endpoint not found');
  Object.assign(exchange, { service: hosted.service, endpoint: hosted.endpoint.name });
  const body = await readSigned(exchange, null);
  try {
    const result = await answerCall(host, hosted, job ? '' : body.toString('utf8'), trace);
    send(response, { status: 200, headers: [], ...(result !== '' && !job && { body: result }) });
  } catch (error) {
    // A scheduler asks whether the job succeeded, not what the endpoint would have told a caller.
    if (!job) throw error;
    const failure = toApiError(error);
    send(response, { status: 500, headers: [], body: JSON.stringify(errorBody(failure, 'internal')) });
  }
}

async function readSigned({ request, bodyHash }: Exchange, limit: number | null): Promise<Buffer> {
  const body = await readBody(request, limit);
  if (bodyHash !== undefined && bodyHash !== hashBody(body)) throw APIError.notFound('endpoint not found');
  return body;
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (body !== undefined) response.setHeader('content-type', 'application/json');
  response.end(body);
}

function fail({ request, response, from }: Exchange, error: APIError): void {
  if (response.headersSent) return void response.destroy();
  const caller = from === 'application' ? 'internal' : 'external';
  send(response, { status: statusOf(error.code), headers: [], body: JSON.stringify(errorBody(error, caller)) });
  drain(request);
}

function health({ draining }: Host, response: ServerResponse): void {
  const [status, code, message] = draining
    ? [503, 'shutting_down', 'The process is about to end.']
    : [200, 'ok', 'The process takes requests.'];
  send(response, { status, headers: [], body: JSON.stringify({ code, message, details: null }) });
}

/** How it ended; of a request that was passed on, another process knows. */
function outcome({ passedOn }: Exchange, failure: APIError | undefined): { code?: string } {
  if (failure) return { code: failure.code };
  return passedOn ? {} : { code: 'ok' };
}

/** One line per request. Calls within the application are of interest only when looking closer. */
function report(exchange: Exchange, started: number, failure: APIError | undefined): void {
  const { method, path, service, endpoint, trace, from } = exchange;
  const fields = {
    ...(service !== undefined && { service, endpoint }),
    method,
    path,
    status: exchange.response.statusCode,
    ...outcome(exchange, failure),
    duration_ms: Math.round((performance.now() - started) * 1000) / 1000,
    trace_id: trace.traceId,
  };
  if (from === 'application' && !path.startsWith('/__fairlead/cron/')) log.debug('request completed', fields);
  else log.info('request completed', fields);
}

function schemaHeaders({ manifest, endpoints }: Host): SchemaHeaders {
  const own = [...endpoints.values()].map(({ endpoint }) => endpoint);
  const names = (message: (typeof own)[number]['request']): string[] =>
    message?.encodings.flatMap(({ fields }) => fields.filter((f) => f.in === 'header').map(({ wire }) => wire)) ?? [];
  return {
    request: [
      ...own.flatMap(({ request }) => names(request)),
      ...manifest.routes.flatMap((r) => r.requestHeaders ?? []),
    ],
    response: [
      ...own.flatMap(({ response }) => names(response)),
      ...manifest.routes.flatMap((r) => r.responseHeaders ?? []),
    ],
  };
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  return headers as Record<string, string | string[]>;
}

function splitOnce(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
