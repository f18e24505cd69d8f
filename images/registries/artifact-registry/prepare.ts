import type { Diagnostic } from '../../../pipeline/mod.ts';
import { registryWarning, wrongAddress } from '../errors.ts';
import { ifAllowed } from '../if-allowed.ts';
import type { ArtifactRegistryApi, GoogleRepository, Parent } from './api.ts';
import { cleanupPolicies, extended } from './cleanup-policies.ts';

export interface Wanted {
  host: string;
  parent: Parent;
  /** What tags begin with that stay. */
  lasting: readonly string[];
  warn?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** Marks a repository that Fairlead made. */
const label = { 'managed-by': 'fairlead' };

/**
 * Makes the repository when it is missing. Of one that is there, only the cleanup policies of ours are kept right, and
 * only when Fairlead made it; whoever may not look at it pushes all the same, and is told.
 *
 * Its tags can be moved. Where they cannot, Artifact Registry does not delete images that have one, so that nothing
 * would ever expire ("Update repository settings": with immutable tags, deleting a tagged image is not permitted). And
 * it has no interface for referrers, so that SBOMs are listed under tags that must change. `push` moves no tag.
 */
export async function prepareRepository(api: ArtifactRegistryApi, wanted: Wanted): Promise<void> {
  const found = await ifAllowed(() => api.get(wanted.parent), wanted.warn);
  if (found === 'not allowed') return;
  if (!found) return api.create(wanted.parent, newRepository(wanted));
  requireDocker(found, wanted);
  warnOfFixedTags(found, wanted);
  if (found.labels?.['managed-by'] !== label['managed-by']) return;
  const policies = extended(found.cleanupPolicies ?? {}, wanted.lasting);
  if (!policies) return;
  const changed = { cleanupPolicies: policies };
  await ifAllowed(() => api.update(wanted.parent, changed, ['cleanup_policies']), wanted.warn);
}

function newRepository({ lasting }: Wanted): GoogleRepository {
  return {
    format: 'DOCKER',
    mode: 'STANDARD_REPOSITORY',
    description: 'Images and releases of applications, kept by Fairlead',
    labels: label,
    cleanupPolicies: cleanupPolicies(lasting),
    cleanupPolicyDryRun: false,
  };
}

function requireDocker({ format, mode }: GoogleRepository, { host, parent }: Wanted): void {
  const standard = mode === 'STANDARD_REPOSITORY' || mode === 'MODE_UNSPECIFIED' || !mode;
  if (format === 'DOCKER' && standard) return;
  throw wrongAddress(
    `${host}/${parent.project}/${parent.repository}`,
    `it is a repository of the format ${format} and the mode ${mode}`,
    'Name another one; it is created when it is missing.',
  );
}

function warnOfFixedTags({ dockerConfig }: GoogleRepository, { host, parent, warn }: Wanted): void {
  if (!dockerConfig?.immutableTags) return;
  warn?.(
    registryWarning(
      'FL2221',
      `images of ${host}/${parent.project}/${parent.repository} never expire, since its tags are immutable`,
      `Allow it: gcloud artifacts repositories update ${parent.repository} --project ${parent.project} ` +
        `--location ${parent.location} --no-immutable-tags`,
    ),
  );
}
