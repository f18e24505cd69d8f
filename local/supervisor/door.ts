import { once } from 'node:events';
import { Agent, type ClientRequest, createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import type { AppProcess } from './app-process.ts';
import { flawOf } from './head.ts';
import { drain, linger } from './linger.ts';

/** One request as the front door saw it. */
interface Access {
  method: string;
  /** Without the query, which may hold what is nobody's business. */
  path: string;
  status: number;
  milliseconds: number;
}

/** What the head of an answer may have, as behind a gateway. Bytes. */
const longestHead = 64 * 1024;

// Closes idle connections before the other side does, so that no request meets a closing one.
const agent = new Agent({ keepAlive: true, timeout: 3_000 });

/**
 * A stable port in front of a process that may be replaced: every request goes to whatever is behind it at that moment.
 * HTTP and WebSockets.
 */
export class Door {
  /** Who answers; while nobody does, requests get a 503, and a 502 from who breaks off. */
  behind: AppProcess | undefined;
  readonly #server: Server;
  readonly #upgraded = new Set<Socket>();
  /** Connections that end with a refusal: what else they bring is for nobody. */
  readonly #refused = new WeakSet<Socket>();

  /** With `access` it is the way in from outside: it says who is asking and for what, and reports every request. */
  constructor(access?: (entry: Access) => void) {
    const proxy = createProxyServer({ agent, ws: true });
    // What is said here of TLS is what requests are made with. It writes into what it is given.
    const to = ({ port }: AppProcess) => ({ target: { host: '127.0.0.1', port }, ssl: { maxHeaderSize: longestHead } });
    proxy.on('error', (error, request, response) => {
      if (!(response instanceof ServerResponse)) return void (response as Socket | undefined)?.destroy();
      // An answer that has begun is passed on, whatever becomes of the rest of the request.
      if (!response.headersSent) this.#fail(error, response);
      drain(request as IncomingMessage);
    });
    proxy.on('proxyReq', (asked, { headers, url }) => {
      asked.path = asIs(url);
      // The head would wait for a first part of the body, which may come late, or after the answer.
      if (headers['content-length'] ?? headers['transfer-encoding']) setImmediate(() => asked.flushHeaders());
    });
    proxy.on('proxyReqWs', (asked, request) => {
      asked.path = asIs(request.url);
      if (access) reportUpgrade(request, asked, access);
    });
    // The process speaks of its connection to us, not of the client's.
    proxy.on('proxyRes', ({ headers }) => delete headers.connection);
    this.#server = createServer({ shouldUpgradeCallback: opensWebSocket }, (request, response) => {
      linger(request);
      if (this.#refused.has(request.socket)) return;
      if (access) {
        sayWhoAsks(request);
        report(request, response, access);
      }
      const flaw = flawOf(request);
      if (flaw) return this.#refuse(request, response, flaw);
      const { behind } = this;
      if (behind?.state !== 'running') return answer(response, ...starting);
      behind.inFlight++;
      response.once('close', () => behind.inFlight--);
      proxy.web(request, response, to(behind)).catch(() => response.destroy());
    });
    this.#server.on('upgrade', (request, socket: Socket, head) => {
      if (this.#refused.has(socket)) return ignore(socket);
      const { behind } = this;
      const flaw = flawOf(request);
      if (flaw) {
        access?.(entryOf(request)(400));
        return this.#refuseUpgrade(request, socket, flaw);
      }
      if (!behind) return socket.destroy();
      if (access) sayWhoAsks(request);
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
      proxy.ws(request, socket, { ...to(behind), agent: false }, head).catch(() => socket.destroy());
    });
    // Uploads and long polls may take as long as the application lets them.
    this.#server.requestTimeout = 0;
  }

  /** Answers for a process that did not. */
  #fail({ code }: NodeJS.ErrnoException, response: ServerResponse): void {
    const up = this.behind?.state === 'running' && code !== 'ECONNREFUSED';
    answer(response, ...(up ? brokenOff : starting));
  }

  #refuse(request: IncomingMessage, response: ServerResponse, flaw: string): void {
    this.#refused.add(request.socket);
    response.shouldKeepAlive = false;
    answer(response, 400, flaw, 'invalid_argument');
  }

  /** Node has made no response for a request that asks for another protocol. */
  #refuseUpgrade(request: IncomingMessage, socket: Socket, flaw: string): void {
    ignore(socket);
    const response = new ServerResponse(request);
    try {
      response.assignSocket(socket);
    } catch {
      // The answer to a request before this one is still due: nothing can be said after it any more.
      return void socket.destroy();
    }
    response.once('finish', () => socket.destroySoon());
    this.#refuse(request, response, flaw);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @throws an error with the code EADDRINUSE */
  async open(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Frees the port at once; requests at hand are finished. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const socket of this.#upgraded) socket.destroy();
  }
}

/** Throws away what else a socket brings that Node has let go of for the sake of another protocol; answers at hand are still given. */
function ignore(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.resume();
}

/** What a client claims about where it comes from is not passed on as if we had seen it: what we have seen takes its place. */
function sayWhoAsks({ headers, socket }: IncomingMessage): void {
  for (const name of Object.keys(headers)) if (name.startsWith('x-forwarded-')) delete headers[name];
  delete headers.forwarded;
  Object.assign(headers, {
    'x-forwarded-for': socket.remoteAddress ?? '',
    'x-forwarded-host': headers.host ?? '',
    'x-forwarded-port': String(socket.localPort),
    'x-forwarded-proto': 'http',
  });
}

function report(request: IncomingMessage, response: ServerResponse, access: (entry: Access) => void): void {
  const entry = entryOf(request);
  response.once('close', () => access(entry(response.headersSent ? response.statusCode : clientLeft)));
}

/** What the process says of a WebSocket: that it is open, or why not. */
function reportUpgrade(request: IncomingMessage, asked: ClientRequest, access: (entry: Access) => void): void {
  const entry = entryOf(request);
  asked.once('upgrade', () => access(entry(101)));
  asked.once('response', ({ statusCode = 0 }) => access(entry(statusCode)));
}

/** The status of a request whose client did not wait for the answer: no answer has it, logs do. */
const clientLeft = 499;

function entryOf({ method = '', url = '' }: IncomingMessage): (status: number) => Access {
  const started = performance.now();
  return (status) => ({
    ...{ method, path: url.split('?', 1)[0]!, status },
    milliseconds: Math.round((performance.now() - started) * 10) / 10,
  });
}

/** What is no path is for the process to refuse: the proxy would make one of it. */
function asIs(url: string | undefined): string {
  return url ?? '/';
}

/** Anything else that offers another protocol is a request like any other. */
function opensWebSocket({ method, headers }: IncomingMessage): boolean {
  const bodiless = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  return method === 'GET' && bodiless && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Status and message of an answer that is the door's own. */
type OwnAnswer = readonly [status: number, message: string];

const starting: OwnAnswer = [503, 'the process is starting'];
const brokenOff: OwnAnswer = [502, 'the process broke off the connection before it answered'];

/** With the error body of the runtime's contract. */
function answer(response: ServerResponse, status: number, message: string, code = 'unavailable'): void {
  // Those of an answer that broke off right after its head: its length would be wrong of this one.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusMessage = '';
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message, details: null }));
}
