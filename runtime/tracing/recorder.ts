import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  SpanKind as Kind,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace as tracing,
} from '@opentelemetry/api';
import type { APIError } from '../api/error.ts';
import { ErrCode } from '../api/error.ts';
import type { Exchange } from '../http/exchange.ts';
import type { PubSubMessageMeta, TraceData } from '../request.ts';
import type { BucketProvider } from '../storage/objects/provider.ts';
import { traceOf } from '../trace.ts';
import type { ManifestAuthHandler, ManifestEndpoint } from '../wire.ts';
import { recordCode, recordFailure } from './failure.ts';
import { attributesOf, nameOf } from './request.ts';
import type { Called, ParentSpan, SpanKind, Spans } from './spans.ts';
import { verbOf, withoutValues } from './statement.ts';
import type { Surroundings } from './surroundings.ts';
import { watchBucket } from './watched-bucket.ts';

const kinds: Record<SpanKind, Kind> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
};

/** What a span is to be, and how its failure is told. */
interface About {
  kind: SpanKind;
  name: string;
  attributes: Attributes;
  /** @default the span that the calling code works in */
  parent?: Context;
  fail: (span: Span, error: unknown) => void;
}

/** Makes spans with the SDK of OpenTelemetry. Ids that applications, logs and other processes see are those of the spans. */
export class Recorder implements Spans {
  readonly #tracer: Tracer;
  readonly #ratio: number;
  readonly #around: Surroundings;
  /** As long as somebody has the trace. */
  readonly #spans = new WeakMap<TraceData, Span>();
  /** Those that end with the failure that they have said already. */
  readonly #failed = new WeakSet<Span>();
  readonly #watched = new WeakMap<BucketProvider, BucketProvider>();

  /** @param ratio of the requests from outside whose traces are kept although somebody outside began them */
  constructor(tracer: Tracer, ratio: number, around: Surroundings) {
    this.#tracer = tracer;
    this.#ratio = ratio;
    this.#around = around;
  }

  start(kind: SpanKind, parent: ParentSpan | undefined, trusted: boolean): TraceData {
    if (!parent) return this.#begin(kind, ROOT_CONTEXT);
    // Not by its id, which whoever is outside chooses.
    const sampled = trusted ? parent.sampled : Math.random() < this.#ratio;
    const { traceId, spanId } = parent;
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return this.#begin(kind, tracing.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true }));
  }

  child(kind: SpanKind): TraceData {
    return this.#begin(kind, context.active());
  }

  within<T>(trace: TraceData, work: () => T): T {
    const span = this.#spans.get(trace);
    return span ? context.with(tracing.setSpan(context.active(), span), work) : work();
  }

