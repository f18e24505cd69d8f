/** An OpenAPI document as HTTP APIs take it: API Gateway Developer Guide, "OpenAPI definitions for HTTP APIs". */
export interface ApiDocument {
  openapi?: string;
  info?: { title?: string };
  paths?: Record<string, Record<string, { 'x-amazon-apigateway-integration'?: DocumentIntegration }>>;
}

export interface DocumentIntegration {
  type?: string;
  httpMethod?: string;
  uri?: string;
  connectionType?: string;
  connectionId?: string;
  payloadFormatVersion?: string;
  timeoutInMillis?: number;
  requestParameters?: Record<string, string>;
}

export interface Integration {
  type: string;
  uri: string;
  method: string;
  connectionType: string;
  connectionId?: string;
  timeout: number;
  parameters: Record<string, string>;
}

/** `ANY /orders/{id}`, or `$default`. */
export interface Route {
  key: string;
  integration: Integration;
}

export function routesOf({ paths = {} }: ApiDocument): Route[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const written = operation?.['x-amazon-apigateway-integration'];
      if (!written) return [];
      const verb = method === 'x-amazon-apigateway-any-method' ? 'ANY' : method.toUpperCase();
      return { key: path.endsWith('$default') ? '$default' : `${verb} ${path}`, integration: integrationOf(written) };
    }),
  );
}

function integrationOf(written: DocumentIntegration): Integration {
  return {
    type: (written.type ?? '').toUpperCase(),
    uri: written.uri ?? '',
    method: written.httpMethod ?? 'ANY',
    connectionType: written.connectionType ?? 'INTERNET',
    ...(written.connectionId && { connectionId: written.connectionId }),
    timeout: written.timeoutInMillis ?? 30_000,
    parameters: written.requestParameters ?? {},
  };
}

/**
 * The route of a request. "Working with routes for HTTP APIs": a full match before one with a greedy variable, `$default` last, and a
 * method before ANY.
 */
export function match(
  routes: Route[],
  method: string,
  path: string,
): { route: Route; variables: Record<string, string> } | undefined {
  const fitting = routes.flatMap((route) => {
    if (route.key === '$default') return { route, variables: {}, rank: 9 };
    const [verb = '', template = ''] = route.key.split(' ');
    if (verb !== 'ANY' && verb !== method) return [];
    const found = pattern(template).exec(path);
    if (!found) return [];
    const rank = (template.includes('+}') ? 4 : template.includes('{') ? 2 : 0) + (verb === 'ANY' ? 1 : 0);
    return { route, variables: { ...found.groups }, rank };
  });
  return fitting.sort((a, b) => a.rank - b.rank)[0];
}

function pattern(template: string): RegExp {
  const source = template
    .replace(/[.^$()|[\]\\*?]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`);
}

interface Asked {
  headers: Record<string, string | string[] | undefined>;
  url: URL;
  variables: Record<string, string>;
  ip: string;
}

/** "Transform API requests and responses for HTTP APIs": headers, query and path, in their order. */
export function transform(parameters: Record<string, string>, asked: Asked): void {
  for (const [target, source] of Object.entries(parameters)) {
    const [action, place = ''] = target.split(':');
    const value = filledIn(source, asked);
    const [kind = '', name = ''] = [place.split('.')[0], place.split('.').slice(1).join('.')];
    if (kind === 'header') set(asked.headers, action, name.toLowerCase(), value);
    else if (kind === 'querystring' && action === 'remove') asked.url.searchParams.delete(name);
    else if (kind === 'querystring') asked.url.searchParams[action === 'append' ? 'append' : 'set'](name, value);
    else if (kind === 'path') asked.url.pathname = value;
    else throw new Error(`The fake API Gateway has no parameter "${target}".`);
  }
}

function set(headers: Asked['headers'], action: string | undefined, name: string, value: string): void {
  if (action === 'remove') delete headers[name];
  else if (action === 'append') headers[name] = [headers[name] ?? [], value].flat().join(',');
  else headers[name] = value;
}

function filledIn(source: string, { headers, url, variables, ip }: Asked): string {
  const one = (name: string): string => {
    const [, where, key = ''] = /^request\.(\w+)\.?(.*)$/.exec(name) ?? [];
    if (where === 'header') return String(headers[key.toLowerCase()] ?? '');
    if (where === 'querystring') return url.searchParams.get(key) ?? '';
    if (where === 'path') return key ? (variables[key] ?? '') : url.pathname;
    if (name === 'context.identity.sourceIp') return ip;
    throw new Error(`The fake API Gateway has no variable "${name}".`);
  };
  if (source.startsWith('$')) {
    const whole = /^\$([\w.]+)$/.exec(source);
    if (whole?.[1]) return one(whole[1]);
  }
  return source.replace(/\$\{([\w.-]+)\}/g, (_, name: string) => one(name));
}
