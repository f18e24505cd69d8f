import { accountVariable, roleVariable } from '../../init/workflows.ts';
import type { Call } from '../calls.ts';
import { type Finding, failed, ok } from '../check.ts';
import { type Ask, unreadable } from './ask.ts';

/** The variables that the workflows name, which are empty when they are not there. */
export async function checkVariables(ask: Ask, calls: readonly Call[]): Promise<Finding[]> {
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
export async function checkSubject(ask: Ask, calls: readonly Call[]): Promise<Finding[]> {
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
