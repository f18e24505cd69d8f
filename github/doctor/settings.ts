import type { Slug } from '../git.ts';
import { accountVariable, roleVariable } from '../init/workflows.ts';
import { kit, workflowPath } from '../kit.ts';
import { type Request, statusOf } from '../request.ts';
import type { Call } from './calls.ts';
import { type Finding, failed, ok, skipped, warning } from './check.ts';

export interface SettingsFacts {
  slug: Slug;
  calls: readonly Call[];
  request: Request;
}

interface Repository {
  default_branch: string;
  private: boolean;
  archived: boolean;
  permissions?: { admin?: boolean };
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
  const checks = [
    checkActions(ask),
    checkWorkflowToken(ask),
    checkForkApproval(ask, repository, facts.calls),
    checkRunners(ask, repository, facts.calls),
    checkEnvironments(ask, repository, facts.calls),
    checkVariables(ask, facts.calls),
    checkSubject(ask, facts.calls),
    checkLabel(ask),
    checkBranch(ask, repository),
  ];
  const archived = repository.archived
    ? [failed('repository.archived', 'the repository is archived, and runs nothing', 'Unarchive it.')]
    : [];
  return [...archived, ...(await Promise.all(checks)).flat()];
}

type Answer<T> = { data: T } | { status: number };
type Ask = <T>(route: string, parameters?: Record<string, unknown>) => Promise<Answer<T>>;

function asker(request: Request, repository: { owner: string; repo: string }): Ask {
  return async <T>(route: string, parameters = {}) => {
    try {
      return { data: (await request(route, { ...repository, ...parameters })).data as T };
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      return { status };
    }
  };
}

/** GitHub says of much that it is not there to those who may not see it. */
function unreadable(id: string, what: string, status: number): Finding {
  return skipped(id, `the token may not read ${what} (${status}); one of an administrator may`);
}

interface ActionsPermissions {
  enabled: boolean;
  allowed_actions?: 'all' | 'local_only' | 'selected';
  sha_pinning_required?: boolean;
}

async function checkActions(ask: Ask): Promise<Finding[]> {
  const found = await ask<ActionsPermissions>('GET /repos/{owner}/{repo}/actions/permissions');
  if ('status' in found) return [unreadable('actions.enabled', 'whether Actions are allowed', found.status)];
  const { enabled, allowed_actions: allowed, sha_pinning_required: pinned } = found.data;
  if (!enabled)
    return [failed('actions.enabled', 'Actions are switched off', 'Settings, Actions, General: allow them.')];
  return [
    ok('actions.enabled', 'Actions are switched on'),
    await checkAllowed(ask, allowed),
    ...(pinned
      ? [
          failed(
            'actions.pinning',
            'actions have to be pinned to a commit, and the workflows of the kit are called by a tag',
            `Write the commit of ${kit.ref} behind the @ in the workflows, and \`# ${kit.ref}\` beside it; bootstrap has --kit-commit.`,
          ),
        ]
      : []),
  ];
}

async function checkAllowed(ask: Ask, allowed: ActionsPermissions['allowed_actions']): Promise<Finding> {
  const id = 'actions.allowed';
  const pattern = `${kit.repository}/*`;
  if (allowed === 'local_only')
    return failed(
      id,
      'only actions of the same owner may run, and those of the kit are not',
      `Settings, Actions, General: allow selected actions, those by GitHub, and ${pattern}.`,
    );
  if (allowed !== 'selected') return ok(id, 'the actions of the kit may run');
  const found = await ask<{ github_owned_allowed?: boolean; verified_allowed?: boolean; patterns_allowed?: string[] }>(
    'GET /repos/{owner}/{repo}/actions/permissions/selected-actions',
  );
  if ('status' in found) return unreadable(id, 'which actions may run', found.status);
  const { github_owned_allowed: byGitHub = false, patterns_allowed: patterns = [] } = found.data;
  const missing = [
    ...(isAllowed(`${workflowPath('preview')}@${kit.ref}`, patterns) ? [] : [pattern]),
    ...(byGitHub
      ? []
      : ['actions/checkout', 'actions/setup-node']
          .filter((one) => !isAllowed(`${one}@v0`, patterns))
          .map((one) => `${one}@*`)),
  ];
  return missing.length === 0
    ? ok(id, 'the actions of the kit may run, and those it uses')
    : failed(
        id,
        `${missing.join(', ')} may not run: only selected actions may`,
        `Settings, Actions, General, allowed actions: add ${missing.join(', ')}. What the kit uses of itself needs nothing more.`,
      );
}

