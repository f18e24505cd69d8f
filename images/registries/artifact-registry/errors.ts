import { UserError } from '../../../pipeline/mod.ts';
import { notAllowed, registryError, saying } from '../errors.ts';
import type { Parent } from './api.ts';

/** Of gRPC, which Google's services use over HTTP, too. */
export const codes = { notFound: 5, alreadyExists: 6, notAllowed: 7, exhausted: 8, unauthenticated: 16 } as const;

const noCredentials = /Could not load the default credentials/i;
const refusedCredentials = /invalid_grant|invalid_client|invalid_request|invalid_target|unauthorized_client|reauth/i;

/** What Google's libraries threw, for the user. */
export function translated(
  error: unknown,
  permission: string,
  host: string,
  { project, repository }: Parent,
): UserError {
  if (error instanceof UserError) return error;
  const place = `${host}/${project.replace(':', '/')}/${repository}`;
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown };
  const text = saying(error);
  if (code === codes.unauthenticated || noCredentials.test(text) || refusedCredentials.test(text))
    return withoutToken(error, host);
  if (reason === 'SERVICE_DISABLED')
    return registryError(
      'FL2222',
      `Artifact Registry is not enabled in the project ${project}`,
      `Enable it: gcloud services enable artifactregistry.googleapis.com --project ${project}`,
      error,
    );
  if (code === codes.notAllowed)
    return notAllowed(
      permission,
      `the repository ${repository} of the project ${project}`,
      'Grant it, for instance with the role roles/artifactregistry.admin, or let somebody who may create the repository.',
      error,
    );
  if (code === codes.exhausted)
    return registryError(
      'FL2218',
      `${permission} for ${place} exceeds a quota of Artifact Registry (${text})`,
      'Wait when it is one of requests, else ask for more on the page of quotas.',
      error,
    );
  return registryError(
    'FL2222',
    `${permission} failed for ${place} (${text})`,
    'Run the command again later; check the network, the project and the location in the name of the registry.',
    error,
  );
}

/** There is no access token to be had, or it is not accepted. */
export function withoutToken(error: unknown, host: string): UserError {
  const text = saying(error);
  if (noCredentials.test(text))
    return registryError(
      'FL2216',
      `there are no credentials of Google Cloud for ${host}`,
      'Sign in with `gcloud auth application-default login`, or let the job use workload identity federation.',
      error,
    );
  return registryError(
    'FL2216',
    `Google Cloud does not accept the credentials for ${host} (${text})`,
    'They may have expired. Sign in again with `gcloud auth application-default login`.',
    error,
  );
}

/** Whether there is nobody to ask as. */
export function hasNoCredentials(error: unknown): boolean {
  const cause = error instanceof UserError ? error.cause : undefined;
  return cause instanceof Error && noCredentials.test(cause.message);
}
