import { type Diagnostic, type Digest, shortDigest, UserError } from '../../pipeline/mod.ts';

const buildAgain =
  'Build it again from its sources: the same sources give the same digest, and only what is missing is stored.';

/** `part` begins with "its". */
export function absentPart(digest: Digest, part: string, place: string, cause?: unknown): UserError {
  return releaseError('FL2101', `the release ${shortDigest(digest)} lacks ${part} in ${place}`, buildAgain, cause);
}

export function damagedRelease(digest: Digest, place: string, how: string, cause?: unknown): UserError {
  return releaseError('FL2102', `the release ${shortDigest(digest)} in ${place} is damaged: ${how}`, buildAgain, cause);
}

export function newerRelease(digest: Digest, tool: unknown): UserError {
  const by = typeof tool === 'string' ? `Fairlead ${tool}` : 'a newer version of Fairlead';
  return releaseError(
    'FL2103',
    `the release ${shortDigest(digest)} was built by ${by}, in a form that this version does not know`,
    'Update Fairlead to the version that built it, or a later one.',
  );
}

export function noSuchRelease(digest: Digest, place: string): UserError {
  return releaseError(
    'FL2105',
    `${place} has no release ${shortDigest(digest)}`,
    'See `fairlead releases list` for those that are kept.',
  );
}

export function releaseError(code: Diagnostic['code'], message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, cause === undefined ? undefined : { cause });
}
