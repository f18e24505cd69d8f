import type { Diagnostic } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';

export function awsError(code: Diagnostic['code'], message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, cause === undefined ? undefined : { cause });
}

/** Of what the SDK threw: the code of the API's error, or what the client itself calls it. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** The value, or undefined when the API says that what it is about is not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return unless(work, isMissing);
}

/** The value, or undefined when it failed in a way that is fine. */
export async function unless<T>(work: Promise<T>, fine: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (fine(error)) return undefined;
    throw error;
  }
}

const missing = new Set([
  'ClusterNotFoundException',
  'NoSuchBucket',
  'NotFoundException',
  'NoSuchEntity',
  'NoSuchEntityException',
  'ParameterNotFound',
  'QueueDoesNotExist',
  'RepositoryNotFoundException',
  'ResourceNotFoundException',
  'RuleNotFoundException',
  'ServiceNotFoundException',
  'ServiceNotActiveException',
  'TargetGroupNotFoundException',
]);

/** CloudFormation has one code for everything that does not fit, and says in words that a stack is not there. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return missing.has(code) || (code === 'ValidationError' && /does not exist/.test((error as Error).message));
}

const noCredentials = new Set(['CredentialsProviderError', 'TokenProviderError']);
const refused = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const denied = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'UnauthorizedException']);
const throttled = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
]);

/** Whether somebody has to sign in again, so that trying once more is of no use. */
export function isSignedOut(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return noCredentials.has(code) || refused.has(code);
}

/** Whether whoever asks may not. */
export function isDenied(error: unknown): boolean {
  return denied.has(codeOf(error) ?? '');
}

/** What the SDK threw, for the user; what is no error of AWS stays as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const { name } = error;
  const said = saying(error);
  if (noCredentials.has(name))
    return awsError(
      'FL7101',
      'there are no credentials of AWS',
      'Sign in with `aws sso login` or `aws login`, set AWS_PROFILE, or let the job assume a role.',
      error,
    );
  if (refused.has(name))
    return awsError(
      'FL7102',
      `AWS does not accept the credentials any more (${said})`,
      'They have probably expired. Sign in again and run the same command: it goes on where it stopped.',
      error,
    );
  if (denied.has(name))
    return awsError(
      'FL7103',
      `AWS does not allow it: ${said}`,
      'Run `fairlead bootstrap aws` again, which gives the role of the deployer what the application needs by now.',
      error,
    );
  if (throttled.has(name))
    return awsError(
      'FL7104',
      `AWS takes no more requests for now (${said})`,
      'Wait some minutes, then run the same command: it goes on where it stopped.',
      error,
    );
  if (/^Region is missing$/.test(error.message))
    return awsError(
      'FL7105',
      'no region of AWS is chosen',
      'Set `aws.region` in fairlead.json, such as "eu-central-1", or AWS_REGION.',
      error,
    );
  // The SDK marks these with `$metadata` as well, which tells how often it tried.
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR)/.test(code))
    return awsError(
      'FL7107',
      `AWS cannot be reached (${said})`,
      'Check the network, proxies and the region, then run the same command: it goes on where it stopped.',
      error,
    );
  if ('$metadata' in error || '$fault' in error)
    return awsError(
      'FL7106',
      `AWS answered with ${name}: ${said}`,
      'Run the same command again: it goes on where it stopped. If it stays, see what the message names in the console of AWS.',
      error,
    );
  return error;
}

/** What was thrown, on one line and without control characters. */
export function saying(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const plain = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > 600 ? `${plain.slice(0, 600)}…` : plain;
}
