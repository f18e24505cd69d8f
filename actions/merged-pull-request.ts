import { refusalOf } from '../github/api-error.ts';
import type { Runner } from './runner.ts';

/** The number of the pull request that the commit of this run came with; undefined when there is none, or nobody may know. */
export async function mergedPullRequest({
  api,
  run,
  report,
}: Pick<Runner, 'api' | 'run' | 'report'>): Promise<number | undefined> {
  const { owner, name: repo } = run.repository;
  try {
    const { data } = await api.rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: run.sha });
    return data.find(({ merge_commit_sha }) => merge_commit_sha === run.sha)?.number;
  } catch (error) {
    // It only makes a refusal easier to understand.
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    report.info(`The pull request of ${run.sha.slice(0, 12)} is not known: ${refusal.message}`);
    return undefined;
  }
}
