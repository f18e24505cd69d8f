import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { type APIError, ErrCode } from '../api/error.ts';
import { toApiError } from '../http/error-body.ts';

/**
 * Says of a span that its work failed, by the code of the contract. Its text is what a caller is told; that of an unexpected failure may
 * quote anything, and is in the log under the same trace: of it there are the class and the stack.
 * @param sensitive whether neither may be said
 */
export function recordFailure(span: Span, thrown: unknown, sensitive: boolean): void {
  const error = toApiError(thrown);
  const unexpected = error.code === ErrCode.Internal;
  span.setAttributes({ 'fairlead.code': error.code, 'error.type': error.code });
  span.setStatus({ code: SpanStatusCode.ERROR, ...(!unexpected && !sensitive && { message: error.message }) });
  if (unexpected && !sensitive) span.addEvent('exception', exceptionOf(error));
}

/** Of what a database or a server said nothing but its code, since its texts quote values. */
export function recordCode(span: Span, thrown: unknown): void {
  const code: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;
  const isState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  span.setAttributes({
    'error.type': typeof code === 'string' ? code : classOf(thrown),
    ...(isState && { 'db.response.status_code': code }),
  });
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function exceptionOf(error: APIError): Attributes {
  const cause: unknown = error.cause ?? error;
  const frames = cause instanceof Error ? framesOf(cause) : '';
  return { 'exception.type': classOf(cause), ...(frames !== '' && { 'exception.stacktrace': frames }) };
}

function classOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}

/** The stack without the message that it begins with. */
function framesOf({ message, stack = '' }: Error): string {
  const start = stack.indexOf(message);
  const rest = start < 0 ? stack : stack.slice(start + message.length);
  return rest
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .join('\n');
}
