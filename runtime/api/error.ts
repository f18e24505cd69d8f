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

/** One of the codes, as text. */
export type ErrCode = (typeof ErrCode)[keyof typeof ErrCode];

/** Structured facts about an error that the caller receives with it. */
export type ErrDetails = Record<string, unknown>;

/**
 * An error that reaches the caller of an endpoint with its code, message and details; every other error reaches it as
 * `internal` with its text hidden. With a `cause`, the message ends in the cause's message.
 */
export class APIError extends Error {
  override readonly name = 'APIError';
  /** Decides the status of HTTP. */
  readonly code: ErrCode;
  /** For the caller; `null` in the error body when absent. */
  readonly details?: ErrDetails;

  /** @param cause is kept, and its message ends the error's own */
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

  /** The caller gave up. Status 499. */
  static canceled(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Canceled, msg, cause);
  }

  /** A failure that nothing is known of. Status 500. */
  static unknown(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unknown, msg, cause);
  }

  /** What the caller sent can never succeed. Status 400. */
  static invalidArgument(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.InvalidArgument, msg, cause);
  }

  /** The time was over before the work was done. Status 504. */
  static deadlineExceeded(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.DeadlineExceeded, msg, cause);
  }

  /** What was asked for is not there. Status 404. */
  static notFound(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.NotFound, msg, cause);
  }

  /** What was to be made is there already. Status 409. */
  static alreadyExists(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.AlreadyExists, msg, cause);
  }

  /** The caller is known, and may not. Status 403. */
  static permissionDenied(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.PermissionDenied, msg, cause);
  }

  /** A quota or a rate is used up. Status 429. */
  static resourceExhausted(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.ResourceExhausted, msg, cause);
  }

  /** The state of the system does not allow it. Status 400. */
  static failedPrecondition(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.FailedPrecondition, msg, cause);
  }

  /** Something else came in between: try the whole again. Status 409. */
  static aborted(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Aborted, msg, cause);
  }

  /** A value is beyond what there is. Status 400. */
  static outOfRange(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.OutOfRange, msg, cause);
  }

  /** Nobody does this here. Status 501. */
  static unimplemented(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unimplemented, msg, cause);
  }

  /** A bug, or something as unexpected. Status 500; the caller outside reads another text than `msg`. */
  static internal(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Internal, msg, cause);
  }

  /** It cannot be done now; later it may. Status 503. */
  static unavailable(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unavailable, msg, cause);
  }

  /** Data is lost or damaged. Status 500. */
  static dataLoss(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.DataLoss, msg, cause);
  }

  /** Nobody knows who the caller is. Status 401. */
  static unauthenticated(msg: string, cause?: Error): APIError {
    return new APIError(ErrCode.Unauthenticated, msg, cause);
  }
}
