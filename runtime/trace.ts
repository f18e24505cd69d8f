import { crypto } from './node.ts';
import { currentTrace, type TraceData } from './request.ts';
import { type ParentSpan, type SpanKind, spans } from './tracing/spans.ts';

const format = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** Whether the spans of a trace are kept, as whoever began it has decided. Not for applications: `TraceData` is what they see. */
const sampled = Symbol('sampled');

/**
 * A new span: the child of what a W3C `traceparent` names, else the start of a trace.
 * @param trusted whether it is a process of the application that says whether the trace is sampled; else it is decided here
 */
export function startSpan(parent: string | undefined, kind: SpanKind, trusted = true): TraceData {
  const from = parseParent(parent);
  return spans()?.start(kind, from, trusted) ?? unrecorded(from, trusted);
}

/** A new span below the one that the calling code works in. */
export function childSpan(kind: SpanKind): TraceData {
  return spans()?.child(kind) ?? unrecorded(parentOf(currentTrace()), true);
}

/** Of spans of which this process keeps none, and passes on what other processes of the application have decided. */
function unrecorded(parent: ParentSpan | undefined, trusted: boolean): TraceData {
  const sampled = trusted && parent?.sampled === true;
  return traceOf({ traceId: parent?.traceId ?? randomHex(16), spanId: randomHex(8), sampled }, parent);
}

/** What applications see of a span. */
export function traceOf(span: ParentSpan, parent: Omit<ParentSpan, 'sampled'> | undefined): TraceData {
  const { traceId, spanId } = span;
  const trace: TraceData & { [sampled]?: true } = { traceId, spanId };
  if (parent) Object.assign(trace, { parentTraceId: parent.traceId, parentSpanId: parent.spanId });
  if (span.sampled) trace[sampled] = true;
  return trace;
}

function parentOf(trace: TraceData | undefined): ParentSpan | undefined {
  return trace && { traceId: trace.traceId, spanId: trace.spanId, sampled: isSampled(trace) };
}

function parseParent(text: string | undefined): ParentSpan | undefined {
  if (text === undefined) return undefined;
  const [, traceId, spanId, flags = ''] = format.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function isSampled(trace: TraceData): boolean {
  return sampled in trace;
}

/** Drawn for many spans at once: to ask the system for few bytes takes as long as for many. */
let pool = '';
let used = 0;

function randomHex(bytes: number): string {
  if (used + 2 * bytes > pool.length) {
    pool = crypto.randomBytes(4096).toString('hex');
    used = 0;
  }
  used += 2 * bytes;
  return pool.slice(used - 2 * bytes, used);
}

export function traceparent(trace: TraceData): string {
  return `00-${trace.traceId}-${trace.spanId}-${isSampled(trace) ? '01' : '00'}`;
}
