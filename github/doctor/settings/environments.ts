import type { Call } from '../calls.ts';
import { type Finding, failed, ok, warning } from '../check.ts';
import { type Ask, type Repository, unreadable } from './ask.ts';

interface Environment {
  deployment_branch_policy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  protection_rules?: { type: string; reviewers?: unknown[] }[];
}

export async function checkEnvironments(ask: Ask, repository: Repository, calls: readonly Call[]): Promise<Finding[]> {
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
