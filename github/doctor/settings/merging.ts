import { type Finding, ok, warning } from '../check.ts';
import { type Ask, type Repository, unreadable } from './ask.ts';

export async function checkLabel(ask: Ask): Promise<Finding[]> {
  const id = 'labels.preview';
  const name = 'fairlead:preview';
  const found = await ask('GET /repos/{owner}/{repo}/labels/{name}', { name });
  if ('data' in found) return [ok(id, `the label ${name} is there`)];
  if (found.status !== 404) return [unreadable(id, 'the labels', found.status)];
  return [
    warning(
      id,
      `there is no label ${name}, by which drafts, bots and forks are given a preview`,
      `gh label create ${name} --description "Asks for a preview"`,
    ),
  ];
}

interface Rule {
  type: string;
  parameters?: { strict_required_status_checks_policy?: boolean };
}

/** What is merged has to be what was reviewed, or its build is another one than the preview's. */
export async function checkBranch(ask: Ask, { default_branch: branch, permissions }: Repository): Promise<Finding[]> {
  const id = 'branch.up-to-date';
  const rules = await ask<Rule[]>('GET /repos/{owner}/{repo}/rules/branches/{branch}', { branch, per_page: 100 });
  const strict =
    'data' in rules && rules.data.some(({ parameters }) => parameters?.strict_required_status_checks_policy);
  const queued = 'data' in rules && rules.data.some(({ type }) => type === 'merge_queue');
  const protection = await ask<{ required_status_checks?: { strict?: boolean } }>(
    'GET /repos/{owner}/{repo}/branches/{branch}/protection',
    { branch },
  );
  if (strict || ('data' in protection && protection.data.required_status_checks?.strict))
    return [ok(id, `pull requests are merged into ${branch} when they are up to date`)];
  // To others than administrators a rule that they may not see is not there, either.
  if ('status' in protection && (protection.status !== 404 || permissions?.admin === false))
    return [unreadable(id, `the rules of ${branch}`, protection.status)];
  return [
    warning(
      id,
      queued
        ? `a merge queue makes commits on ${branch} that no preview has run, which production refuses unless proof is preferred`
        : `pull requests may be merged into ${branch} when they are behind it: such a merge is no build that a preview has run, and production refuses it`,
      queued
        ? 'Pass `proof: preferred` to production.yml.'
        : `Require branches to be up to date before merging, in the rules of ${branch}; or pass \`proof: preferred\` to production.yml.`,
    ),
  ];
}
