import { type Diagnostic, UserError } from '../../pipeline/mod.ts';

export function baseError(code: Diagnostic['code'], message: string, help: string): UserError {
  return new UserError({ code, severity: 'error', message, help });
}

/** It is there, and nothing can be built on it; or it is not there. */
export function unusable(image: string, why: string): UserError {
  return baseError(
    'FL2503',
    `${image} cannot be a base image: ${why}`,
    'Run "fairlead images update", or name another image in `build.base` of fairlead.json.',
  );
}
