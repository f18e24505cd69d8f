import type { ECRClient } from '@aws-sdk/client-ecr';
import { type Dispatcher, request } from 'undici';
import { createDispatchers } from '../../oci/repository/remote/transport.ts';

type HttpHandler = ECRClient['config']['requestHandler'];

/**
 * Sends what the SDK asks for as everything else is sent, through the proxies of `env`. The SDK's own way knows none, and
 * the agents of Node.js know them since 22.21 only.
 */
export function createHttpHandler(env: Record<string, string | undefined>): HttpHandler {
  const dispatchers = createDispatchers({ env, timeouts: { connect: 10_000, idle: 60_000 } });
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ method, headers, body, ...address }, { abortSignal }: { abortSignal?: unknown } = {}) {
      const url = urlOf(address);
      try {
        const response = await request(url, {
          dispatcher: dispatchers.to(url),
          method: method as Dispatcher.HttpMethod,
          headers,
          body: body ?? null,
          signal: (abortSignal as AbortSignal | undefined) ?? null,
        });
        const answered = Object.entries(response.headers).map(([name, value = '']) => [
          name,
          [value].flat().join(', '),
        ]);
        return {
          response: {
            statusCode: response.statusCode,
            headers: Object.fromEntries(answered),
            body: response.body,
          },
        };
      } catch (error) {
        throw passing(error);
      }
    },
    destroy: () => void dispatchers.close(),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

interface Address {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
}

function urlOf({ protocol, hostname, port, path, query = {} }: Address): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? ''].flat()) url.searchParams.append(name, one);
  return url;
}

/** The SDK tries again what has this name; it does not know the codes of undici. */
function passing(error: unknown): unknown {
  const { code = '' } = error as { code?: string };
  if (/^UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET)$/.test(code))
    Object.assign(error as Error, { name: 'TimeoutError' });
  return error;
}
