import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body?: Uint8Array | Readable | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  /** Where it really came from. */
  url: URL;
  header(name: string): string | undefined;
  headers(name: string): string[];
  /** Has to be read or discarded. Throws what `networkFault` understands. */
  body: Readable;
}

export interface TransportOptions {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either spelling. */
  env: Record<string, string | undefined>;
  timeouts: Timeouts;
}

/** Milliseconds. */
export interface Timeouts {
  /** @default 10_000 */
  connect: number;
  /** For a peer that neither sends nor takes anything. @default 60_000 */
  idle: number;
}

/** Sends one request and follows nothing. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Ends the connections that are kept for later requests. */
  close(): Promise<void>;
}

/** The connections for an address: through a proxy where the variables say so. */
export interface Dispatchers {
  to(url: URL): Dispatcher;
  close(): Promise<void>;
}

export function createDispatchers({ env, timeouts }: TransportOptions): Dispatchers {
  const settings = {
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.idle,
    bodyTimeout: timeouts.idle,
  };
  const direct = new Agent(settings);
  const read = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
  const [httpProxy, httpsProxy, noProxy] = [read('HTTP_PROXY'), read('HTTPS_PROXY'), read('NO_PROXY')];
  const outside: Dispatcher =
    httpProxy || httpsProxy ? new EnvHttpProxyAgent({ ...settings, httpProxy, httpsProxy, noProxy }) : direct;
  return {
    to: (url) => (isLoopback(url.hostname) ? direct : outside),
    close: async () => {
      await Promise.all([...new Set([direct, outside])].map((agent) => agent.destroy()));
    },
  };
}

export function createTransport(options: TransportOptions): Transport {
  const dispatchers = createDispatchers(options);

  async function send({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const response = await request(url, {
      dispatcher: dispatchers.to(url),
      method,
      headers: { 'user-agent': 'fairlead', ...headers },
      body: body ?? null,
      signal: signal ?? null,
    });
    const all = (name: string) => [response.headers[name] ?? []].flat();
    return {
      status: response.statusCode,
      url,
      header: (name) => all(name)[0],
      headers: all,
      body: response.body,
    };
  }

  return { send, close: () => dispatchers.close() };
}

/** Never behind a proxy, and good enough for plain HTTP. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Reads a little of what nobody needs, so that the connection can serve again; ends it when there is more. */
export async function discard(response: HttpResponse): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response.body) {
      size += (chunk as Uint8Array).length;
      if (size > 64 * 1024) return;
    }
  } catch {
    // The response is of no interest, and neither is its end.
  }
}
