import type { GitFacts } from '../git.ts';
import { setupError } from '../setup-error.ts';

/** What a branch that production follows is mostly called. */
const usual = ['main', 'master', 'trunk'];

/**
 * The branch that production follows when nobody says so: the default branch of the remote, else the only branch here, else the
 * current one, where no other has one of the usual names.
 * @throws UserError FL6305 when it could be another one
 */
export function productionBranch({
  defaultBranch,
  currentBranch,
  localBranches = [],
  remoteBranches = [],
}: GitFacts): string {
  if (defaultBranch !== undefined) return defaultBranch;
  const all = new Set([...localBranches, ...remoteBranches]);
  const plausible = usual.filter((branch) => all.has(branch));
  const only = localBranches.length === 1 ? localBranches[0] : undefined;
  const found = only ?? (plausible.length > 0 ? currentBranch : undefined);
  if (found !== undefined && plausible.every((branch) => branch === found)) return found;
  throw setupError(
    'FL6305',
    all.size === 0
      ? 'it is not known which branch production follows'
      : `it is not known which branch production follows: there are ${[...all].sort().join(', ')}`,
    'Name it with --branch, or let git ask the remote: git remote set-head origin --auto.',
  );
}
