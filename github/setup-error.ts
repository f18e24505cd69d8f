import { type Code, UserError } from '../analyzer/diagnostic.ts';

/** What a user has to mend before a repository can be set up. */
export function setupError(code: Code, message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, { cause });
}
