/**
 * Asks GitHub's REST API, as Octokit does: `request('GET /repos/{owner}/{repo}', { owner, repo })`. What fails throws an error
 * with the `status` of the answer.
 */
export type Request = (route: string, parameters?: Record<string, unknown>) => Promise<{ data: unknown }>;

/** The status of an answer that was an error; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status : undefined;
}
