import { compareGraphs } from './compare/graphs.ts';
import { type Applied, migrationsOf } from './migrations.ts';
import type { Change } from './plan.ts';
import type { Review } from './ports.ts';
import { canonicalDigest, type Digest, type Release } from './release.ts';

/** Whether those who reviewed a release saw what it changes in an environment. */
export type Reviewed =
  /** Everything. `already`: of what they were shown, what is there meanwhile. */
  | { kind: 'seen'; by: string; already: Change[] }
  /** Nothing of the infrastructure changes. */
  | { kind: 'nothing-changes' }
  /** A maintainer lets the release through by hand. */
  | { kind: 'accepted' }
  /** Nobody is known to have seen `unseen`. */
  | { kind: 'unseen'; why: string; unseen: Change[] };

/** Names changes whatever lines they come from. */
export function changesDigest(changes: readonly Change[]): Digest {
  return canonicalDigest(changes.map(withoutPlace));
}

/** What a preview showed, in as far as it can be drawn up again. */
export interface Shown {
  /** The name of the preview's environment. */
  by: string;
  review: Review;
  /** The release of `review.against`; absent when there is none, or none any more. */
  against?: Release;
}

/**
 * Compares a plan's changes with what a preview of the same release showed. That is drawn up again from the release it was
 * compared with, and counts only when its digest is the one that was recorded.
 */
export function reviewedBy(
  { by, review, against }: Shown,
  release: Release,
  changes: readonly Change[],
  applied: Applied,
): Reviewed {
  if (review.changes === changesDigest(changes)) return { kind: 'seen', by, already: [] };
  if (review.against !== undefined && !against)
    return {
      kind: 'unseen',
      why: `what ${by} showed cannot be drawn up again, since ${review.against} is no longer kept`,
      unseen: [...changes],
    };
  const shown = drawUpAgain(review, release, against, applied);
  if (!shown) return { kind: 'unseen', why: `what ${by} showed cannot be drawn up again`, unseen: [...changes] };
  const unseen = without(changes, shown);
  if (unseen.length > 0) return { kind: 'unseen', why: `${by} was compared with another state`, unseen };
  return { kind: 'seen', by, already: without(shown, changes) };
}

/** The databases may have been at their release's schema, or at the one they have now, or there were none. */
function drawUpAgain(
  { changes }: Review,
  { content: { graph } }: Release,
  against: Release | undefined,
  applied: Applied,
): Change[] | undefined {
  const before = against?.content.graph;
  const states: Applied[] = [before ? migrationsOf(before) : new Map(), applied];
  return states
    .map((state) => compareGraphs(graph, before, state))
    .find((candidate) => changesDigest(candidate) === changes);
}

function without(changes: readonly Change[], others: readonly Change[]): Change[] {
  const known = new Set(others.map((change) => canonicalDigest(withoutPlace(change))));
  return changes.filter((change) => !known.has(canonicalDigest(withoutPlace(change))));
}

function withoutPlace({ position: _, ...rest }: Change): Omit<Change, 'position'> {
  return rest;
}
