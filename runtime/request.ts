import { AsyncLocalStorage } from 'node:async_hooks';
import { spans } from './tracing/spans.ts';

/** What is being worked on: an API call or a message. */
export type RequestMeta = (APICallMeta | PubSubMessageMeta) & { trace?: TraceData };

/** A call of an endpoint, from outside or from another service. */
export interface APICallMeta {
  type: 'api-call';
  api: APIDesc;
  method: string;
  /** As it was asked for; of a call between services, the endpoint's own. */
  path: string;
  pathAndQuery: string;
  /** By the names in the path: text of a request, values of a call between services. */
  // biome-ignore lint/suspicious/noExplicitAny: the types of path parameters are known to the handler alone
  pathParams: Record<string, any>;
  /** By names in lower case; empty for a call between services. */
  headers: Record<string, string | string[]>;
  /** The request, or the handshake of a stream; absent without a type. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of the payload is known to the handler alone
  parsedPayload?: Record<string, any>;
  /** `data` of the request, as middleware left it. */
  // biome-ignore lint/suspicious/noExplicitAny: middleware and endpoint agree on its type
  middlewareData?: Record<string, any>;
}

/** The endpoint that is called. */
export interface APIDesc {
  service: string;
  endpoint: string;
  raw: boolean;
  auth: boolean;
  tags: string[];
}

/** A message that a subscription handles. */
export interface PubSubMessageMeta {
  type: 'pubsub-message';
  service: string;
  topic: string;
  subscription: string;
  /** What `publish` resolved to; the same at each delivery. */
  messageId: string;
  /** 1 for the first delivery. */
  deliveryAttempt: number;
  // biome-ignore lint/suspicious/noExplicitAny: the type of the message is known to the handler alone
  parsedPayload?: Record<string, any>;
}

/** W3C trace context in hexadecimal. */
export interface TraceData {
  traceId: string;
  spanId: string;
  parentTraceId?: string;
  parentSpanId?: string;
  extCorrelationId?: string;
}

/** What is being worked on, and what else belongs to it. */
export interface RequestContext {
  meta: RequestMeta & { trace: TraceData };
  /** What the auth handler said of the caller; absent for an anonymous one. */
  authData?: object;
  /** When the caller stops waiting: milliseconds since 1970. @default never */
  deadline?: number;
  /** Of the promise of the call, whatever its code does. Undefined once it has ended; `abort()` of internal/invoke.ts sees to that. */
  reject?: ((error: Error) => void) | undefined;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request that the calling code works on; undefined outside of one. */
export function currentRequest(): RequestMeta | undefined {
  return storage.getStore()?.meta;
}

/** The request that the calling code works on, with all that belongs to it. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/** The trace of the current request. */
export function currentTrace(): TraceData | undefined {
  return storage.getStore()?.meta.trace;
}

/** Who sent the current request, as the auth handler said; undefined when it is anonymous, and outside of a request. */
export function currentAuthData(): object | undefined {
  return storage.getStore()?.authData;
}

export function runInRequest<T>(context: RequestContext, work: () => T): T {
  const traced = spans();
  return storage.run(context, traced ? () => traced.within(context.meta.trace, work) : work);
}
