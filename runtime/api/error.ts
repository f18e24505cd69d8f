/** The codes an API can fail with; the values travel in error bodies. */
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

/** Structured facts about an error that the caller receives with it. */
export type ErrDetails = Record<string, unknown>;

/**
 * An error that reaches the caller of an endpoint with its code, message and details; every other error reaches it as
 * `internal` with its text hidden. With a `cause`, the message ends in the cause's message.
 */
export class APIError extends Error {
  override readonly name = 'APIError';
  readonly code: ErrCode;
  readonly details?: ErrDetails;

  constructor(code: ErrCode, msg: string, cause?: Error, details?: ErrDetails) {
    super(cause ? `${msg}: ${cause.message}` : msg, cause && { cause });
    this.code = code;
    if (details) this.details = details;
  }

  /** A copy of the error that carries `details`. */
  withDetails(details: ErrDetails): APIError {
    const copy = new APIError(this.code, this.message, undefined, details);
    copy.cause = this.cause;
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }

  static canceled(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Canceled, msg, cause);
  }

  static unknown(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unknown, msg, cause);
  }

  static invalidArgument(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.InvalidArgument, msg, cause);
  }

  static deadlineExceeded(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.DeadlineExceeded, msg, cause);
  }

  static notFound(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.NotFound, msg, cause);
  }

  static alreadyExists(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.AlreadyExists, msg, cause);
  }

  static permissionDenied(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.PermissionDenied, msg, cause);
  }

  static resourceExhausted(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.ResourceExhausted, msg, cause);
  }

  static failedPrecondition(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.FailedPrecondition, msg, cause);
  }

  static aborted(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Aborted, msg, cause);
  }

  static outOfRange(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.OutOfRange, msg, cause);
  }

  static unimplemented(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unimplemented, msg, cause);
  }

  static internal(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Internal, msg, cause);
  }

  static unavailable(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unavailable, msg, cause);
  }

  static dataLoss(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.DataLoss, msg, cause);
  }

  static unauthenticated(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unauthenticated, msg, cause);
  }
}
