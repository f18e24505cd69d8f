import { type Diagnostic, UserError } from '../../pipeline/mod.ts';
import { quoted } from '../oci/repository/name.ts';

export function registryError(code: Diagnostic['code'], message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, cause === undefined ? undefined : { cause });
}

export function registryWarning(code: Diagnostic['code'], message: string, help: string): Diagnostic {
  return { code, severity: 'warning', message, help };
}

export function wrongAddress(text: string, why: string, help: string): UserError {
  return registryError('FL2215', `${quoted(text)} does not name a registry to push to: ${why}`, help);
}

/** `action` in the cloud's own words: `ecr:CreateRepository`. */
export function notAllowed(action: string, place: string, help: string, cause: unknown): UserError {
  return registryError('FL2217', `${action} is not allowed for ${place}`, help, cause);
}

/** What was thrown, on one line and without control characters. */
export function saying(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const plain = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}

/** Not signed in, or signed in as somebody who may not. */
export function isRefusal(error: unknown): boolean {
  return error instanceof UserError && error.diagnostics.some(({ code }) => code === 'FL2201' || code === 'FL2202');
}