/** Whether a pattern of the settings, in which `*` is any text, is for this action; `!` takes back. */
function isAllowed(action: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(action);
  const written = patterns.map((pattern) =>
    pattern.includes('@') || pattern.endsWith('*') ? pattern : `${pattern}@*`,
  );
  const [taken, given] = [
    written.filter((one) => one.startsWith('!')).map((one) => one.slice(1)),
    written.filter((one) => !one.startsWith('!')),
  ];
  return given.some(fits) && !taken.some(fits);
}

async function checkWorkflowToken(ask: Ask): Promise<Finding[]> {
  const id = 'actions.token';
  const found = await ask<{ default_workflow_permissions: 'read' | 'write' }>(
    'GET /repos/{owner}/{repo}/actions/permissions/workflow',
  );
  if ('status' in found) return [unreadable(id, 'what tokens of workflows may do', found.status)];
  if (found.data.default_workflow_permissions === 'read')
    return [ok(id, 'tokens of workflows may only read unless a job asks for more')];
  return [
    warning(
      id,
      'tokens of workflows may write by default; those of the kit ask for what they need',
      'Settings, Actions, General, workflow permissions: read repository contents.',
    ),
  ];
}

async function checkForkApproval(
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

async function checkRunners(ask: Ask, { private: isPrivate }: Repository, calls: readonly Call[]): Promise<Finding[]> {
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

interface Environment {
  deployment_branch_policy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  protection_rules?: { type: string; reviewers?: unknown[] }[];
}

async function checkEnvironments(ask: Ask, repository: Repository, calls: readonly Call[]): Promise<Finding[]> {
  const main = repository.default_branch;
  const forks = calls.some(({ workflow }) => workflow === 'fork-preview');
  const lasting = [
    ...new Set(
      calls.flatMap(({ workflow, with: { environment } }) =>
        workflow === 'production' ? [typeof environment === 'string' ? environment : 'production'] : [],
      ),
    ),
  ].filter((name) => !name.includes('${{'));
  const all = [
    { name: 'preview', refs: [main, 'refs/pull/1/merge'] },
    ...(forks ? [{ name: 'preview-fork', refs: [main] }] : []),
    ...(lasting.length > 0 ? lasting : ['production']).map((name) => ({ name, refs: [main] })),
  ];
  return (await Promise.all(all.map((one) => checkEnvironment(ask, one, main)))).flat();
}

async function checkEnvironment(
  ask: Ask,
  { name, refs }: { name: string; refs: string[] },
  main: string,
): Promise<Finding[]> {
  const id = `environments.${name}`;
  const isPreview = name.startsWith('preview');
  const wanted = refs.map((ref) => (ref === main ? main : 'refs/pull/*/merge'));
  const found = await ask<Environment>('GET /repos/{owner}/{repo}/environments/{environment_name}', {
    environment_name: name,
  });
  if ('status' in found) {
    if (found.status !== 404) return [unreadable(id, `the environment ${name}`, found.status)];
    return [
      warning(
        id,
        `there is no environment ${name}; the first run would make one that every branch may use`,
        `Settings, Environments: make ${name}, and allow ${wanted.join(' and ')} under deployment branches.`,
      ),
    ];
  }
  const { deployment_branch_policy: policy, protection_rules: rules = [] } = found.data;
  const reviewed = rules.some(({ type }) => type === 'required_reviewers');
  const waiting =
    reviewed && isPreview
      ? [
          warning(
            `${id}.reviewers`,
            `every run in ${name} waits for a reviewer, removals too`,
            `Settings, Environments, ${name}: take the reviewers out.`,
          ),
        ]
      : [];
  const open = failedOrWarned(name, policy, wanted);
  if (open) return [open, ...waiting];
  const policies = await ask<{ branch_policies: { name: string; type?: string }[] }>(
    'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    { environment_name: name, per_page: 100 },
  );
  if ('status' in policies) return [unreadable(id, `the deployment branches of ${name}`, policies.status), ...waiting];
  const patterns = policies.data.branch_policies.filter(({ type }) => type !== 'tag').map((one) => one.name);
  const shut = wanted.filter((_, index) => !patterns.some((pattern) => matches(pattern, refs[index]!)));
  if (shut.length > 0) return [refusing(name, shut), ...waiting];
  const wide = patterns.filter((pattern) => !wanted.includes(pattern));
  if (wide.length > 0)
    return [
      warning(
        id,
        `${name} may be deployed from ${wide.join(', ')}, too`,
        `Settings, Environments, ${name}, deployment branches: leave ${wanted.join(' and ')} alone.`,
      ),
      ...waiting,
    ];
  const said = isPreview ? '' : reviewed ? ', after review' : ', without reviewers';
  return [ok(id, `${name} may be deployed from ${wanted.join(' and ')}${said}`), ...waiting];
}

function failedOrWarned(
  name: string,
  policy: Environment['deployment_branch_policy'],
  wanted: readonly string[],
): Finding | undefined {
  if (policy === null)
    return warning(
      `environments.${name}`,
      `${name} may be deployed from every branch`,
      `Settings, Environments, ${name}: allow selected branches, ${wanted.join(' and ')}.`,
    );
  if (policy.custom_branch_policies) return undefined;
  // Protected branches are what the default branch is or is not; merge commits of pull requests are none.
  return wanted.length > 1
    ? refusing(name, ['refs/pull/*/merge'])
    : ok(`environments.${name}`, `${name} may be deployed from protected branches`);
}

function refusing(name: string, shut: readonly string[]): Finding {
  return failed(
    `environments.${name}`,
    `${name} may not be deployed from ${shut.join(' and ')}`,
    `Settings, Environments, ${name}, deployment branches: select branches, and add ${shut.join(' and ')}.`,
  );
}

/** `*` stops at a slash, as in the settings. */
function matches(pattern: string, ref: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${source}$`).test(ref);
}

/** The variables that the workflows name, which are empty when they are not there. */
async function checkVariables(ask: Ask, calls: readonly Call[]): Promise<Finding[]> {
  const id = 'variables';
  const named = [...new Set(calls.flatMap(({ with: given }) => Object.values(given).flatMap(variablesIn)))].sort();
  if (named.length === 0) return [];
  const own = await ask<{ variables: { name: string }[] }>('GET /repos/{owner}/{repo}/actions/variables', {
    per_page: 30,
  });
  if ('status' in own) return [unreadable(id, `variables (${named.join(', ')} are needed)`, own.status)];
  const shared = await ask<{ variables: { name: string }[] }>(
    'GET /repos/{owner}/{repo}/actions/organization-variables',
    { per_page: 30 },
  );
  const there = new Set(
    [...own.data.variables, ...('data' in shared ? shared.data.variables : [])].map(({ name }) => name),
  );
  const missing = named.filter((name) => !there.has(name));
  if (missing.length === 0) return [ok(id, `the variables ${named.join(', ')} are set`)];
  return missing.map((name) =>
    failed(id, `the variable ${name} is not set`, `gh variable set ${name} --body ${sourceOf(name)}`),
  );
}

function variablesIn(value: unknown): string[] {
  return typeof value === 'string'
    ? [...value.matchAll(/\bvars\.([A-Za-z_]\w*)/g)].map((match) => match[1]!.toUpperCase())
    : [];
}

/** Where a value comes from, as a placeholder that says so. */
function sourceOf(name: string): string {
  const environments = ['preview', 'preview-fork', 'production'];
  if (environments.some((environment) => roleVariable(environment) === name))
    return '"<the ARN that fairlead bootstrap aws --apply prints>"';
  if (environments.some((environment) => accountVariable(environment) === name))
    return '"<the account that fairlead bootstrap gcp --apply prints>"';
  if (name === 'FAIRLEAD_WORKLOAD_IDENTITY_PROVIDER')
    return '"<the provider that fairlead bootstrap gcp --apply prints>"';
  return '"<value>"';
}

/** What AWS is told to look for in `sub`. */
async function checkSubject(ask: Ask, calls: readonly Call[]): Promise<Finding[]> {
  const id = 'oidc.subject';
  if (calls.every(({ with: given }) => given.target !== 'aws')) return [];
  const found = await ask<{ use_default: boolean; include_claim_keys?: string[] }>(
    'GET /repos/{owner}/{repo}/actions/oidc/customization/sub',
  );
  if ('status' in found) return [unreadable(id, 'what is in the subject of tokens', found.status)];
  if (found.data.use_default) return [ok(id, 'tokens have the subject that the roles look for')];
  return [
    failed(
      id,
      `tokens have a subject of their own (${found.data.include_claim_keys?.join(', ')}), which the roles do not know`,
      'gh api --method PUT repos/{owner}/{repo}/actions/oidc/customization/sub -F use_default=true',
    ),
  ];
}

async function checkLabel(ask: Ask): Promise<Finding[]> {
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
async function checkBranch(ask: Ask, { default_branch: branch, permissions }: Repository): Promise<Finding[]> {
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
