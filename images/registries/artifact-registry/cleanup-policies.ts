import { previewDays, previewPrefix } from '../expiry.ts';
import type { GoogleRepository } from './api.ts';

export type CleanupPolicies = NonNullable<GoogleRepository['cleanupPolicies']>;

const [previews, lasts] = ['fairlead-previews', 'fairlead-lasting'];

/**
 * When Artifact Registry deletes images, by the tags that Fairlead gives: those of previews some time after the push,
 * everything else never. Rules select versions, not tags, and a version with a tag of a preview may have one of
 * production, too: "If an artifact version matches criteria in both a delete policy and a keep policy, Artifact Registry
 * applies the keep policy". A prefix in the list is enough to match, so that one rule keeps all environments.
 */
export function cleanupPolicies(lasting: readonly string[]): CleanupPolicies {
  return {
    [lasts]: {
      id: lasts,
      action: 'KEEP',
      condition: { tagState: 'TAGGED', tagPrefixes: [...new Set(lasting)].sort().map((name) => `${name}-`) },
    },
    [previews]: {
      id: previews,
      action: 'DELETE',
      condition: { tagState: 'TAGGED', tagPrefixes: [previewPrefix], olderThan: { seconds: previewDays * 86_400 } },
    },
  };
}

/** The policies with more environments that stay; undefined when they have them already. Others are left as they are. */
export function extended(before: CleanupPolicies, lasting: readonly string[]): CleanupPolicies | undefined {
  const kept = before[lasts]?.condition?.tagPrefixes ?? [];
  if (previews in before && lasting.every((name) => kept.includes(`${name}-`))) return undefined;
  const names = kept.map((prefix) => prefix.replace(/-$/, ''));
  return { ...before, ...cleanupPolicies([...names, ...lasting]) };
}
