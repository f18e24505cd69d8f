import { UserError } from '../../../pipeline/mod.ts';
import type { EcrHost } from '../address.ts';
import { notAllowed, registryError, saying } from '../errors.ts';

const noCredentials = new Set(['CredentialsProviderError', 'TokenProviderError']);
const refusedCredentials = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);
const limits = new Set(['LimitExceededException', 'TooManyTagsException']);
const throttled = new Set(['ThrottlingException', 'TooManyRequestsException']);

/** What the SDK threw, for the user; `action` is its name in IAM policies, `name` that of the repository it is about. */
export function translated(
  error: unknown,
  action: string,
  { host, region, account }: EcrHost,
  name: string | undefined,
): UserError {
  if (error instanceof UserError) return error;
  const kind = error instanceof Error ? error.name : '';
  const place = name === undefined ? host : `${host}/${name}`;
  if (noCredentials.has(kind))
    return registryError(
      'FL2216',
      `there are no credentials of AWS for ${host}`,
      'Sign in with `aws sso login` or `aws login`, set AWS_PROFILE, or let the job assume a role.',
      error,
    );
  if (refusedCredentials.has(kind))
    return registryError(
      'FL2216',
      `AWS does not accept the credentials for ${host} (${saying(error)})`,
      'They may have expired, or be of another partition. Sign in again, or set AWS_PROFILE.',
      error,
    );
  if (kind === 'AccessDeniedException' || kind === 'AccessDenied')
    return notAllowed(action, place, wayOut(action, `arn:aws:ecr:${region}:${account}:repository/${name}`), error);
  if (limits.has(kind))
    return registryError(
      'FL2218',
      `${action} for ${place} exceeds a quota of Amazon ECR (${saying(error)})`,
      'Remove what is not needed, or ask for more in Service Quotas.',
      error,
    );
  if (throttled.has(kind))
    return registryError(
      'FL2205',
      `Amazon ECR takes no more requests for now (${action})`,
      'Wait, then run the command again: it continues where it stopped.',
      error,
    );
  return registryError(
    'FL2222',
    `${action} failed for ${place} (${saying(error)})`,
    'Run the command again later; check the network and the region in the name of the registry.',
    error,
  );
}

function wayOut(action: string, arn: string): string {
  if (action === 'ecr:GetAuthorizationToken')
    return 'Allow it on resource "*"; it cannot be limited to one repository.';
  const allow = `Allow it on ${arn}`;
  if (action === 'ecr:CreateRepository')
    return `${allow}, with ecr:TagResource and ecr:PutLifecyclePolicy, or let somebody who may create the repository.`;
  return `${allow}.`;
}

/** Whether there is nobody to ask as. */
export function hasNoCredentials(error: unknown): boolean {
  const cause = error instanceof UserError ? error.cause : undefined;
  return cause instanceof Error && noCredentials.has(cause.name);
}
