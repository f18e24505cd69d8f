import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { APIError } from '../api/error.ts';
import { messageCodec } from '../codec/mod.ts';
import type { Host } from '../internal/host.ts';
import { logFailure, unauthenticated } from '../internal/invoke.ts';
import { http } from '../node.ts';
import type { TraceData } from '../request.ts';
import type { Channel } from '../stream/channel.ts';
import { dial } from '../stream/dial.ts';
import { askedByProcess, streamRoute } from '../stream/open.ts';
import { trackServed } from '../stream/open-streams.ts';
import { relay } from '../stream/relay.ts';
import { type Asked, serveStream } from '../stream/serve.ts';
import { maxMessage, WebSocketChannel } from '../stream/web-socket-channel.ts';
import { spans } from '../tracing/spans.ts';
import type { ManifestRoute } from '../wire.ts';
import { type Admitted, admit } from './admit.ts';
import { toApiError } from './error-body.ts';
import { type Exchange, openExchange, requestMeta } from './exchange.ts';
import { checkOrigin } from './origin.ts';
import { addProtocolHeaders, protocolsOf, streamProtocol } from './protocol-headers.ts';
import { passedOn } from './proxy.ts';
import { decodeRequest } from './request.ts';
import { report, sendError } from './respond.ts';
import { createRoutes, type Routes } from './routes.ts';

/** What is to be done with a connection once it is open. */
interface Opening {
  /** Whether anybody takes what the client sends. */
  read: boolean;
  /** @returns the failure that it ended with */
  work(channel: Channel): Promise<APIError | undefined>;
  /** Takes back what was prepared: the connection did not come about. */
  cancel(): void;
}

/** The function that turns requests into streams: everything that can be refused is refused before, as any other request. */
export function createUpgrade(host: Host): (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void> {
  const routes = createRoutes(host);
  const traces = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // It would hold memory for each connection, and let a small message become a large one.
    perMessageDeflate: false,
    maxPayload: maxMessage,
    handleProtocols: (offered) => (offered.has(streamProtocol) ? streamProtocol : false),
  });
  server.on('headers', (lines, request) => lines.push(`x-encore-trace-id: ${traces.get(request)}`));

  return async (request, duplex, head) => {
    const started = performance.now();
    const socket = duplex as Socket;
    socket.on('error', () => socket.destroy());
    const exchange = openExchange(host, request);
    traces.set(request, exchange.trace.traceId);
    let opening: Opening;
    try {
      opening = await prepare(host, routes, exchange);
      // Streams that are open when the end begins are told of it, and no others.
      if (host.draining) {
        opening.cancel();
        throw shuttingDown();
      }
    } catch (error) {
      return refuse(exchange, socket, started, toApiError(error));
    }
    const channel = accept(request, socket, head, opening.read);
    if (!channel) return opening.cancel();
    spans()?.answered(exchange, 101, undefined);
    const work = opening.work(channel).then((failure) => report(exchange, 101, started, failure));
    trackServed(channel, work);
  };

  /** Undefined when the client has gone meanwhile. */
  function accept(request: IncomingMessage, socket: Socket, head: Buffer, read: boolean): Channel | undefined {
    let channel: Channel | undefined;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      channel = new WebSocketChannel(webSocket, socket, { read });
    });
    return channel;
  }
}

/** @throws APIError when there is no stream for the request */
async function prepare(host: Host, routes: Routes, exchange: Exchange): Promise<Opening> {
  const { headers } = exchange.request;
  if (host.draining) throw shuttingDown();
  checkHandshake(exchange);
  checkProtocols(headers);
  if (exchange.from === 'application' && exchange.path.startsWith(streamRoute)) return fromProcess(host, exchange);
  if (exchange.from === 'outside') {
    checkOrigin(headers, host.config.cors ?? {});
    addProtocolHeaders(headers);
  }
  const admitted = await admit(host, routes, exchange);
  const { target } = admitted;
  const { kind } = 'elsewhere' in target ? target.elsewhere : target.hosted.endpoint;
  if (kind !== 'stream') throw APIError.invalidArgument('the endpoint is no stream: it takes no WebSocket connections');
  if ('elsewhere' in target) return fromElsewhere(host, target.elsewhere, admitted, exchange);
  const { hosted } = target;
  const { endpoint } = hosted;
  const { pathParams, caller } = admitted;
  if (endpoint.auth && !caller.auth) throw unauthenticated();
  const parts = { method: 'GET', pathParams, query: new URLSearchParams(exchange.search), headers, body: noBody };
  const params = endpoint.request && decodeRequest(messageCodec(endpoint.request, host.manifest.schemas), parts);
  return served(host, { hosted, params, meta: requestMeta(exchange, pathParams), caller, internal: false });
}

