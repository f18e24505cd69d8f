import { isErrorBody, toAPIError } from './errors.ts';
import { type Field, type Placed, place, placeAll, type ResponseField, type Route } from './request.ts';

/** What every request says of its sender: the parameters of the application's auth handler. */
export type AuthParams = Record<string, unknown>;

/** Something that answers requests as `fetch` does. */
export type Fetcher = (url: string, init: RequestInit) => Promise<Response>;

export interface ClientOptions {
  /** Sent with every request; a function is asked before each of them. */
  auth?: AuthParams | (() => AuthParams | undefined | Promise<AuthParams | undefined>);
  /** @default the global `fetch` */
  fetcher?: Fetcher;
  /** Goes into every request: headers, `credentials`, … */
  requestInit?: Omit<RequestInit, 'method' | 'body'>;
  /** What streams are opened with. @default the global `WebSocket` */
  webSocket?: new (
    url: string,
    protocols: string[],
  ) => WebSocket;
}

/** For one call; wins over the client's own options. */
export interface CallOptions extends Omit<RequestInit, 'method' | 'body'> {
  auth?: AuthParams;
  /** Added to the query string. */
  query?: Record<string, string | readonly string[]>;
}

/** For one call of an endpoint that handles the request itself; it gets the body as it is. */
export interface RawOptions extends CallOptions {
  method?: string;
  body?: NonNullable<RequestInit['body']>;
}

/** A cookie that an answer sets. Browsers keep cookies from code: there the field is absent. */
export interface Cookie<Value> {
  value: Value;
  /** As the server wrote it. */
  expires?: string;
  /** Seconds. */
  maxAge?: number;
  domain?: string;
  path?: string;
  sameSite?: string;
  secure?: boolean;
  httpOnly?: boolean;
  partitioned?: boolean;
}

/** Makes the requests of a client. */
export class Connection {
  readonly base: string;
  readonly options: ClientOptions;
  readonly #auth: readonly Field[];

  constructor(base: string, options: ClientOptions, auth: readonly Field[]) {
    this.base = base.replace(/\/+$/, '');
    this.options = options;
    this.#auth = auth;
  }

  /** Calls a typed endpoint. @throws APIError when it fails */
  async call<Result>(
    route: Route,
    params: object = {},
    { method = route.methods[0] ?? 'POST', ...options }: CallOptions & { method?: string } = {},
  ): Promise<Result> {
    const placed = place(route, method, params);
    if (placed.body !== undefined) placed.headers.set('content-type', 'application/json');
    const response = await this.#send(placed, {
      ...options,
      method,
      ...(placed.body !== undefined && { body: placed.body }),
    });
    return (await readResult(route.response, response)) as Result;
  }

  /** Calls an endpoint that handles the request itself; every status is an answer. */
  raw(route: Route, params: object = {}, options: RawOptions = {}): Promise<Response> {
    const method = options.method ?? route.methods[0] ?? 'POST';
    return this.#send(place(route, method, params), { ...options, method });
  }

  /** Adds what goes with every request. */
  async prepare(placed: Placed, { auth, query }: Pick<CallOptions, 'auth' | 'query'>): Promise<void> {
    const { auth: own } = this.options;
    placeAll(placed, this.#auth, auth ?? (typeof own === 'function' ? await own() : own) ?? {});
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of typeof value === 'string' ? [value] : value) placed.query.append(name, one);
    if (placed.cookies.length > 0) placed.headers.set('cookie', placed.cookies.join('; '));
  }

  async #send(placed: Placed, { auth, query, headers, ...init }: RawOptions & { method: string }): Promise<Response> {
    const { fetcher = (url, init) => fetch(url, init), requestInit } = this.options;
    await this.prepare(placed, { ...(auth && { auth }), ...(query && { query }) });
    const all = new Headers(requestInit?.headers);
    for (const some of [placed.headers, new Headers(headers)]) {
      some.forEach((value, name) => {
        all.set(name, value);
      });
    }
    const search = placed.query.size > 0 ? `?${placed.query}` : '';
    return await fetcher(`${this.base}${placed.path}${search}`, { ...requestInit, ...init, headers: all });
  }
}

async function readResult(fields: Route['response'], response: Response): Promise<unknown> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    throw toAPIError(undefined, response.status);
  }
  const failed = !response.ok && (isErrorBody(body) || !fields?.some(([, where]) => where === 'status'));
  if (failed) throw toAPIError(body, response.status);
  if (!fields) return undefined;
  return fields.length === 0 ? body : { ...(body as object), ...besidesBody(fields, response) };
}

function besidesBody(fields: readonly ResponseField[], { status, headers }: Response): Record<string, unknown> {
  const found = fields.map(([name, where, wire, type]): [string, unknown] => {
    if (where === 'status') return [name, status];
    if (where === 'cookie') return [name, cookieOf(headers.getSetCookie(), wire, type)];
    const text = headers.get(wire);
    return [name, text === null ? undefined : fromText(text, type)];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function cookieOf(headers: string[], wire: string, type: ResponseField[3]): Cookie<unknown> | undefined {
  for (const header of headers) {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    if (pair.slice(0, pair.indexOf('=')) !== wire) continue;
    const cookie: Record<string, unknown> = { value: fromText(decode(pair.slice(wire.length + 1)), type) };
    for (const attribute of attributes) {
      const [key = '', ...value] = attribute.split('=');
      const name = attributeNames[key.toLowerCase()];
      if (name) cookie[name] = name === 'maxAge' ? Number(value[0]) : value.length > 0 ? value.join('=') : true;
    }
    return cookie as unknown as Cookie<unknown>;
  }
  return undefined;
}

const attributeNames: Record<string, keyof Cookie<unknown>> = {
  expires: 'expires',
  'max-age': 'maxAge',
  domain: 'domain',
  path: 'path',
  samesite: 'sameSite',
  secure: 'secure',
  httponly: 'httpOnly',
  partitioned: 'partitioned',
};

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fromText(text: string, type: ResponseField[3]): unknown {
  return type === 'number' ? Number(text) : type === 'boolean' ? text === 'true' : text;
}
