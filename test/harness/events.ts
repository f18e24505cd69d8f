import type { Happening } from '../fakes/github/model/happenings.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import { payloadOf } from '../fakes/github/rest/payload.ts';
import { githubUrls } from '../fakes/github/rest/urls.ts';
import { repositoryView, userView } from '../fakes/github/rest/views.ts';
import type { Value } from './expressions.ts';
import { NotModelled } from './not-modelled.ts';

type Payload = { [key: string]: Value };

/** What can start workflows, with the ref and commit that their runs work on. */
export interface Event {
  name: 'pull_request' | 'pull_request_target' | 'push' | 'schedule' | 'workflow_dispatch';
  payload: Payload;
  ref: string;
  sha: string;
  /** Who did it. */
  actor: string;
  /** What happened to the pull request. */
  action?: string;
  pull?: number;
  headRef?: string;
  baseRef?: string;
  /** Whether the head of the pull request lies in another repository. */
  fork: boolean;
  /** Of `schedule` and `workflow_dispatch`, the one workflow that it is for. */
  file?: string;
  cron?: string;
  inputs?: Payload;
}

/** The events of something that happened; none where no workflow is told of it. */
export function eventsOf(happening: Happening): Event[] {
  // https://docs.github.com/actions/concepts/security/github_token#when-github_token-triggers-workflow-runs
  if (happening.byWorkflow) return [];
  if (happening.name === 'pull_request') return pullRequestEvents(happening);
  return happening.name === 'push' ? [pushEvent(happening)] : [];
}

/**
 * `pull_request` works on the merge commit and does not happen on a conflict; `pull_request_target` always happens, on the
 * default branch.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
 * https://github.blog/changelog/2025-11-07-actions-pull_request_target-and-environment-branch-protections-changes/
 */
function pullRequestEvents(happening: Happening): Event[] {
  const { repository, pull: number, action, sender } = happening;
  const pull = repository.pulls.require(number!);
  const common = {
    payload: payloadOf(happening, githubUrls) as Payload,
    actor: sender,
    action: action!,
    pull: pull.number,
    headRef: pull.head.ref,
    baseRef: pull.base.ref,
    fork: repository.pulls.isFromFork(pull),
  };
  const target: Event = { ...common, ...onDefaultBranch(repository), name: 'pull_request_target' };
  if (pull.conflicted && !pull.merged) return [target];
  const ref = pull.merged ? `refs/heads/${pull.base.ref}` : `refs/pull/${pull.number}/merge`;
  const sha = repository.resolve(ref);
  return sha ? [target, { ...common, name: 'pull_request', ref, sha }] : [target];
}

function pushEvent(happening: Happening): Event {
  const { ref, after } = happening.details as { ref: string; after: string };
  const payload = payloadOf(happening, githubUrls) as Payload;
  return { name: 'push', payload, ref, sha: after, actor: happening.sender, fork: false };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule */
export function scheduleEvent(repository: Repository, file: string, cron: string): Event {
  const payload = { schedule: cron, repository: repositoryPayload(repository) };
  const actor = repository.owner.login;
  return { name: 'schedule', payload, ...onDefaultBranch(repository), actor, fork: false, file, cron };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch */
export function dispatchEvent(
  repository: Repository,
  dispatch: { file: string; branch?: string; inputs?: Payload; actor?: string },
): Event {
  const { file, branch = repository.defaultBranch, inputs = {}, actor = repository.owner.login } = dispatch;
  const sha = repository.branches.get(branch);
  if (!sha) throw new NotModelled(`workflow_dispatch without a branch, on ${branch}`);
  const ref = `refs/heads/${branch}`;
  const payload = {
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, String(value)])),
    ref,
    workflow: file,
    repository: repositoryPayload(repository),
    sender: accountPayload(repository, actor),
  };
  return { name: 'workflow_dispatch', payload, ref, sha, actor, fork: false, file, inputs };
}

function onDefaultBranch({ defaultBranch, branches }: Repository): { ref: string; sha: string } {
  return { ref: `refs/heads/${defaultBranch}`, sha: branches.get(defaultBranch)! };
}

function repositoryPayload(repository: Repository): Payload {
  return repositoryView(repository, githubUrls) as Payload;
}

function accountPayload({ world }: Repository, name: string): Payload {
  return userView(world.users.get(name), githubUrls) as Payload;
}
