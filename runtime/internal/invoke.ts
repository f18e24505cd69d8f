import { APIError, ErrCode } from '../api/error.ts';
import { codecFor } from '../codec/mod.ts';
import { isForInside, toApiError } from '../http/error-body.ts';
import log from '../log/mod.ts';
import { type APICallMeta, type RequestContext, runInRequest, type TraceData } from '../request.ts';
import type { SignedCall } from '../wire.ts';
import type { Host, Hosted } from './host.ts';
import { type CallObserver, callObserver } from './observe.ts';

/** What of a call its handler can ask for, besides the parameters. */
export type CallMeta = Pick<APICallMeta, 'method' | 'path' | 'pathAndQuery' | 'pathParams' | 'headers'>;

/** What the auth handler said, as JSON. */
export type AuthJson = NonNullable<SignedCall['auth']>;

/** For whom a call is made, and within what. */
export interface Caller {
  trace: TraceData;
  /** Absent for an anonymous caller. */
  auth?: AuthJson;
  /** When the caller stops waiting: milliseconds since 1970. @default never */
  deadline?: number;
}

/** What code that works for a call finds by `currentRequest()` and `getAuthData()`. */
export interface CallContext extends RequestContext {
  meta: APICallMeta & { trace: TraceData };
}

/**
 * Does the work of a call within its context: decoding, middleware and handler, encoding. The same for all kinds of endpoints.
 * @param work puts into the context what it learns (`parsedPayload`)
 * @throws APIError for every failure; an unexpected one is logged here
 */
export function invoke<T>(
  host: Host,
  hosted: Hosted,
  meta: CallMeta,
  caller: Caller,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  const ended = carryOut(host, hosted, meta, caller, work);
  const observe = callObserver();
  return observe ? observed(observe, hosted, ended) : ended;
}

async function observed<T>(observe: CallObserver, { service, endpoint }: Hosted, ended: Promise<T>): Promise<T> {
  try {
    const result = await ended;
    observe(service, endpoint.name, 'ok');
    return result;
  } catch (error) {
    observe(service, endpoint.name, toApiError(error).code);
    throw error;
  }
}

/**
 * As few promises as it can be: each of them costs every request as much as a header does. The context holds no closure of what
 * is around it: V8 would carry one request on to the next from scavenge to scavenge, until all of the heap is looked through.
 */
function carryOut<T>(
  host: Host,
  hosted: Hosted,
  meta: CallMeta,
  caller: Caller,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (hosted.endpoint.auth && !caller.auth) throw unauthenticated();
    if (caller.deadline !== undefined && caller.deadline <= Date.now()) throw tooLate();
    const context = contextOf(host, hosted, meta, caller);
    context.reject = reject;
    // Within the context, so that the line in the log says of which request a failure is.
    runInRequest(context, () =>
      work(context).then(
        (result) => {
          context.reject = undefined;
          resolve(result);
        },
        (error: unknown) => abort(context, error),
      ),
    );
  });
}

/** Ends a call with an error. The first end counts: what comes after that is nobody's any more. */
export function abort(context: RequestContext, error: unknown): void {
  context.reject?.(logFailure(error));
  context.reject = undefined;
}

function contextOf(host: Host, { service, endpoint }: Hosted, meta: CallMeta, caller: Caller): CallContext {
  const { name, kind, auth, tags } = endpoint;
  const { authData, schemas } = host.manifest;
  const { method, path, pathAndQuery, pathParams, headers } = meta;
  const api = { service, endpoint: name, raw: kind === 'raw', auth, tags };
  const context: CallContext = {
    meta: { type: 'api-call', api, method, path, pathAndQuery, pathParams, headers, trace: caller.trace },
  };
  // Decoded anew for each call: what one handler does to it is not for the next to see.
  if (caller.auth) context.authData = codecFor(authData ?? {}, schemas).decode(caller.auth, '') as object;
  if (caller.deadline !== undefined) context.deadline = caller.deadline;
  return context;
}

/** Has a failure in the log whose text and stack can be read there alone. */
export function logFailure(thrown: unknown): APIError {
  const error = toApiError(thrown);
  const reason = error.code === ErrCode.Unavailable && { reason: error.message };
  if (isForInside(error)) log.error(error.cause ?? error, 'request failed', { ...reason });
  return error;
}

export function unauthenticated(): APIError {
  return APIError.unauthenticated('the endpoint asks for authentication');
}

export function tooLate(): APIError {
  return APIError.deadlineExceeded('the caller has stopped waiting');
}
