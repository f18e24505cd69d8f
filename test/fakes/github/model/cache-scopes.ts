import type { Repository } from './repository.ts';
import type { Run } from './runs.ts';

export interface CacheScope {
  /** A ref. */
  scope: string;
  permission: 'read' | 'write';
}

/** https://github.blog/changelog/2026-06-26-read-only-actions-cache-for-untrusted-triggers */
const trusted = [
  'push',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'delete',
  'registry_package',
  'page_build',
];

/**
 * The scopes of caches that a job reads, nearest first, and the one that it may write: its ref's. It reads those of the
 * base branch of its pull request and of the default branch too:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#restrictions-for-accessing-a-cache
 */
export function cacheScopesOf(repository: Repository, run: Run, ref: string, pull?: number): CacheScope[] {
  const main = `refs/heads/${repository.defaultBranch}`;
  const base = run.event === 'pull_request' && pull !== undefined ? repository.pulls.get(pull)?.base.ref : undefined;
  const shared = ref === main && !trusted.includes(run.event);
  const others = [...new Set([...(base ? [`refs/heads/${base}`] : []), main])].filter((scope) => scope !== ref);
  return [
    { scope: ref, permission: shared ? 'read' : 'write' },
    ...others.map((scope): CacheScope => ({ scope, permission: 'read' })),
  ];
}
