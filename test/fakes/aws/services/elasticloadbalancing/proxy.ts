import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Reach } from '../ecs/load-balancing.ts';
import type { Action } from './rules.ts';

/** What a request leads to. */
export type Way =
  | { kind: 'target'; reach: Reach | undefined }
  /** There is a group, and nobody in it who could answer. */
  | { kind: 'nobody' }
  | { kind: 'action'; action: Action };

export interface FrontDoor {
  port: number;
  close(): Promise<void>;
}

/** A listener on loopback that sends each request where `way` says. Streams both ways, and passes on upgrades such as WebSockets. */
export async function openDoor(way: (asked: IncomingMessage) => Way, protocol: string): Promise<FrontDoor> {
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (asked, answer) =>
    pass(way(asked), asked, answer, protocol),
  );
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (asked, socket, head) => upgrade(way(asked), asked, socket, head, protocol));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function pass(way: Way, asked: IncomingMessage, answer: ServerResponse, protocol: string): void {
  if (way.kind === 'action') act(way.action, asked, answer);
  else if (way.kind === 'nobody') page(answer, 503, 'Service Temporarily Unavailable');
  else if (way.reach) reachOut(way.reach, asked, answer, protocol);
  else page(answer, 502, 'Bad Gateway');
}

function reachOut(reach: Reach, asked: IncomingMessage, answer: ServerResponse, protocol: string): void {
  if (reach.kind === 'scripted') {
    asked.resume();
    answer.writeHead(reach.status, { 'content-type': 'text/plain' });
    answer.end(reach.body);
    return;
  }
  const onward = forward(reach, asked, protocol);
  onward.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
    response.pipe(answer);
    response.on('error', () => answer.destroy());
  });
  // "HTTP 502: Bad gateway": the target closed the connection or refused it.
  onward.on('error', () => (answer.headersSent ? answer.destroy() : page(answer, 502, 'Bad Gateway')));
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}

function upgrade(way: Way, asked: IncomingMessage, socket: Duplex, head: Buffer, protocol: string): void {
  socket.on('error', () => socket.destroy());
  if (way.kind !== 'target' || way.reach?.kind !== 'real') {
    socket.end('HTTP/1.1 503 Service Temporarily Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const onward = forward(way.reach, asked, protocol);
  const write = (response: IncomingMessage) => {
    const lines = [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`];
    for (let at = 0; at < response.rawHeaders.length; at += 2)
      lines.push(`${response.rawHeaders[at]}: ${response.rawHeaders[at + 1]}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  };
  onward.on('upgrade', (response, upstream, rest) => {
    write(response);
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) upstream.write(head);
    upstream.on('error', () => socket.destroy());
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  });
  onward.on('response', (response) => {
    write(response);
    response.pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  onward.end();
}

/** "HTTP headers and Application Load Balancers": `X-Forwarded-*` are added to. */
function forward(
  { host, port }: { host: string; port: number },
  asked: IncomingMessage,
  protocol: string,
): ClientRequest {
  const headers = { ...asked.headers };
  const from = asked.socket.remoteAddress?.replace('::ffff:', '') ?? '';
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], from].flat().filter(Boolean).join(', ');
  headers['x-forwarded-proto'] ??= protocol.toLowerCase();
  headers['x-forwarded-port'] ??= protocol === 'HTTPS' ? '443' : '80';
  headers['x-amzn-trace-id'] ??= `Root=1-${Date.now().toString(16).slice(0, 8)}-000000000000000000000000`;
  return request({ host, port, method: asked.method, path: asked.url, headers, agent: false });
}

function act(
  { Type, FixedResponseConfig, RedirectConfig }: Action,
  asked: IncomingMessage,
  answer: ServerResponse,
): void {
  asked.resume();
  if (Type === 'fixed-response') {
    answer.writeHead(Number(FixedResponseConfig?.StatusCode), {
      'content-type': FixedResponseConfig?.ContentType ?? 'text/plain; charset=utf-8',
      server: 'awselb/2.0',
    });
    answer.end(FixedResponseConfig?.MessageBody ?? '');
    return;
  }
  if (Type !== 'redirect') {
    page(answer, 500, 'Internal Server Error');
    return;
  }
  const { hostname, pathname, search } = new URL(asked.url ?? '/', `http://${asked.headers.host}`);
  const fill = (text: string) =>
    text
      .replaceAll('#{host}', hostname)
      .replaceAll('#{path}', pathname.slice(1))
      .replaceAll('#{query}', search.slice(1))
      .replaceAll('#{port}', '80')
      .replaceAll('#{protocol}', 'http');
  const {
    Protocol = '#{protocol}',
    Host = '#{host}',
    Port = '#{port}',
    Path = '/#{path}',
    Query = '#{query}',
  } = RedirectConfig ?? {};
  const query = fill(Query);
  const location = `${fill(Protocol).toLowerCase()}://${fill(Host)}:${fill(Port)}${fill(Path)}${query && `?${query}`}`;
  answer.writeHead(RedirectConfig?.StatusCode === 'HTTP_302' ? 302 : 301, { location, server: 'awselb/2.0' });
  answer.end();
}

function page(answer: ServerResponse, status: number, title: string): void {
  answer.writeHead(status, { 'content-type': 'text/html', server: 'awselb/2.0' });
  answer.end(
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
}
