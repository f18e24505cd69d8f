import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { evaluate, Scope } from './expressions.ts';
import type { JobDefinition, Workflow } from './model.ts';
import { StartupFailure } from './not-modelled.ts';

export type Access = 'none' | 'read' | 'write';

/** What is not named is `none`. */
export type Permissions = Readonly<Record<string, Access>>;

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions */
export const scopes = [
  ...['actions', 'attestations', 'checks', 'contents', 'deployments', 'discussions', 'id-token', 'issues', 'models'],
  ...['packages', 'pages', 'pull-requests', 'security-events', 'statuses'],
];

/**
 * What a token has where nothing is written: the setting of the repository. Never `id-token`.
 * https://docs.github.com/actions/reference/security/github_token#permissions-for-the-github_token
 */
export function defaultPermissions(setting: 'restricted' | 'permissive'): Permissions {
  if (setting === 'restricted') return { contents: 'read', packages: 'read' };
  return Object.fromEntries(scopes.filter((scope) => scope !== 'id-token').map((scope) => [scope, 'write']));
}

/** As written; undefined where nothing is. Once anything is written, all that is not is `none`. */
export function writtenPermissions(token: TemplateToken | undefined): Permissions | undefined {
  const value = evaluate(token, new Scope({}));
  if (value === undefined || value === null) return value === null ? {} : undefined;
  if (value === 'read-all' || value === 'write-all') {
    const access = value === 'read-all' ? 'read' : 'write';
    return Object.fromEntries(
      scopes.filter((scope) => access === 'write' || scope !== 'id-token').map((scope) => [scope, access]),
    );
  }
  return value as Record<string, Access>;
}

/**
 * A job's permissions before what the event takes away. They only go down along the chain of calls: a job that asks for more
 * than its caller has keeps the whole run from starting.
 * https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations#access-and-permissions-for-nested-workflows
 */
export function jobPermissions(
  job: JobDefinition,
  workflow: Workflow,
  inherited: Permissions,
  called: boolean,
): Permissions {
  const asked = writtenPermissions(job.permissions) ?? writtenPermissions(workflow.permissions);
  if (!asked) return inherited;
  if (!called) return asked;
  for (const [scope, access] of Object.entries(asked)) {
    const allowed = inherited[scope] ?? 'none';
    if (rank(access) > rank(allowed)) {
      throw new StartupFailure(
        `${workflow.file}, job ${job.id} asks for ${scope}: ${access}, but is only allowed ${scope}: ${allowed}`,
      );
    }
  }
  return asked;
}

/**
 * What is left for the run of a fork's pull request: reading, and no identity.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#how-permissions-are-calculated-for-a-workflow-job
 */
export function readOnly(permissions: Permissions): Permissions {
  return Object.fromEntries(
    Object.entries(permissions).flatMap(([scope, access]) =>
      scope === 'id-token' || access === 'none' ? [] : [[scope, 'read' as const]],
    ),
  );
}

export function may(permissions: Permissions, scope: string, access: Access): boolean {
  return rank(permissions[scope] ?? 'none') >= rank(access);
}

function rank(access: Access): number {
  return ['none', 'read', 'write'].indexOf(access);
}
