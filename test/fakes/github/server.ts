import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeGitHub } from './fake.ts';
import { localUrls } from './rest/urls.ts';

export interface Listening extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`: the base URL of the REST API, and of all other services. */
  url: string;
  close(): Promise<void>;
}

/** Serves a fake over HTTP on a free port of this machine. */
export async function listen(fake: FakeGitHub): Promise<Listening> {
  const server = createServer((request, response) => void serve(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fake.urls = localUrls(url);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, close, [Symbol.asyncDispose]: close };
}

async function serve(fake: FakeGitHub, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', headers } = incoming;
  const body = method === 'GET' || method === 'HEAD' ? undefined : Buffer.concat(chunks);
  try {
    const plain = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const url = new URL(incoming.url ?? '/', fake.urls.api);
    const response = await fake.fetch(url, { method, headers: plain, redirect: 'manual', ...(body && { body }) });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    // A dropped connection is one; anything else is a fault of the fake, and loud.
    if (!(error instanceof TypeError && error.message === 'fetch failed')) console.error(error);
    outgoing.destroy();
  }
}
