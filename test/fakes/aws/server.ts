import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dispatch } from './dispatch.ts';
import { unchunk } from './wire/chunked.ts';
import type { WireRequest } from './wire/message.ts';
import type { AwsWorld } from './world.ts';

export interface Listening {
  url: string;
  close(): Promise<void>;
}

/** Serves all APIs on one free loopback port. */
export async function listen(world: AwsWorld): Promise<Listening> {
  const server = createServer((request, response) => {
    serve(world, request, response).catch((error) => {
      if (!response.destroyed) console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

async function serve(world: AwsWorld, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = await dispatch(world, await readRequest(incoming));
  if (outgoing.destroyed) return;
  const empty = incoming.method === 'HEAD' || status === 204 || status === 304;
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  const length = whole && !(incoming.method === 'HEAD' && headers['content-length']);
  outgoing.writeHead(status, { ...headers, ...(length && { 'content-length': String(Buffer.byteLength(body)) }) });
  if (empty) outgoing.end();
  else if (whole) outgoing.end(body);
  else await pipeline(Readable.from(body), outgoing);
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const content = unchunk(headers, raw);
  return { method: incoming.method ?? 'GET', path, query: new URLSearchParams(query), headers, raw, ...content };
}
