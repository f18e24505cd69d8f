import { type Diagnostic, UserError } from '../../pipeline/mod.ts';

/** About a Dockerfile, whose path is relative to the application's root. */
export function dockerfileError(
  code: Diagnostic['code'],
  dockerfile: string,
  message: string,
  help: string,
): UserError {
  return new UserError({ code, severity: 'error', message, help, position: placeOf(dockerfile) });
}

export function placeOf(dockerfile: string): NonNullable<Diagnostic['position']> {
  return { file: dockerfile, line: 1, column: 1 };
}
