import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { APIError } from '../api/error.ts';
import { fromErrorBody, unreachableError } from '../http/error-body.ts';
import { streamProtocol } from '../http/protocol-headers.ts';
import type { Origin } from '../http/signature.ts';
import type { Host } from '../internal/host.ts';
import type { Caller } from '../internal/invoke.ts';
import { locate, signedHeaders } from '../internal/processes.ts';
import { traceparent } from '../trace.ts';
import { maxMessage, WebSocketChannel } from './web-socket-channel.ts';

/** How long another process may take to say whether it takes a stream. Milliseconds. */
const patience = 30_000;

interface Dialled {
  /** With the query string. */
  path: string;
  origin: Origin;
  caller: Caller;
  /** @default none */
  headers?: Record<string, string | string[]>;
}

/** Opens a stream to the process of a service. @throws APIError what that process answered, or `unavailable` */
export function dial(host: Host, service: string, to: Dialled): Promise<WebSocketChannel> {
  const { base, path } = locate(host, service, to.path);
  const bodyHash = to.origin === 'external' ? 'stream' : emptyHash;
  const signed = { method: 'GET', path, origin: to.origin, bodyHash };
  const socket = new WebSocket(base.origin.replace(/^http/, 'ws'), streamProtocol, {
    headers: {
      ...to.headers,
      traceparent: traceparent(to.caller.trace),
      ...signedHeaders(host, service, signed, to.caller),
    },
    perMessageDeflate: false,
    maxPayload: maxMessage,
    handshakeTimeout: patience,
    // As it is: a URL would come to name another path for `..`.
    finishRequest(request) {
      request.path = path;
      request.end();
    },
  });
  return new Promise((resolve, reject) => {
    let connection: Socket;
    socket.once('upgrade', (response) => {
      connection = response.socket;
    });
    // At once: what arrives next is not kept for anybody.
    socket.once('open', () => resolve(new WebSocketChannel(socket, connection)));
    socket.once('unexpected-response', (_request, response) => void refusal(response).then(reject));
    socket.once('error', (error) => reject(unreachableError(`service ${service} cannot be reached`, error)));
  });
}

/** SHA-256 of no body. */
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

async function refusal(response: IncomingMessage): Promise<APIError> {
  const { statusCode = 500 } = response;
  const body = await text(response).catch(() => '');
  try {
    return fromErrorBody(JSON.parse(body), statusCode);
  } catch {
    return fromErrorBody(undefined, statusCode);
  }
}
