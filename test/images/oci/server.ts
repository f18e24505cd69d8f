import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { openRegistry, type RegistryOptions, type Repository } from '../../../images/oci/repository/mod.ts';

/** What a server was asked, with the body as far as it came. */
export interface Asked {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Answers with a status, headers and a body; or does something else with the response, and returns nothing. */
export type Handler = (
  asked: Asked,
  response: ServerResponse,
  /** How many requests there were before. */
  nth: number,
) => Answer | undefined | Promise<Answer | undefined>;

export type Answer = [status: number, headers?: Record<string, string | string[]>, body?: string | Buffer];

export interface FakeServer extends AsyncDisposable {
  host: string;
  asked: Asked[];
  /** `METHOD path` each. */
  log(): string[];
  repository(options?: RegistryOptions): Repository;
}

/** A server on a real socket that answers as the handler says. The body is read before, unless `early`. */
export async function serve(handler: Handler, { early = false } = {}): Promise<FakeServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const closes: (() => Promise<void>)[] = [];
  const server = createServer(async (request, response) => {
    const nth = asked.length;
    const entry: Asked = {
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: Buffer.alloc(0),
    };
    asked.push(entry);
    request.on('error', () => undefined);
    if (!early) for await (const chunk of request) entry.body = Buffer.concat([entry.body, chunk as Buffer]);
    const answer = await handler(entry, response, nth);
    if (!answer) return;
    const [status, headers = {}, body = ''] = answer;
    response.writeHead(status, {
      ...(!('content-length' in headers) && request.method !== 'HEAD' && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    asked,
    log: () => asked.map(({ method, path }) => `${method} ${path}`),
    repository(options) {
      const registry = openRegistry(host, { random: () => 1, clock: virtualClock().clock, ...options });
      closes.push(() => registry.close());
      return registry.repository('team/shop');
    },
    async [Symbol.asyncDispose]() {
      for (const close of closes) await close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A clock on which no time passes but that which is waited for. */
export function virtualClock(start = 0) {
  const waits: number[] = [];
  let now = start;
  return {
    waits,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    clock: {
      now: () => now,
      async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
        signal?.throwIfAborted();
        waits.push(milliseconds);
        now += milliseconds;
      },
    },
  };
}
