import { crypto } from './node.ts';
import type { TraceData } from './request.ts';

const format = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/** A new span: the child of what a W3C `traceparent` names, else the start of a trace. */
export function startSpan(parent: string | undefined): TraceData {
  const [, traceId, parentSpanId] = format.exec(parent ?? '') ?? [];
  const spanId = randomHex(8);
  if (traceId === undefined || parentSpanId === undefined) return { traceId: randomHex(16), spanId };
  return { traceId, spanId, parentTraceId: traceId, parentSpanId };
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

export function traceparent({ traceId, spanId }: TraceData): string {
  return `00-${traceId}-${spanId}-01`;
}
