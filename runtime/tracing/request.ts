import type { Attributes } from '@opentelemetry/api';
import type { Exchange } from '../http/exchange.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** The name of the span of a request: of low cardinality, so the route and not the path. */
export function nameOf({ method, path, from, route, service, endpoint }: Exchange): string {
  if (isInternal({ from, path })) {
    const [, , kind, job = ''] = path.split('/');
    if (kind === 'cron') return `cron ${decodeURIComponent(job)}`;
    return endpoint === undefined ? `${method} ${path}` : `${service}.${endpoint}`;
  }
  const known = methods.has(method) ? method : 'HTTP';
  return route ? `${known} ${route.path}` : known;
}

/**
 * What is said of a request. Of a sensitive endpoint neither the path nor the query, which hold values; of none a header.
 * @param secrets parameters of the query string that tell who asks
 */
export function attributesOf(exchange: Exchange, status: number, secrets: ReadonlySet<string>): Attributes {
  const { request, method, path, search, from, route, service, endpoint } = exchange;
  const internal = isInternal(exchange);
  const known = methods.has(method);
  // Passed on, the query string is told already: by the gateway, which knows what in it tells who asks.
  const told = route && !route.sensitive && from === 'outside' && search !== '';
  return {
    'http.request.method': known ? method : '_OTHER',
    ...(!known && { 'http.request.method_original': method }),
    'http.response.status_code': status,
    'network.protocol.version': request.httpVersion,
    'url.scheme': request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http',
    'url.path': route?.sensitive && !internal ? route.path : path,
    ...(told && { 'url.query': redacted(search, secrets) }),
    ...(route && !internal && { 'http.route': route.path }),
    ...(service !== undefined && { 'fairlead.service': service }),
    ...(endpoint !== undefined && { 'fairlead.endpoint': endpoint }),
  };
}

/** What processes of the application ask each other. Its path holds names alone. */
function isInternal({ from, path }: Pick<Exchange, 'from' | 'path'>): boolean {
  return from === 'application' && path.startsWith('/__fairlead/');
}

/** Parameters that let somebody in, whoever they are meant for: signatures of URLs, as OpenTelemetry's conventions list them, and what OAuth sends. */
const confidential = new Set([
  ...[
    'awsaccesskeyid',
    'signature',
    'sig',
    'x-goog-signature',
    'x-amz-signature',
    'x-amz-credential',
    'x-amz-security-token',
  ],
  ...[
    'code',
    'state',
    'token',
    'access_token',
    'id_token',
    'refresh_token',
    'client_secret',
    'password',
    'secret',
    'api_key',
    'apikey',
  ],
]);

function redacted(search: string, secrets: ReadonlySet<string>): string {
  return search
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      const plain = decoded(name);
      return secrets.has(plain) || confidential.has(plain.toLowerCase()) ? `${name}=REDACTED` : pair;
    })
    .join('&');
}

function decoded(name: string): string {
  return [...new URLSearchParams(`${name}=`).keys()][0] ?? name;
}