  answered(exchange: Exchange, status: number, failure: APIError | undefined): void {
    const span = this.#spans.get(exchange.trace);
    if (!span?.isRecording()) return;
    const { route, passedOn } = exchange;
    span.updateName(nameOf(exchange));
    span.setAttributes(attributesOf(exchange, status, this.#around.secretParameters));
    if (failure && status >= 500) recordFailure(span, failure, route?.sensitive ?? false);
    else if (status >= 500 && !this.#failed.has(span)) markFailed(span, String(status));
    else if (failure) span.setAttribute('fairlead.code', failure.code);
    else if (!passedOn && status < 500) span.setAttribute('fairlead.code', ErrCode.OK);
    span.end();
  }

  failed(trace: TraceData, error: unknown, sensitive: boolean): void {
    const span = this.#spans.get(trace);
    if (!span?.isRecording()) return;
    this.#failed.add(span);
    recordFailure(span, error, sensitive);
  }

  called<T>(trace: TraceData, called: Called, work: Promise<T>): Promise<T> {
    const { service, endpoint, path } = called;
    const { name, sensitive } = endpoint;
    return this.#ended(trace, work, sensitive, () => ({
      name: `${service}.${name}`,
      attributes: {
        ...endpointOf(service, name),
        ...(path !== undefined && this.#around.request(service, 'POST', path)),
      },
    }));
  }

  consumed<T>(trace: TraceData, message: PubSubMessageMeta, work: Promise<T>): Promise<T> {
    const { service, topic, subscription, messageId, deliveryAttempt } = message;
    return this.#ended(trace, work, false, () => ({
      name: `process ${topic}`,
      attributes: {
        ...messaging(this.#around.queueSystem(topic), 'process', topic),
        'messaging.destination.subscription.name': subscription,
        'messaging.message.id': messageId,
        'fairlead.service': service,
        'fairlead.delivery_attempt': deliveryAttempt,
      },
    }));
  }

  ran<T>(trace: TraceData, job: string, { name, sensitive }: ManifestEndpoint, work: Promise<T>): Promise<T> {
    const attributes = { 'fairlead.cron_job': job, 'fairlead.endpoint': name };
    return this.#ended(trace, work, sensitive, () => ({ name: `cron ${job}`, attributes }));
  }

  passedOn<T>(exchange: Exchange, service: string, pass: (trace: TraceData) => Promise<T>): Promise<T> {
    const { endpoint = '', route, method } = exchange;
    return this.#within(
      {
        kind: 'client',
        name: route ? `${method} ${route.path}` : method,
        attributes: {
          ...endpointOf(service, endpoint),
          ...this.#around.request(service, method, route?.sensitive ? route.path : exchange.path),
        },
        parent: this.#contextOf(exchange.trace),
        fail: (span, error) => recordFailure(span, error, route?.sensitive ?? false),
      },
      pass,
    );
  }

  authenticated<T>(
    request: TraceData,
    { service, name }: ManifestAuthHandler,
    path: string | undefined,
    ask: (trace: TraceData) => Promise<T>,
  ): Promise<T> {
    return this.#within(
      {
        kind: path === undefined ? 'internal' : 'client',
        name: `auth ${service}.${name}`,
        attributes: {
          ...endpointOf(service, name),
          ...(path !== undefined && this.#around.request(service, 'POST', path)),
        },
        parent: this.#contextOf(request),
        // What it says of a token may quote it.
        fail: (span, error) => recordFailure(span, error, true),
      },
      ask,
    );
  }

  published(topic: string, send: (trace: TraceData) => Promise<string>): Promise<string> {
    return this.#within(
      {
        kind: 'producer',
        name: `send ${topic}`,
        attributes: messaging(this.#around.topicSystem(topic), 'send', topic),
        fail: recordCode,
      },
      async (trace, span) => {
        const id = await send(trace);
        span.setAttribute('messaging.message.id', id);
        return id;
      },
    );
  }

  queried<T>(database: string, statement: string, run: () => Promise<T>): Promise<T> {
    const text = withoutValues(statement);
    const attributes = {
      'db.system.name': 'postgresql',
      ...this.#around.databaseOf(database),
      ...(text !== undefined && { 'db.query.text': text }),
    };
    return this.#within(
      { kind: 'client', name: `${verbOf(text ?? '')} ${database}`, attributes, fail: recordCode },
      run,
    );
  }

  commanded<T>(cluster: string, name: string, pattern: string, run: () => Promise<T>): Promise<T> {
    const attributes = {
      'db.system.name': 'redis',
      'db.operation.name': name,
      'fairlead.cache': cluster,
      'fairlead.key_pattern': pattern,
    };
    return this.#within({ kind: 'client', name: `${name} ${pattern}`, attributes, fail: recordCode }, run);
  }

  watched(bucket: string, provider: BucketProvider): BucketProvider {
    const known = this.#watched.get(provider);
    if (known) return known;
    const watched = watchBucket(provider, (operation, work) => {
      const attributes = { 'fairlead.bucket': bucket, 'fairlead.operation': operation };
      return this.#within({ kind: 'client', name: `${operation} ${bucket}`, attributes, fail: recordCode }, work);
    });
    this.#watched.set(provider, watched);
    return watched;
  }

  /** Its name comes with its end. */
  #begin(kind: SpanKind, parent: Context): TraceData {
    const span = this.#tracer.startSpan('', { kind: kinds[kind] }, parent);
    return this.#keep(span, parent);
  }

  #keep(span: Span, parent: Context): TraceData {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const above = tracing.getSpanContext(parent);
    const from = above && isSpanContextValid(above) ? above : undefined;
    const trace = traceOf({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }, from);
    this.#spans.set(trace, span);
    return trace;
  }

  #contextOf(trace: TraceData): Context {
    const span = this.#spans.get(trace);
    return span ? tracing.setSpan(context.active(), span) : context.active();
  }

  /** Ends the span of work that has begun already. */
  async #ended<T>(
    trace: TraceData,
    work: Promise<T>,
    sensitive: boolean,
    about: () => Pick<About, 'name' | 'attributes'>,
  ): Promise<T> {
    const span = this.#spans.get(trace);
    if (!span?.isRecording()) return work;
    const { name, attributes } = about();
    span.updateName(name).setAttributes(attributes);
    try {
      const result = await work;
      span.setAttribute('fairlead.code', ErrCode.OK);
      return result;
    } catch (error) {
      recordFailure(span, error, sensitive);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Does work within a span of its own. */
  async #within<T>(
    { kind, name, attributes, parent = context.active(), fail }: About,
    work: (trace: TraceData, span: Span) => Promise<T>,
  ): Promise<T> {
    const span = this.#tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
    const trace = this.#keep(span, parent);
    try {
      return await context.with(tracing.setSpan(parent, span), () => work(trace, span));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
}

function endpointOf(service: string, endpoint: string): Attributes {
  return { 'fairlead.service': service, 'fairlead.endpoint': endpoint };
}

function messaging(system: string, operation: 'send' | 'process', topic: string): Attributes {
  return {
    'messaging.system.name': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': topic,
  };
}

function markFailed(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
