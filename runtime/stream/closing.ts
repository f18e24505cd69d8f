import { APIError, ErrCode } from '../api/error.ts';
import { errorBody, fromErrorBody } from '../http/error-body.ts';
import type { Closing } from './channel.ts';

/** What whoever uses a stream after its end is told. */
export class StreamClosed extends APIError {
  constructor() {
    super(ErrCode.Canceled, 'the stream is closed');
  }
}

/** The end as it should be. */
export const normal: Closing = { code: 1000, reason: '' };

/** The process is about to end. */
export const goingAway: Closing = { code: 1001, reason: 'the service is shutting down' };

/** The connection was lost without a word. */
export const lost: Closing = { code: 1006, reason: '' };

/** What a frame that closes a connection has room for, besides the code. Bytes. */
const longestReason = 123;

/** The code with which a failure closes a connection; every other failure is of the caller's making: 1008. */
const codes: Partial<Record<ErrCode, number>> = {
  internal: 1011,
  unknown: 1011,
  data_loss: 1011,
  unavailable: 1013,
  resource_exhausted: 1013,
};

/**
 * How a failure closes a connection to someone outside. The reason is the error body as far as there is room: first the details
 * are left out, then the end of the message.
 */
export function closingOf(error: APIError): Closing {
  const { code, message, details } = errorBody(error, 'external');
  const start = Array.from(message.slice(0, longestReason));
  const shorter = start.map((_, index) => ({ code, message: `${start.slice(0, -1 - index).join('')}…` }));
  const candidates = [{ code, message, ...(details && { details }) }, { code, message }, ...shorter];
  const reasons = candidates.map((body) => JSON.stringify(body));
  const reason = reasons.find((text) => Buffer.byteLength(text) <= longestReason) ?? code;
  return { code: codes[code] ?? 1008, reason };
}

/** What the end of a connection says to whoever still waits; also of a normal one. */
export function closedError({ code, reason }: Closing): APIError {
  const body = parse(reason);
  if (body) return fromErrorBody(body, 500);
  if (code === 1000 || code === 1005) return new StreamClosed();
  if (code === 1011) return APIError.internal(reason || 'the stream was closed by a failure');
  return APIError.unavailable(`the stream broke off: ${reason || `code ${code}`}`);
}

/** The closing that can be passed on: some codes only say what was seen, and are never sent. */
export function sendable({ code, reason }: Closing): Closing | undefined {
  if (code === 1005) return normal;
  const reserved = code === 1004 || code === 1006 || code === 1015;
  const known = (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);
  return known && !reserved ? { code, reason } : undefined;
}

function parse(reason: string): object | undefined {
  try {
    const body: unknown = JSON.parse(reason);
    return typeof body === 'object' && body !== null && 'code' in body ? body : undefined;
  } catch {
    return undefined;
  }
}
