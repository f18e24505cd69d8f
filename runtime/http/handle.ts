import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, resolve } from 'node:path';
import { APIError } from '../api/error.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { logFailure, unauthenticated } from '../internal/invoke.ts';
import type { TraceData } from '../request.ts';
import { objectsRoute } from '../storage/objects/disk/route.ts';
import { spans } from '../tracing/spans.ts';
import type { ManifestEndpoint, ObjectUrls } from '../wire.ts';
import { type Admitted, admit } from './admit.ts';
import { corsHeaders, schemaHeaders } from './cors.ts';
import { toApiError } from './error-body.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { answerGoogle, isForGoogle } from './google-routes.ts';
import { answerInternal, isInternal } from './internal-routes.ts';
import { forget, linger } from './linger.ts';
import { proxy } from './proxy.ts';
import { answerRaw } from './raw.ts';
import { handOver, report, send, sendError, sendHealth } from './respond.ts';
import type { Answer } from './response.ts';
import { createRoutes } from './routes.ts';
import { answerTyped } from './typed.ts';

/** What is to be sent, or the end of what has written its own answer. */
// biome-ignore lint/suspicious/noConfusingVoidType: what writes its own answer ends with nothing
type Answering = Promise<Answer | void>;

/** Answers a request to an endpoint of one kind: with what is to be sent, or by itself. @throws APIError while nothing has been sent */
type Answerer = (
  host: Host,
  hosted: Hosted,
  admitted: Admitted,
  exchange: Exchange,
  response: ServerResponse,
) => Answering;

const answerers: Record<ManifestEndpoint['kind'], Answerer> = {
  typed: answerTyped,
  raw: answerRaw,
  async assets(_host, { endpoint: { assets, auth } }, { pathParams, caller }, exchange, response) {
    if (auth && !caller.auth) throw unauthenticated();
    const { serveAssets } = await import('./assets.ts');
    handOver(exchange, response);
    const { request } = exchange;
    if (assets) await serveAssets(assets, programDirectory(), Object.values(pathParams)[0], request, response);
  },
  // It is an upgrade that opens a stream; this is a request without one.
  stream: async () => {
    throw APIError.invalidArgument('the endpoint is a stream: it takes WebSocket connections');
  },
};

/** Where the entry is, and what belongs to it. */
function programDirectory(): string {
  return dirname(resolve(process.argv[1] ?? '.'));
}

/** The function that answers the requests of this process. */
export function createHandler(host: Host): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = createRoutes(host);
  const headers = schemaHeaders(host);

  return async (request, response) => {
    const started = performance.now();
    linger(request);
    const exchange = openExchange(host, request);
    if (host.draining) exchange.headers.push('connection', 'close');
    if (exchange.path === '/__encore/healthz') return sendHealth(host, exchange, response);
    let failure: APIError | undefined;
    try {
      const answered = await answer(exchange, response);
      if (answered) send(exchange, response, answered);
    } catch (error) {
      // What an endpoint fails with is in the log already, and comes as an `APIError`; a connection that breaks off is not worth a line.
      failure = error instanceof APIError || response.headersSent ? toApiError(error) : logFailure(error);
      sendError(exchange, response, failure);
    }
    forget(request);
    report(exchange, response.statusCode, started, failure);
  };

  /** @throws APIError while nothing has been sent, as it may reject with one */
  function answer(exchange: Exchange, response: ServerResponse): Answer | Answering {
    if (isInternal(exchange)) return answerInternal(host, exchange, response);
    if (isForGoogle(host, exchange)) return answerGoogle(host, exchange, response);
    if (exchange.from === 'outside' && host.gateway) {
      const { method, request, path } = exchange;
      const urls = host.config.fairlead?.object_urls;
      if (urls && path.startsWith(objectsRoute)) return answerObject(urls, exchange, response);
      if (request.headers.origin !== undefined) {
        const cors = corsHeaders(method, request.headers, host.config.cors ?? {}, headers);
        exchange.headers.push(...Object.entries(cors).flat());
      }
      if (method === 'OPTIONS') return { status: 200, headers: [] };
    }
    const admitted = admit(host, routes, exchange);
    if (!(admitted instanceof Promise)) return answerAdmitted(admitted, exchange, response);
    return admitted.then((who) => answerAdmitted(who, exchange, response));
  }

  function answerAdmitted(admitted: Admitted, exchange: Exchange, response: ServerResponse): Answering {
    if ('elsewhere' in admitted.target) {
      const { elsewhere } = admitted.target;
      const pass = (trace: TraceData) =>
        proxy(host, elsewhere, { caller: { ...admitted.caller, trace } }, exchange, response);
      return spans()?.passedOn(exchange, elsewhere.service, pass) ?? pass(exchange.trace);
    }
    const { hosted } = admitted.target;
    return answerers[hosted.endpoint.kind](host, hosted, admitted, exchange, response);
  }
}

/** What serves the objects of this machine's buckets is loaded when there is something to ask for. */
async function answerObject(urls: ObjectUrls, exchange: Exchange, response: ServerResponse): Promise<void> {
  const { serveObject } = await import('../storage/objects/disk/serve.ts');
  handOver(exchange, response);
  return serveObject(urls, exchange.request, response);
}
