import type { APIError } from '../api/error.ts';
import type { Exchange } from '../http/exchange.ts';
import type { PubSubMessageMeta, TraceData } from '../request.ts';
import type { BucketProvider } from '../storage/objects/provider.ts';
import type { ManifestAuthHandler, ManifestEndpoint } from '../wire.ts';

/** The role of a span, by the words of OpenTelemetry. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** The span that work goes on from, as W3C trace context names it. */
export interface ParentSpan {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

/** An endpoint that is called from within the application. */
export interface Called {
  service: string;
  endpoint: ManifestEndpoint;
  /** That the process of the service is asked by. @default it is this process */
  path?: string;
}

/**
 * Makes spans of what a process does. What begins with a span of its own (`start`, `child`) says at its end what it was; of the rest each
 * takes the work, and does it within a span.
 */
export interface Spans {
  /**
   * Begins a span for what comes in.
   * @param trusted whether `sampled` of the parent counts, which it does from processes of the application
   */
  start(kind: SpanKind, parent: ParentSpan | undefined, trusted: boolean): TraceData;
  /** Begins a span below the one that the calling code works in. */
  child(kind: SpanKind): TraceData;
  /** Lets the work find the span, as does every library that knows OpenTelemetry. */
  within<T>(trace: TraceData, work: () => T): T;

  /** Ends the span of a request. Of a stream it is that of its handshake. */
  answered(exchange: Exchange, status: number, failure: APIError | undefined): void;
  /** Says how a cron job ended that was asked for by a request. */
  failed(trace: TraceData, error: unknown, sensitive: boolean): void;
  /** Ends the span of a call, made by `child`, with it. */
  called<T>(trace: TraceData, called: Called, work: Promise<T>): Promise<T>;
  /** Ends the span of a message, made by `start`, with its handler. */
  consumed<T>(trace: TraceData, message: PubSubMessageMeta, work: Promise<T>): Promise<T>;
  /** Ends the span of a run, made by `start`, with it. */
  ran<T>(trace: TraceData, job: string, endpoint: ManifestEndpoint, work: Promise<T>): Promise<T>;

  /** Another process answers a request from outside. */
  passedOn<T>(exchange: Exchange, service: string, pass: (trace: TraceData) => Promise<T>): Promise<T>;
  /**
   * The auth handler is asked who sends a request.
   * @param path that the process of its service is asked by; undefined when that is this process
   */
  authenticated<T>(
    request: TraceData,
    handler: ManifestAuthHandler,
    path: string | undefined,
    ask: (trace: TraceData) => Promise<T>,
  ): Promise<T>;
  published(topic: string, send: (trace: TraceData) => Promise<string>): Promise<string>;
  /** @param database as the application names it */
  queried<T>(database: string, statement: string, run: () => Promise<T>): Promise<T>;
  /** @param pattern of the keys, which may tell of people themselves */
  commanded<T>(cluster: string, name: string, pattern: string, run: () => Promise<T>): Promise<T>;
  /** The same bucket, with a span for each of its operations. */
  watched(bucket: string, provider: BucketProvider): BucketProvider;
}

let wanted: Spans | undefined;

/** Undefined while nobody exports spans: then none are made. */
export function spans(): Spans | undefined {
  return wanted;
}

export function provideSpans(made: Spans | undefined): void {
  wanted = made;
}
