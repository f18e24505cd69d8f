import type { Slug } from '../git.ts';
import type { Request } from '../request.ts';
import type { Call } from './calls.ts';
import { type Finding, failed } from './check.ts';
import { checkActions, checkWorkflowToken } from './settings/actions.ts';
import { type Ask, asker, type Repository } from './settings/ask.ts';
import { checkSubject, checkVariables } from './settings/credentials.ts';
import { checkEnvironments } from './settings/environments.ts';
import { checkBranch, checkLabel } from './settings/merging.ts';
import { checkForkApproval, checkRunners } from './settings/runners.ts';

export interface SettingsFacts {
  slug: Slug;
  calls: readonly Call[];
  request: Request;
}

/** Asks GitHub for each setting that a run depends on. What the token may not read is skipped, with the reason. */
export async function checkSettings(facts: SettingsFacts): Promise<Finding[]> {
  const { owner, name } = facts.slug;
  const ask = asker(facts.request, { owner, repo: name });
  const found = await ask<Repository>('GET /repos/{owner}/{repo}');
  if ('status' in found) {
    return [
      failed(
        'repository.visible',
        `GitHub shows no repository ${owner}/${name} to this token (${found.status})`,
        'Look at the remote, and at what the token may read.',
      ),
    ];
  }
  const repository = found.data;
  const archived = repository.archived
    ? [failed('repository.archived', 'the repository is archived, and runs nothing', 'Unarchive it.')]
    : [];
  return [...archived, ...(await checkEach(ask, repository, facts.calls))];
}

/** How many settings the calls depend on, without asking for any: as many as an answer would leave unread. */
export async function countSettings(calls: readonly Call[]): Promise<number> {
  const repository: Repository = { default_branch: 'main', private: false, archived: false };
  const findings = await checkEach(async () => ({ status: 401 }), repository, calls);
  return findings.filter(({ state }) => state === 'skipped').length;
}

async function checkEach(ask: Ask, repository: Repository, calls: readonly Call[]): Promise<Finding[]> {
  const findings = await Promise.all([
    checkActions(ask),
    checkWorkflowToken(ask),
    checkForkApproval(ask, repository, calls),
    checkRunners(ask, repository, calls),
    checkEnvironments(ask, repository, calls),
    checkVariables(ask, calls),
    checkSubject(ask, calls),
    checkLabel(ask),
    checkBranch(ask, repository),
  ]);
  return findings.flat();
}
