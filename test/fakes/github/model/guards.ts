import type { Repository } from './repository.ts';

/** What stands around a repository besides its own settings of Actions. */
export interface Guards {
  /** https://docs.github.com/en/rest/actions/permissions#get-fork-pr-contributor-approval-permissions-for-a-repository */
  forkApproval: 'first_time_contributors_new_to_github' | 'first_time_contributors' | 'all_external_contributors';
  /** Of the default branch: whether a pull request has to be up to date; undefined when the branch is not protected. */
  protection: { strict: boolean } | undefined;
  /** Of the default branch, by rulesets. */
  rules: { strict?: boolean; queue?: boolean };
  runners: { name: string; online: boolean }[];
  /** Of the organization, for this repository. */
  sharedVariables: string[];
}

const guards = new WeakMap<Repository, Guards>();

export function guardsOf(repository: Repository): Guards {
  const known = guards.get(repository);
  if (known) return known;
  const made: Guards = {
    forkApproval: 'first_time_contributors',
    protection: undefined,
    rules: {},
    runners: [],
    sharedVariables: [],
  };
  guards.set(repository, made);
  return made;
}
