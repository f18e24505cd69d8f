import type { TraceData } from '../request.ts';

/** Of what handlers threw. */
const traces = new WeakMap<object, TraceData>();

/** Remembers in which trace a handler failed, for the lines that are written when its request is over. */
export function failedIn(error: unknown, trace: TraceData): void {
  if (typeof error === 'object' && error !== null) traces.set(error, trace);
}

/** The fields of a line about a message that failed so. Nothing is known of an error that is no object, nor of one from elsewhere. */
export function traceOfFailure(error: unknown): { trace_id?: string; span_id?: string } {
  const trace = typeof error === 'object' && error !== null ? traces.get(error) : undefined;
  return trace ? { trace_id: trace.traceId, span_id: trace.spanId } : {};
}