function shuttingDown(): APIError {
  return APIError.unavailable('the service is shutting down');
}

/** What a message without fields in its body is decoded from. */
const noBody = Buffer.from('{}');

function checkHandshake({ method, request: { headers } }: Exchange): void {
  const key = headers['sec-websocket-key'] ?? '';
  const version = headers['sec-websocket-version'];
  if (headers.upgrade?.toLowerCase() === 'websocket' && method === 'GET' && version === '13' && validKey.test(key)) {
    return;
  }
  throw APIError.invalidArgument('expected the handshake of a WebSocket: a GET request of version 13');
}

/** Sub-protocols are tokens, each of them once (RFC 6455, 4.1). */
function checkProtocols(headers: IncomingHttpHeaders): void {
  if (headers['sec-websocket-protocol'] === undefined) return;
  const offered = protocolsOf(headers);
  if (new Set(offered).size === offered.length && offered.every((name) => token.test(name))) return;
  throw APIError.invalidArgument('expected the sub-protocols of a WebSocket: tokens, each of them once');
}

const token = /^[!#$%&'*+.^_`|~\w-]+$/;

const validKey = /^[+/0-9A-Za-z]{22}==$/;

/** A process of the application asks, for a stream that is hosted here. */
function fromProcess(host: Host, exchange: Exchange): Opening {
  const [, , , service = '', name = ''] = exchange.path.split('/').map(decodeURIComponent);
  const hosted = host.endpoints.get(`${service}.${name}`);
  if (!hosted) throw APIError.notFound('endpoint not found');
  Object.assign(exchange, { service, endpoint: name, route: hosted.endpoint });
  const { auth } = exchange.call;
  const caller = { trace: exchange.trace, ...(auth && { auth }) };
  const handshake = Buffer.from(exchange.search, 'base64url').toString();
  return served(host, askedByProcess(host, hosted, handshake, caller));
}

function served(host: Host, asked: Asked): Opening {
  return {
    read: asked.hosted.endpoint.stream?.in !== undefined,
    work: (channel) => serveStream(host, asked, channel),
    cancel: () => {},
  };
}

/** Another process hosts the stream: what it refuses is refused, and what it takes is passed on. */
async function fromElsewhere(
  host: Host,
  { service }: ManifestRoute,
  { caller }: Admitted,
  exchange: Exchange,
): Promise<Opening> {
  exchange.passedOn = true;
  const { request } = exchange;
  const headers = Object.fromEntries(
    Object.entries(passedOn(request.headers)).filter(([name]) => name !== 'host' && !name.startsWith('sec-websocket-')),
  ) as Record<string, string | string[]>;
  const to = { path: request.url ?? '/', origin: 'external' as const, headers };
  const open = (trace: TraceData) =>
    dial(host, service, { ...to, caller: { ...caller, trace } }).catch((error: unknown) => {
      throw logFailure(error);
    });
  const upstream = await (spans()?.passedOn(exchange, service, open) ?? open(caller.trace));
  return {
    read: true,
    async work(channel) {
      await relay(channel, upstream);
      return undefined;
    },
    cancel: () => upstream.abort(),
  };
}

function refuse(exchange: Exchange, socket: Socket, started: number, error: APIError): void {
  const { request } = exchange;
  const response = new http.ServerResponse(request);
  response.assignSocket(socket);
  exchange.headers.push('connection', 'close');
  response.once('finish', () => socket.destroySoon());
  sendError(exchange, response, error);
  report(exchange, response.statusCode, started, error);
}
