import { APIError, ErrCode, type ErrDetails } from '../api/error.ts';
import log from '../log/mod.ts';
import { UnavailableError, unavailableIn } from '../unavailable.ts';

/** An error as JSON. `internal_message` is for other processes of the application alone. */
export interface ErrorBody {
  code: ErrCode;
  message: string;
  details: ErrDetails | null;
  internal_message?: string | null;
  stack?: string;
}

const statuses: Record<ErrCode, number> = {
  ok: 200,
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
};

/** What an outsider reads instead of the text of an error that was not meant for them. */
const hidden = 'an internal error occurred';

/** What they read instead of which part of the application does not answer. */
export const away = 'a part of the application cannot be reached: try again later';

/** Errors that name a database, a topic or the like. Whoever says `unavailable` in words of their own means these for the caller. */
const naming = new WeakSet<APIError>();

/** Whether the text is for the inside alone, and the log is to have it. */
export function isForInside(error: APIError): boolean {
  return error.code === ErrCode.Internal || naming.has(error);
}

export function statusOf(code: ErrCode): number {
  return statuses[code];
}

/** The `APIError` that an error is, or counts as. */
export function toApiError(error: unknown): APIError {
  if (isApiError(error)) return error;
  const cause = error instanceof Error ? error : new Error(textOf(error));
  const unavailable = unavailableIn(error);
  const unexpected = unavailable
    ? new APIError(ErrCode.Unavailable, unavailable.message)
    : new APIError(ErrCode.Internal, cause.message);
  unexpected.cause = cause;
  if (unavailable) naming.add(unexpected);
  return unexpected;
}

/** That a part of the application does not answer. What the network says of it may tell addresses, and is for the inside alone. */
export function unreachableError(text: string, cause: Error): APIError {
  return toApiError(new UnavailableError(`${text}: ${cause.message}`, { cause }));
}

/** Also an `APIError` of another copy of this package. One with a code that there is not is an error like any other. */
function isApiError(error: unknown): error is APIError {
  const named = error instanceof APIError || (error instanceof Error && error.name === 'APIError');
  return named && Object.hasOwn(statuses, String(Reflect.get(error, 'code')));
}

/** Anything can be thrown, also what no text can be made of. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something was thrown that no text can be made of';
  }
}

/** The error as the caller may see it. */
export function errorBody(error: APIError, caller: 'internal' | 'external'): ErrorBody {
  const secret = isForInside(error);
  const told = naming.has(error) ? away : hidden;
  const shared = caller === 'internal' || Boolean(process.env.ENCORE_API_INCLUDE_INTERNAL_MESSAGE);
  return {
    code: error.code,
    message: secret ? told : error.message,
    details: sayable(error.details),
    ...(shared && { internal_message: secret ? error.message : null }),
    ...(process.env.ENCORE_API_INCLUDE_ERROR_STACK && error.stack && { stack: error.stack }),
  };
}

/** Without what JSON cannot say, as a bigint or a circle: an answer without details is better than none. */
function sayable(details: ErrDetails | undefined): ErrDetails | null {
  if (!details) return null;
  try {
    JSON.stringify(details);
    return details;
  } catch (error) {
    log.error(error, 'the details of an error cannot be said in JSON: they are left out');
    return null;
  }
}

/** The error of another process. An unknown code counts as internal, an answer without one as what its status says. */
export function fromErrorBody(body: unknown, status: number): APIError {
  const { code, message, details, internal_message } = (
    typeof body === 'object' && body ? body : {}
  ) as Partial<ErrorBody>;
  if (typeof code !== 'string') return new APIError(codeOf(status), `the service answered ${status}`);
  const known = Object.hasOwn(statuses, code) ? code : ErrCode.Internal;
  const error = new APIError(known, internal_message ?? message ?? '', undefined, details ?? undefined);
  if (known === ErrCode.Unavailable && typeof internal_message === 'string') naming.add(error);
  return error;
}

function codeOf(status: number): ErrCode {
  const codes: Record<number, ErrCode> = {
    400: 'invalid_argument',
    401: 'unauthenticated',
    403: 'permission_denied',
    404: 'not_found',
    409: 'already_exists',
    429: 'resource_exhausted',
    499: 'canceled',
    500: 'internal',
    501: 'unimplemented',
    503: 'unavailable',
    504: 'deadline_exceeded',
  };
  return codes[status] ?? 'unknown';
}
