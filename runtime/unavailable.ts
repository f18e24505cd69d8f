/** A backend does not answer: a call that meets it, or an error that it caused, ends as `unavailable` and may be tried again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** The one that an error is or was caused by. */
export function unavailableIn(error: unknown): UnavailableError | undefined {
  if (error instanceof UnavailableError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof UnavailableError ? cause : undefined;
}
