import type { IncomingHttpHeaders } from 'node:http';
import type { Host } from '../internal/host.ts';
import type { Cors, ManifestMessage } from '../wire.ts';

/** Headers of requests and responses that the endpoints' schemas declare, in lower case. */
export interface SchemaHeaders {
  request: string[];
  response: string[];
}

/** What the endpoints of this process declare, and those it passes requests on to. */
export function schemaHeaders({ manifest, endpoints }: Host): SchemaHeaders {
  const own = [...endpoints.values()].map(({ endpoint }) => endpoint);
  const asked = manifest.authHandler?.request;
  return {
    request: [
      ...own.flatMap(({ request }) => headerNames(request)),
      ...manifest.routes.flatMap(({ requestHeaders = [] }) => requestHeaders),
      ...headerNames(asked),
    ],
    response: [
      ...own.flatMap(({ response }) => headerNames(response)),
      ...manifest.routes.flatMap(({ responseHeaders = [] }) => responseHeaders),
    ],
  };
}

function headerNames(message: ManifestMessage | undefined): string[] {
  const fields = message?.encodings.flatMap(({ fields }) => fields) ?? [];
  return fields.filter((field) => field.in === 'header').map(({ wire }) => wire);
}

const allowed = [
  'accept',
  'authorization',
  'content-type',
  'origin',
  'user-agent',
  'x-correlation-id',
  'x-request-id',
  'x-requested-with',
];
const exposed = ['x-request-id', 'x-correlation-id', 'x-encore-trace-id'];
const methods = 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, TRACE, CONNECT';

/** The CORS headers of a response; none when the request does not come from a page, or from a page that is not let in. */
export function corsHeaders(
  method: string,
  headers: IncomingHttpHeaders,
  { allow_headers, expose_headers, ...config }: Cors,
  schema: SchemaHeaders,
): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined) return {};
  const access = accessOf(origin, config);
  if (!access) return { vary: 'Origin' };
  if (method !== 'OPTIONS') {
    const names = [...exposed, ...schema.response, ...(expose_headers ?? [])];
    return { ...access, vary: 'Origin', 'access-control-expose-headers': unique(names) };
  }
  const wanted = headers['access-control-request-headers'];
  const everything = allow_headers?.includes('*') ? wanted : undefined;
  return {
    ...access,
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    'access-control-allow-methods': methods,
    'access-control-allow-headers': everything ?? unique([...allowed, ...schema.request, ...(allow_headers ?? [])]),
  };
}

/** With credentials nobody, without anybody, unless configured. */
export function accessOf(origin: string, config: Cors): Record<string, string> | undefined {
  const { allow_origins_with_credentials = [], allow_origins_without_credentials = ['*'] } = config;
  const allow = { 'access-control-allow-origin': origin };
  if (allow_origins_with_credentials.some((pattern) => matches(origin, pattern))) {
    return { ...allow, 'access-control-allow-credentials': 'true' };
  }
  return allow_origins_without_credentials.some((pattern) => matches(origin, pattern)) ? allow : undefined;
}

/** `*` in a pattern is any text: `https://*.example.com`. */
function matches(origin: string, pattern: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    expression = new RegExp(`^${parts.join('.*')}$`, 'i');
    expressions.set(pattern, expression);
  }
  return expression.test(origin);
}

/** By pattern: there are as many as the configuration has. */
const expressions = new Map<string, RegExp>();

function unique(names: string[]): string {
  return [...new Set(names.map((name) => name.toLowerCase()))].join(', ');
}
