/** A backend does not answer: a call that meets it, or an error that it caused, ends as `unavailable` and may be tried again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** Errors of drivers that say so in their own words. */
const marked = new WeakMap<Error, UnavailableError>();

/** Has an error, which stays as it is for who catches it, count as an `UnavailableError`. */
export function markUnavailable(error: Error, message: string): void {
  marked.set(error, new UnavailableError(message, { cause: error }));
}

/** The one that an error is or was caused by. */
export function unavailableIn(error: unknown): UnavailableError | undefined {
  if (!(error instanceof Error)) return undefined;
  return ownUnavailable(error) ?? (error.cause instanceof Error ? ownUnavailable(error.cause) : undefined);
}

function ownUnavailable(error: Error): UnavailableError | undefined {
  return error instanceof UnavailableError ? error : marked.get(error);
}

/** Whether an error says something. */
type Says = (error: unknown) => boolean;

/**
 * Does what needs a backend. The driver's error stays as it is; when the backend did not answer, a call that lets it through ends as
 * `unavailable`.
 * @param what is not reached: `database orders`
 * @param isLost whether an error says that nobody answered @default {@link isUnreachable}
 */
export function reaching<T>(what: string, work: () => Promise<T>, isLost: Says = isUnreachable): Promise<T> {
  return work().catch((error: unknown) => {
    throw unreachable(what, error, isLost);
  });
}

/** The error itself, marked when it says that nobody answered. */
export function unreachable(what: string, error: unknown, isLost: Says = isUnreachable): unknown {
  if (isLost(error) && error instanceof Error) markUnavailable(error, `${what} cannot be reached`);
  return error;
}

/** Of the network: nobody is there, or no more. The last ones are what `fetch` says. */
const codes =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_(?:CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET))$/;

/** Answers of whoever stands before a service that does not answer. */
const statuses = new Set([502, 503, 504]);

/** How many errors that each caused the one before are looked at. */
const deepest = 5;

/** Whether an error, or what caused it, says that nobody answered: what was asked for may have been done. */
export function isUnreachable(error: unknown): boolean {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < deepest; depth += 1) {
    if (saysUnreachable(at)) return true;
    at = at.cause;
  }
  return false;
}

/** What clients of clouds say beside their text. */
interface Told extends NodeJS.ErrnoException {
  /** Of Google's answer. */
  status?: unknown;
  /** Of that of AWS. */
  $metadata?: { httpStatusCode?: number };
}

function saysUnreachable(error: Error): boolean {
  const { code, syscall, status, $metadata } = error as Told;
  // The SDK of AWS names what took too long, without a code.
  if (error instanceof UnavailableError || error.name === 'TimeoutError') return true;
  // A socket in a directory.
  if (code === 'ENOENT') return syscall === 'connect';
  return codes.test(String(code)) || statuses.has(Number(status ?? $metadata?.httpStatusCode));
}
