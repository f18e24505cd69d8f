import type { RequestMeta } from '../request.ts';
import type { RawRequest, RawResponse } from './raw.ts';
import type { StreamIn, StreamInOut, StreamOut } from './stream.ts';

/** Which endpoints of the service a middleware wraps: those that fit every condition given. */
export interface MiddlewareOptions {
  /** @default every endpoint */
  target?: {
    /** Those that are reachable from outside, or with `false` those that are not. */
    expose?: boolean;
    /** Those that ask for an authenticated caller, or do not. */
    auth?: boolean;
    /** Raw endpoints, or all others. */
    isRaw?: boolean;
    /** Streams, or all others. */
    isStream?: boolean;
    /** One of them is enough. */
    tags?: string[];
  };
}

/** Runs the rest: the middleware further in, and the endpoint at last. */
export type Next = (req: MiddlewareRequest) => Promise<HandlerResponse>;

/** Has to give a response: what `next` gave, or one of its own. What it throws is the endpoint's failure. */
export type MiddlewareFn = (req: MiddlewareRequest, next: Next) => Promise<HandlerResponse>;

/** Wraps endpoints of the service whose `middlewares` it is among. */
export interface Middleware extends MiddlewareFn {
  readonly options: MiddlewareOptions;
}

/** Declares a middleware. One that is wrapped again keeps its target, unless a new one is given. */
export function middleware(fn: MiddlewareFn): Middleware;
export function middleware(options: MiddlewareOptions, fn: MiddlewareFn): Middleware;
export function middleware(first: MiddlewareOptions | MiddlewareFn, second?: MiddlewareFn): Middleware {
  const fn = second ?? (first as MiddlewareFn);
  const options = second ? (first as MiddlewareOptions) : ((fn as Partial<Middleware>).options ?? {});
  return Object.assign<MiddlewareFn, { options: MiddlewareOptions }>((req, next) => fn(req, next), { options });
}

/** What is there depends on the endpoint: a stream has `stream`, a raw endpoint `rawRequest` and `rawResponse`. */
interface Parts {
  requestMeta?: RequestMeta;
  stream?: StreamIn<unknown> | StreamOut<unknown> | StreamInOut<unknown, unknown>;
  rawRequest?: RawRequest;
  rawResponse?: RawResponse;
}

/** A request on its way to the endpoint. */
export class MiddlewareRequest {
  /** What `currentRequest()` gives. */
  readonly requestMeta: RequestMeta | undefined;
  /** Of a stream alone. */
  readonly stream: Parts['stream'];
  /** Of a raw endpoint alone. */
  readonly rawRequest: RawRequest | undefined;
  /** Of a raw endpoint alone. */
  readonly rawResponse: RawResponse | undefined;
  /** For the endpoint, which reads it as `middlewareData` of `currentRequest()`. */
  // biome-ignore lint/suspicious/noExplicitAny: middleware and endpoint agree on its type
  data: Record<string, any> = {};

  constructor({ requestMeta, stream, rawRequest, rawResponse }: Parts) {
    this.requestMeta = requestMeta;
    this.stream = stream;
    this.rawRequest = rawRequest;
    this.rawResponse = rawResponse;
  }
}

/** What an endpoint answered. Header and status have no effect on raw endpoints, which write their own. */
export class HandlerResponse {
  /** What the endpoint returned; of a stream, no body. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of the payload is known to the endpoint alone
  payload: any;
  /** Headers besides the endpoint's own. */
  readonly header: ResponseHeader = new ResponseHeader();
  #status: number | undefined;

  constructor(payload: unknown) {
    this.payload = payload;
  }

  /** The status to answer with; undefined while the endpoint's own holds. */
  get status(): number | undefined {
    return this.#status;
  }

  set status(code: number) {
    this.#status = code;
  }
}

/** Headers that middleware gives a response. */
export class ResponseHeader {
  /** Every answer has this object, and few have anything in it. */
  #values: Map<string, string[]> | undefined;
  /** Those that take the place of what the endpoint says. */
  #set: Set<string> | undefined;

  /** Takes the place of former values, and of the endpoint's own. */
  set(name: string, value: string | string[]): void {
    this.#set ??= new Set();
    this.#set.add(name.toLowerCase());
    this.#put(name, [value].flat());
  }

  /** Leaves former values where they are. */
  add(name: string, value: string | string[]): void {
    this.#put(name, [...this.get(name), ...[value].flat()]);
  }

  /** What middleware has given so far; empty for nothing. */
  get(name: string): string[] {
    return this.#values?.get(name.toLowerCase()) ?? [];
  }

  /** Names in lower case, each with all of its values. */
  entries(): IterableIterator<[name: string, values: string[]]> {
    return (this.#values ?? new Map<string, string[]>()).entries();
  }

  #put(name: string, values: string[]): void {
    this.#values ??= new Map();
    this.#values.set(name.toLowerCase(), values);
  }

  /** The headers of an endpoint with these put over them. */
  over(headers: readonly [name: string, value: string][]): readonly [name: string, value: string][] {
    if (!this.#values) return headers;
    const kept = headers.filter(([name]) => !this.#set?.has(name.toLowerCase()));
    const own = [...this.entries()].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
    return [...kept, ...own];
  }
}
