import { type Diagnostic, type Digest, UserError } from '../../../pipeline/mod.ts';

type RepositoryCode = Diagnostic['code'];

export function repositoryError(code: RepositoryCode, message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, cause === undefined ? undefined : { cause });
}

export function missing(what: string, place: string): UserError {
  return repositoryError(
    'FL2203',
    `${place} has no ${what}`,
    'Check the name; else push again: what is there already is not sent a second time.',
  );
}

export function damaged(digest: Digest, place: string, how: string): UserError {
  return repositoryError(
    'FL2204',
    `${at(place, digest)} is damaged: ${how}`,
    'Remove it there and push it again from its sources; the same sources give the same digest.',
  );
}

export function changedWhileRead(digest: Digest, how: string): UserError {
  return repositoryError(
    'FL2211',
    `the content ${digest} changed before it was stored: ${how}`,
    'Run the command again when nothing writes to the files any more.',
  );
}

/** Something answers, but not as the protocol says. */
export function notTheProtocol(place: string, how: string): UserError {
  return repositoryError(
    'FL2208',
    `${place} does not answer as an OCI registry: ${how}`,
    'Check the address of the registry, and what stands between: a proxy or a sign-in page may answer in its place.',
  );
}

export function tooLarge(place: string, limit: number): UserError {
  return repositoryError(
    'FL2207',
    `a manifest for ${place} has more than ${limit} bytes`,
    'Put fewer or shorter entries and annotations into it.',
  );
}

export function notALayout(directory: string, how: string): UserError {
  return repositoryError(
    'FL2213',
    `${directory} is not an OCI image layout: ${how}`,
    'Name another directory, or remove this one if nothing in it is needed.',
  );
}

export function at(place: string, reference: string): string {
  return reference.startsWith('sha256:') ? `${place}@${reference}` : `${place}:${reference}`;
}

/** The code of the first thing that is wrong, when it is the user's to mend. */
export function codeOf(error: unknown): Diagnostic['code'] | undefined {
  return error instanceof UserError ? error.diagnostics[0]?.code : undefined;
}
