import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Integration, match, type Route, transform } from './document.ts';

export interface ApiServer {
  url: string;
  close(): Promise<void>;
}

export interface ApiServerOptions {
  routes(): Route[];
  /** Whether the API has a stage that has no name in the path. */
  staged(): boolean;
  /** Base URL that an integration leads to; undefined when nothing is there. */
  target(integration: Integration): string | undefined;
}

/** "Quotas for configuring and running an HTTP API": 10 MB of payload. */
const most = 10 * 1024 * 1024;

/**
 * One HTTP API as a real server. It takes a request in whole, and answers in whole, as API Gateway does: no streams, and no upgrades
 * to WebSockets.
 */
export async function serveApi(options: ApiServerOptions): Promise<ApiServer> {
  const server = createServer((asked, answer) => {
    void handle(options, asked, answer).catch((error) => {
      console.error(error);
      message(answer, 500, 'Internal Server Error');
    });
  });
  server.on('upgrade', (_asked, socket) =>
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function handle(options: ApiServerOptions, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const body = await whole(asked);
  if (body === undefined) return message(answer, 413, 'Request Too Long');
  const url = new URL(asked.url ?? '/', 'http://api');
  const found = options.staged() ? match(options.routes(), asked.method ?? 'GET', url.pathname) : undefined;
  if (!found) return message(answer, 404, 'Not Found');
  const { integration } = found.route;
  const base = options.target(integration);
  // "HTTP API private integrations": a link or listener that is not there is a failure of the gateway.
  if (!base) return message(answer, 500, 'Internal Server Error');
  const headers = onward(asked);
  transform(integration.parameters, { headers, url, variables: found.variables, ip: asked.socket.remoteAddress ?? '' });
  const to = new URL(`${url.pathname}${url.search}`, base);
  const method = integration.method === 'ANY' ? asked.method : integration.method;
  await pass(to, { method, headers: { ...headers, 'content-length': body.length } }, body, integration.timeout, answer);
}

/** "HTTP API: request headers": hop-by-hop ones end here, and `Forwarded` says where it came from. */
function onward(asked: IncomingMessage): Record<string, string | string[] | undefined> {
  const { connection: _c, upgrade: _u, 'transfer-encoding': _t, 'keep-alive': _k, ...headers } = asked.headers;
  const ip = asked.socket.remoteAddress?.replace('::ffff:', '');
  return {
    ...headers,
    forwarded: `by=127.0.0.1;for=${ip};host=${headers.host};proto=https`,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': ip,
  };
}

function pass(
  to: URL,
  { method, headers }: { method: string | undefined; headers: Record<string, string | string[] | number | undefined> },
  body: Buffer,
  timeout: number,
  answer: ServerResponse,
): Promise<void> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeout);
    const kept = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const asked = request(to, { method, headers: kept, signal, agent: false }, (response) => {
      whole(response).then((text) => {
        if (text === undefined) message(answer, 500, 'Internal Server Error');
        else {
          const { connection: _c, 'transfer-encoding': _t, 'keep-alive': _k, ...rest } = response.headers;
          answer.writeHead(response.statusCode ?? 502, { ...rest, 'content-length': text.length });
          answer.end(method === 'HEAD' ? undefined : text);
        }
        resolve();
      }, failed);
    });
    const failed = () => {
      if (!answer.headersSent)
        message(answer, signal.aborted ? 504 : 503, signal.aborted ? 'Gateway Timeout' : 'Service Unavailable');
      resolve();
    };
    asked.on('error', failed);
    asked.end(body);
  });
}

/** Undefined: more than is taken. */
async function whole(stream: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
  }
  return size > most ? undefined : Buffer.concat(chunks);
}

function message(answer: ServerResponse, status: number, text: string): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ message: text }));
}
