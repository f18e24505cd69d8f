import type { RawHandler } from './raw.ts';
import { StaticAssets, type StaticOptions } from './static.ts';
import type { StreamIn, StreamInOut, StreamOptions, StreamOut } from './stream.ts';

/** A method of HTTP. */
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
  /** What middleware and clients choose endpoints by. @default none */
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

/** Declares endpoints: called itself, a typed one. */
export interface API {
  /**
   * Declares a typed endpoint and returns the handler itself: called as a function it runs alone, without validation, middleware or
   * authentication. What it throws reaches the caller as an `APIError`.
   */
  <Params extends object | Nothing = Nothing, Response extends object | Nothing = Nothing>(
    options: APIOptions,
    fn: (params: Params) => Promise<Response>,
  ): [Params] extends [Nothing] ? () => Promise<Response> : (params: Params) => Promise<Response>;
  <Params extends object | Nothing = Nothing, Response extends object | Nothing = Nothing>(
    options: APIOptions,
    fn: (params: Params) => Response,
  ): [Params] extends [Nothing] ? () => Response : (params: Params) => Response;

  /** Declares an endpoint that handles the HTTP request and response itself. A body beyond `bodyLimit` fails for who reads it. */
  raw(options: APIOptions, fn: RawHandler): RawHandler;

  /** Declares an endpoint that serves the files of a directory, by GET and HEAD. */
  static(options: StaticOptions): StaticAssets;

  /** Declares a stream of messages in both directions: `<In, Out>`, or `<Handshake, In, Out>`. */
  streamInOut<In, Out>(
    options: StreamOptions,
    fn: (stream: StreamInOut<In, Out>) => Promise<void>,
  ): (stream: StreamInOut<In, Out>) => Promise<void>;
  streamInOut<Handshake, In, Out>(
    options: StreamOptions,
    fn: (handshake: Handshake, stream: StreamInOut<In, Out>) => Promise<void>,
  ): (handshake: Handshake, stream: StreamInOut<In, Out>) => Promise<void>;

  /** Declares a stream of messages that arrive: `<In>`, `<In, Out>`, `<Handshake, In>` or `<Handshake, In, Out>`. */
  streamIn<In>(
    options: StreamOptions,
    fn: (stream: StreamIn<In>) => Promise<void>,
  ): (stream: StreamIn<In>) => Promise<void>;
  // With two type arguments the number of the handler's parameters tells what they are. The checker types parameters before it
  // counts them, so the first is both, and every handler of either form fits.
  streamIn<First, Second>(
    options: StreamOptions,
    fn: (first: First & StreamIn<First>, stream: StreamIn<Second>) => Promise<Second | Nothing>,
  ): StreamInHandler<First, Second>;
  streamIn<Handshake, In, Out>(
    options: StreamOptions,
    fn: (handshake: Handshake, stream: StreamIn<In>) => Promise<Out>,
  ): (handshake: Handshake, stream: StreamIn<In>) => Promise<Out>;

  /** Declares a stream of messages that are sent: `<Out>`, or `<Handshake, Out>`. */
  streamOut<Out>(
    options: StreamOptions,
    fn: (stream: StreamOut<Out>) => Promise<void>,
  ): (stream: StreamOut<Out>) => Promise<void>;
  streamOut<Handshake, Out>(
    options: StreamOptions,
    fn: (handshake: Handshake, stream: StreamOut<Out>) => Promise<void>,
  ): (handshake: Handshake, stream: StreamOut<Out>) => Promise<void>;
}

/** The handler of `streamIn` with two type arguments: messages and the answer, or handshake and messages. */
export interface StreamInHandler<First, Second> {
  (stream: StreamIn<First>): Promise<Second>;
  (handshake: First, stream: StreamIn<Second>): Promise<void>;
}

/** What is declared is the handler: the host knows the rest from the analyzer. */
const handlerItself = (_options: unknown, fn: unknown): unknown => fn;

/** Declares endpoints. Options are literals, since the analyzer reads them and never runs them. */
export const api: API = Object.assign(handlerItself, {
  raw: handlerItself,
  static: (options: StaticOptions) => new StaticAssets(options),
  streamInOut: handlerItself,
  streamIn: handlerItself,
  streamOut: handlerItself,
}) as API;
