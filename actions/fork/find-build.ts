import { doing } from '../../github/api-error.ts';
import type { ArtifactOrigin, Runner } from '../runner.ts';

export interface Wanted {
  /** The commit that must have been built, of that branch of that repository: another pull request can have the same one. */
  head: string;
  branch: string;
  /** The number that GitHub knows the repository by. */
  repository: number;
  /** In milliseconds: what was built later, nobody who set the label can have looked at. */
  before: number;
  /** The name of the artifact. */
  artifact: string;
}

/** What a run for the pull request of that commit has left, of the newest run that ended well and in time. */
export async function findBuild(
  { head, branch, repository, before, artifact }: Wanted,
  { api, run }: Pick<Runner, 'api' | 'run'>,
): Promise<ArtifactOrigin | undefined> {
  const { owner, name: repo } = run.repository;
  const what = { what: `find what was built of ${head.slice(0, 12)}`, permission: 'actions: read' };
  return doing(what, async () => {
    const { data } = await api.rest.actions.listWorkflowRunsForRepo({
      ...{ owner, repo, head_sha: head, event: 'pull_request', status: 'success', per_page: 100 },
    });
    const inTime = data.workflow_runs.filter(
      ({ head_sha, head_branch, head_repository, event, conclusion, updated_at }) =>
        head_sha === head &&
        head_branch === branch &&
        head_repository?.id === repository &&
        event === 'pull_request' &&
        conclusion === 'success' &&
        Date.parse(updated_at) <= before,
    );
    for (const { id } of inTime.sort((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at))) {
      const { data } = await api.rest.actions.listWorkflowRunArtifacts({ owner, repo, run_id: id, name: artifact });
      const found = data.artifacts.find(({ name, expired, digest }) => name === artifact && !expired && digest);
      if (found?.digest) return { run: id, id: found.id, digest: found.digest };
    }
    return undefined;
  });
}
