import type { Repository } from '@aws-sdk/client-ecr';
import type { Diagnostic } from '../../../pipeline/mod.ts';
import type { EcrAddress } from '../address.ts';
import { registryWarning } from '../errors.ts';
import { ifAllowed } from '../if-allowed.ts';
import type { EcrApi } from './api.ts';
import { extended, lifecyclePolicy } from './lifecycle-policy.ts';

export interface Wanted {
  address: EcrAddress;
  application: string;
  /** What tags begin with that stay. */
  lasting: readonly string[];
  warn?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * Makes the repository when it is missing. Of one that is there, only the lifecycle policy is kept right, and only when
 * it was made for this application; whoever may not look at it pushes all the same, and is told.
 */
export async function prepareRepository(api: EcrApi, wanted: Wanted): Promise<void> {
  const before = await ifAllowed(() => api.describe(wanted.address.name), wanted.warn);
  if (before === 'not allowed') return;
  const isNew = !before && (await api.create(wanted.address.name, wanted.application));
  if (before) warnOfMovableTags(before, wanted);
  await ifAllowed(async () => {
    if (isNew || (await isOurs(api, before, wanted))) await keepPolicy(api, wanted);
  }, wanted.warn);
}

/** `known` is undefined when somebody else made it at the same time. */
async function isOurs(
  api: EcrApi,
  known: Repository | undefined,
  { address: { name }, application }: Wanted,
): Promise<boolean> {
  const found = known ?? (await api.describe(name));
  return found?.repositoryArn !== undefined && (await api.applicationOf(name, found.repositoryArn)) === application;
}

async function keepPolicy(api: EcrApi, { address, lasting, warn }: Wanted): Promise<void> {
  const text = await api.policy(address.name);
  const { policy, without } = extended(text ?? JSON.stringify(lifecyclePolicy([])), lasting);
  if (policy) await api.putPolicy(address.name, JSON.stringify(policy));
  if (without.length > 0) warn?.(noRoom(address, without));
}

function noRoom({ host, name, region }: EcrAddress, without: readonly string[]): Diagnostic {
  return registryWarning(
    'FL2221',
    `the lifecycle policy of ${host}/${name} has no room for a rule for ${without.join(', ')}: images that a preview ` +
      'had before expire though they run there',
    'Take the rules of environments that are gone out of it, with `aws ecr get-lifecycle-policy` and ' +
      `\`aws ecr put-lifecycle-policy --region ${region} --repository-name ${name}\`.`,
  );
}

function warnOfMovableTags({ imageTagMutability }: Repository, { address, warn }: Wanted): void {
  if (!imageTagMutability?.startsWith('MUTABLE')) return;
  warn?.(
    registryWarning(
      'FL2221',
      `tags can be moved in ${address.host}/${address.name}`,
      `Forbid it: aws ecr put-image-tag-mutability --region ${address.region} --repository-name ${address.name} ` +
        '--image-tag-mutability IMMUTABLE_WITH_EXCLUSION ' +
        '--image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=sha256-*',
    ),
  );
}
