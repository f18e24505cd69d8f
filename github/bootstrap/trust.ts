import { type KitWorkflow, kit, workflowPath } from '../kit.ts';
import { setupError } from '../setup-error.ts';

/** A repository as tokens of GitHub name it. The numbers outlive renames; the names may be taken by others later. */
export interface RepositoryIdentity {
  owner: string;
  name: string;
  ownerId: number;
  id: number;
  /** Without `refs/heads/`. */
  defaultBranch: string;
}

/** A job that a cloud trusts, by what its token says. */
export interface Trust {
  /** The environment of GitHub that the job runs in. */
  environment: string;
  /** Those of the kit that run jobs there. */
  workflows: readonly KitWorkflow[];
  /** What the run may be of: a branch, or with a wildcard the merge commits of pull requests. */
  refs: readonly string[];
  /** Whether it may touch what lives on, such as the rules by which images expire. */
  lasting: boolean;
}

/** Who may do something in the account: one entry per role. */
export function trustsOf({ defaultBranch }: RepositoryIdentity, { forks }: { forks: boolean }): Trust[] {
  const main = `refs/heads/${defaultBranch}`;
  return [
    {
      environment: 'preview',
      workflows: ['preview', 'cleanup'],
      refs: [main, 'refs/pull/*/merge'],
      lasting: false,
    },
    ...(forks
      ? [{ environment: 'preview-fork', workflows: ['fork-preview' as const], refs: [main], lasting: false }]
      : []),
    { environment: 'production', workflows: ['production', 'rollback'], refs: [main], lasting: true },
  ];
}

/** The refs by which a kit of this version is called: its moving tag and the releases that it covers. */
export const kitRefs = [`refs/tags/${kit.ref}`, `refs/tags/${kit.ref}.*`] as const;

/**
 * What `job_workflow_ref` says when a workflow of the kit runs; `*` stands for any text.
 * @param commit of the kit, where workflows call it by one instead of a tag
 */
export function workflowRefs({ workflows }: Trust, commit?: string): string[] {
  return workflows.flatMap((workflow) =>
    (commit === undefined ? kitRefs : [commit]).map((ref) => `${workflowPath(workflow)}@${ref}`),
  );
}

/** Both forms of `sub`: repositories made, renamed or moved since July 2026 have their numbers in it. */
export function subjects({ owner, name, ownerId, id }: RepositoryIdentity, environment: string): string[] {
  return [
    `repo:${owner}/${name}:environment:${environment}`,
    `repo:${owner}@${ownerId}/${name}@${id}:environment:${environment}`,
  ];
}

/** @throws UserError FL6306 for names that could mean something else in a policy than themselves */
export function requirePlainNames({ owner, name, ownerId, id, defaultBranch }: RepositoryIdentity): void {
  const wrong =
    (!/^[\w.-]+$/.test(owner) && `the owner ${JSON.stringify(owner)}`) ||
    (!/^[\w.-]+$/.test(name) && `the repository ${JSON.stringify(name)}`) ||
    (!/^[\w./+@#-]+$/.test(defaultBranch) && `the branch ${JSON.stringify(defaultBranch)}`) ||
    (![ownerId, id].every((number) => Number.isSafeInteger(number) && number > 0) && `the number ${ownerId} or ${id}`);
  if (!wrong) return;
  throw setupError(
    'FL6306',
    `${wrong} cannot be part of a policy`,
    'Names of repositories have letters, digits, dots, dashes and underscores; the default branch may have slashes, too.',
  );
}
