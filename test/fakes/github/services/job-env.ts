import type { Job } from '../model/jobs.ts';
import type { Urls } from '../rest/urls.ts';
import { idTokenUrl } from './oidc.ts';

/**
 * The variables that a runner gives the job's actions; `github.token` is the `GITHUB_TOKEN` here.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export function jobEnv(job: Job, urls: Urls): Record<string, string> {
  const { repository, run, ref } = job;
  const pull = job.pull === undefined ? undefined : repository.pulls.get(job.pull);
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: urls.api,
    GITHUB_SERVER_URL: urls.server,
    GITHUB_TOKEN: job.token.value,
    GITHUB_REPOSITORY: repository.fullName,
    GITHUB_REPOSITORY_ID: String(repository.id),
    GITHUB_REPOSITORY_OWNER: repository.owner.login,
    GITHUB_REPOSITORY_OWNER_ID: String(repository.owner.id),
    GITHUB_ACTOR: run.actor,
    GITHUB_EVENT_NAME: run.event,
    GITHUB_JOB: job.name,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_HEAD_REF: pull?.head.ref ?? '',
    GITHUB_BASE_REF: pull?.base.ref ?? '',
    GITHUB_SHA: job.sha,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_NUMBER: String(run.number),
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    GITHUB_WORKFLOW: run.name,
    GITHUB_WORKFLOW_REF: `${repository.fullName}/${run.path}@${ref}`,
    ACTIONS_RESULTS_URL: `${urls.results}/`,
    ACTIONS_RUNTIME_TOKEN: job.runtimeToken,
    ACTIONS_CACHE_SERVICE_V2: 'True',
    ACTIONS_CACHE_MODE: job.caches.some(({ permission }) => permission === 'write') ? 'write' : 'read',
    ...(job.idToken && {
      ACTIONS_ID_TOKEN_REQUEST_URL: idTokenUrl(job, urls),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: job.idToken,
    }),
  };
}
