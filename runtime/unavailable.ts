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
