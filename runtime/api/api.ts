export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS' | 'TRACE' | 'CONNECT';

/** How an endpoint is reached. Every value is a literal, since the analyzer reads it and never runs it. */
export interface APIOptions {
  /** `*` is every method but CONNECT. @default POST */
  method?: Method | Method[] | '*';
  /** Segments are literals, `:name`, `*name` (the rest) or `!name` (a fallback). @default `/<service>.<endpoint>` */
  path?: string;
  /** Reachable from outside. @default false */
  expose?: boolean;
  /** Asks for an authenticated caller. @default false */
  auth?: boolean;
  /** Bytes; null is unlimited. @default 2 MiB */
  bodyLimit?: number | null;
  tags?: string[];
  /** Keeps requests and responses out of traces. @default false */
  sensitive?: boolean;
}

/** What can be set for one call through `~encore/clients`; generated code widens it. */
// biome-ignore lint/suspicious/noEmptyInterface: an interface, so that generated declarations can merge into it
export interface CallOpts {}

/** No parameters, or no response. */
// biome-ignore lint/suspicious/noConfusingVoidType: what a function without a result returns
type Nothing = void;

/** Declares a typed endpoint and returns the handler itself. */
export function api<Params extends object | Nothing = Nothing, Response extends object | Nothing = Nothing>(
  options: APIOptions,
  fn: (params: Params) => Promise<Response>,
): [Params] extends [Nothing] ? () => Promise<Response> : (params: Params) => Promise<Response>;
export function api<Params extends object | Nothing = Nothing, Response extends object | Nothing = Nothing>(
  options: APIOptions,
  fn: (params: Params) => Response,
): [Params] extends [Nothing] ? () => Response : (params: Params) => Response;
export function api(_options: APIOptions, fn: unknown): unknown {
  return fn;
}
