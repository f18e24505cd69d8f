import { crypto } from './node.ts';
import type { TraceData } from './request.ts';

const format = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/** A new span: the child of what a W3C `traceparent` names, else the start of a trace. */
export function startSpan(parent: string | undefined): TraceData {
  const [, traceId, parentSpanId] = format.exec(parent ?? '') ?? [];
  const spanId = crypto.randomBytes(8).toString('hex');
  if (traceId === undefined || parentSpanId === undefined)
    return { traceId: crypto.randomBytes(16).toString('hex'), spanId };
  return { traceId, spanId, parentTraceId: traceId, parentSpanId };
}

export function traceparent({ traceId, spanId }: TraceData): string {
  return `00-${traceId}-${spanId}-01`;
}
