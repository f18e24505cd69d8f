/** The codes that an endpoint can fail with. */
export const ErrCode = {
  OK: 'ok',
  Canceled: 'canceled',
  Unknown: 'unknown',
  InvalidArgument: 'invalid_argument',
  DeadlineExceeded: 'deadline_exceeded',
  NotFound: 'not_found',
  AlreadyExists: 'already_exists',
  PermissionDenied: 'permission_denied',
  ResourceExhausted: 'resource_exhausted',
  FailedPrecondition: 'failed_precondition',
  Aborted: 'aborted',
  OutOfRange: 'out_of_range',
  Unimplemented: 'unimplemented',
  Internal: 'internal',
  Unavailable: 'unavailable',
  DataLoss: 'data_loss',
  Unauthenticated: 'unauthenticated',
} as const;

export type ErrCode = (typeof ErrCode)[keyof typeof ErrCode];

/** What an endpoint failed with. A failure to reach the server at all is the error of `fetch` itself. */
export class APIError extends Error {
  override readonly name = 'APIError';
  readonly code: ErrCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What the endpoint says about the error besides its message. */
  readonly details: unknown;

  constructor(code: ErrCode, message: string, status = 0, details: unknown = null) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Whether an error is what an endpoint failed with; also that of another copy of this file. */
export function isAPIError(error: unknown): error is APIError {
  if (error instanceof APIError) return true;
  return error instanceof Error && error.name === 'APIError' && isErrCode((error as { code?: unknown }).code);
}

/** Whether a body is that of an error, and not an answer with the status of one. */
export function isErrorBody(body: unknown): body is { code: ErrCode; message: string; details?: unknown } {
  if (typeof body !== 'object' || body === null) return false;
  const { code, message } = body as { code?: unknown; message?: unknown };
  return isErrCode(code) && typeof message === 'string';
}

/** The error that an answer stands for; one without an error body counts as what its status says. */
export function toAPIError(body: unknown, status: number): APIError {
  if (isErrorBody(body)) return new APIError(body.code, body.message, status, body.details ?? null);
  return new APIError(codes[status] ?? 'unknown', `the server answered ${status}`, status);
}

function isErrCode(value: unknown): value is ErrCode {
  return Object.values<unknown>(ErrCode).includes(value);
}

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
