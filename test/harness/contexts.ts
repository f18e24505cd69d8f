import type { Repository } from '../fakes/github/model/repository.ts';
import type { Value } from './expressions.ts';
import type { Job, Run, Source } from './job.ts';
import { may } from './permissions.ts';

type Mapping = { [key: string]: Value };

/** https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context; of the caller, also in what it calls. */
export function githubContext(repository: Repository, run: Run): Mapping {
  const { event, file } = run;
  const ref = event.ref;
  return {
    event_name: event.name,
    event: event.payload,
    ref,
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: 'branch',
    sha: event.sha,
    head_ref: event.headRef ?? '',
    base_ref: event.baseRef ?? '',
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: repository.owner.login,
    repository_owner_id: String(repository.owner.id),
    actor: event.actor,
    triggering_actor: run.triggeringActor,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    workflow: run.workflow?.name ?? file,
    workflow_ref: `${repository.fullName}/${file}@${ref}`,
    workflow_sha: run.source.sha,
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    workspace: '/home/runner/work',
    retention_days: '90',
  };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/contexts#job-context */
export function jobContext(source: Source, file: string): Mapping {
  return {
    workflow_repository: source.repository,
    workflow_ref: `${source.repository}/${file}@${source.ref}`,
    workflow_sha: source.sha,
    workflow_file_path: file,
  };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/contexts#runner-context */
export const runnerContext: Mapping = {
  name: 'Simulated',
  os: 'Linux',
  arch: 'X64',
  temp: '/home/runner/temp',
  tool_cache: '/opt/hostedtoolcache',
  environment: 'github-hosted',
  debug: '',
};

/**
 * The claims of an identity that GitHub gives to a job that may ask for one.
 * https://docs.github.com/actions/reference/security/oidc
 * @throws when the job has no `id-token: write`
 */
export function identityOf(repository: Repository, job: Job, audience: string): Mapping {
  if (!may(job.permissions, 'id-token', 'write')) {
    throw new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable');
  }
  const { run, environment, source, workflow } = job;
  const { event } = run;
  const { fullName, id, owner, name, immutableSubject } = repository;
  const subject = immutableSubject ? `repo:${owner.login}@${owner.id}/${name}@${id}` : `repo:${fullName}`;
  const place = environment
    ? `environment:${environment}`
    : event.name === 'pull_request'
      ? 'pull_request'
      : `ref:${event.ref}`;
  return {
    iss: 'https://token.actions.githubusercontent.com',
    aud: audience,
    sub: `${subject}:${place}`,
    repository: fullName,
    repository_id: String(id),
    repository_owner_id: String(owner.id),
    event_name: event.name,
    ref: event.ref,
    sha: event.sha,
    actor: event.actor,
    run_id: String(run.id),
    run_attempt: String(run.attempt),
    workflow_ref: `${fullName}/${run.file}@${event.ref}`,
    job_workflow_ref: `${source.repository}/${workflow.file}@${source.ref}`,
    ...(environment !== undefined && { environment }),
  };
}
