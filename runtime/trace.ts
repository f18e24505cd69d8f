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
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    crypto.randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

export function traceparent({ traceId, spanId }: TraceData): string {
  return `00-${traceId}-${spanId}-01`;
}
