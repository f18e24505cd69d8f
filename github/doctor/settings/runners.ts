import type { Call } from '../calls.ts';
import { type Finding, ok, warning } from '../check.ts';
import { type Ask, type Repository, unreadable } from './ask.ts';

export async function checkForkApproval(
  ask: Ask,
  { private: isPrivate }: Repository,
  calls: readonly Call[],
): Promise<Finding[]> {
  const id = 'actions.forks';
  if (isPrivate) return [];
  const found = await ask<{ approval_policy: string }>(
    'GET /repos/{owner}/{repo}/actions/permissions/fork-pr-contributor-approval',
  );
  if ('status' in found) return [unreadable(id, 'whose pull requests run without approval', found.status)];
  if (found.data.approval_policy === 'all_external_contributors')
    return [ok(id, 'pull requests from outside run after approval')];
  const danger = ownRunners(calls).length > 0 ? ', on your own machines too if they change the workflow' : '';
  return [
    warning(
      id,
      `pull requests of contributors from outside run without approval${danger}`,
      'Settings, Actions, General: require approval for all external contributors.',
    ),
  ];
}

/** The labels of one's own machines that the workflows name. */
function ownRunners(calls: readonly Call[]): string[] {
  const named = calls.flatMap(({ with: given }) => [given['runs-on'], given['deploy-runs-on']]);
  return [...new Set(named.filter((one) => typeof one === 'string' && one.includes('self-hosted')))] as string[];
}

export async function checkRunners(
  ask: Ask,
  { private: isPrivate }: Repository,
  calls: readonly Call[],
): Promise<Finding[]> {
  if (ownRunners(calls).length === 0) return [];
  const exposed = isPrivate
    ? []
    : [
        warning(
          'runners.public',
          'the repository is public and has a runner of its own: a pull request that changes a workflow can run code on that machine',
          'Make the repository private, or approve each run from outside after a look at its workflow files, and give the machine nothing else to lose.',
        ),
      ];
  const id = 'runners.online';
  const found = await ask<{ runners: { status: string }[] }>('GET /repos/{owner}/{repo}/actions/runners', {
    per_page: 100,
  });
  if ('status' in found) return [...exposed, unreadable(id, 'the runners of the repository', found.status)];
  const online = found.data.runners.filter(({ status }) => status === 'online').length;
  if (online > 0) return [...exposed, ok(id, `${online} own ${online === 1 ? 'runner is' : 'runners are'} online`)];
  return [
    ...exposed,
    warning(
      id,
      'the repository has no runner of its own that is online; those of its organization are not shown here',
      'Settings, Actions, Runners: add the machine that shall keep the environments. Jobs wait for it for a day.',
    ),
  ];
}
