import { kit, workflowPath } from '../../kit.ts';
import { type Finding, failed, ok, warning } from '../check.ts';
import { type Ask, unreadable } from './ask.ts';

interface ActionsPermissions {
  enabled: boolean;
  allowed_actions?: 'all' | 'local_only' | 'selected';
  sha_pinning_required?: boolean;
}

export async function checkActions(ask: Ask): Promise<Finding[]> {
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

export async function checkWorkflowToken(ask: Ask): Promise<Finding[]> {
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
