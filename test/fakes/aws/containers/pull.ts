import { AwsError, type World } from '../model.ts';
import { callAs } from '../services/as-role.ts';
import type { Ecr } from '../services/ecr/model.ts';
import { type Pull, type Pulled, StopError } from './model.ts';

/**
 * Whether an image of this account's registry is there for the execution role. The words: ECS Developer Guide, "CannotPullContainer task
 * errors" and "ResourceInitializationError". Images of other registries are taken to be there.
 */
export async function checkPull(world: World, image: string, { account, region, principal }: Pull): Promise<Pulled> {
  const ecr = world.services.get('ecr') as Ecr | undefined;
  const name = ecr?.parse(image);
  if (!ecr || !name) return {};
  if (!principal)
    throw new StopError(
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ` +
        `pulling from host ${name.host} failed with status code [manifests ${name.reference}]: 401 Unauthorized`,
    );
  const by = { account, region, principal };
  try {
    await callAs(world, by, 'ecr', 'GetAuthorizationToken', {});
  } catch (error) {
    throw new StopError(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to ' +
        `retrieve ecr registry auth: service call has been retried 1 time(s): ${wordsOf(error)}`,
    );
  }
  try {
    const resource = ecr.arn(by, name.repository);
    world.authorize(by, [
      { action: 'ecr:BatchGetImage', resource },
      { action: 'ecr:GetDownloadUrlForLayer', resource },
    ]);
  } catch {
    throw new StopError(
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ` +
        `pulling from host ${name.host} failed with status code [manifests ${name.reference}]: 403 Forbidden`,
    );
  }
  const digest = ecr.digestOf(by, name.repository, name.reference);
  if (!digest)
    throw new StopError(
      `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`,
    );
  return { digest };
}

/** As the agent quotes what an API answered. */
export function wordsOf(error: unknown): string {
  return error instanceof AwsError ? `${error.code}: ${error.message}` : String(error);
}
