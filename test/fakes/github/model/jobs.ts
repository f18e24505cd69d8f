import { createHash } from 'node:crypto';
import { type CacheScope, cacheScopesOf } from './cache-scopes.ts';
import type { Repository } from './repository.ts';
import type { Run } from './runs.ts';
import type { Permission, Permissions, Token } from './tokens.ts';

/** One job of a run, and what GitHub gives it: https://docs.github.com/en/actions/reference/security/oidc */
export interface Job {
  id: number;
  name: string;
  run: Run;
  attempt: number;
  repository: Repository;
  /** GITHUB_REF. */
  ref: string;
  environment?: string;
  /** Such as `fairlead-dev/fairlead/.github/workflows/preview.yml@refs/tags/v0`. */
  workflowRef: string;
  /** `GITHUB_TOKEN`, with what the job may do at most. */
  token: Token;
  /** `ACTIONS_RUNTIME_TOKEN`: of artifacts and caches. */
  runtimeToken: string;
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`; absent unless the job may have `id-token: write`. */
  idToken?: string;
  caches: CacheScope[];
  /** Of the commit that the job runs. */
  sha: string;
  pull?: number;
  state: 'running' | 'ended';
}

export interface StartingJob {
  run: Run;
  /** @default deploy */
  name?: string;
  permissions?: Permissions;
  environment?: string;
  /** @default the merge ref of `pull` for `pull_request`, else the default branch */
  ref?: string;
  pull?: number;
  /** The called workflow's file, when it is another repository's. */
  workflowRef?: string;
}

export class Jobs {
  readonly #repository: Repository;
  readonly #jobs: Job[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** @throws Error when the environment does not admit the ref */
  start({ run, name = 'deploy', permissions = {}, environment, pull, ...rest }: StartingJob): Job {
    const repository = this.#repository;
    const { world, fullName, defaultBranch } = repository;
    const own = run.event === 'pull_request' && pull !== undefined;
    const ref = rest.ref ?? (own ? `refs/pull/${pull}/merge` : `refs/heads/${defaultBranch}`);
    if (environment) {
      repository.environments.ensure(environment);
      if (!repository.environments.admits(environment, ref))
        throw new Error(`${ref} is not allowed to deploy to ${environment} due to environment protection rules.`);
    }
    const granted = isUntrusted(run, repository) ? readOnly(permissions) : permissions;
    const id = world.nextId();
    const job: Job = {
      id,
      name,
      run,
      attempt: run.attempt,
      repository,
      ref,
      ...(environment && { environment }),
      ...(pull !== undefined && { pull }),
      workflowRef: rest.workflowRef ?? `${fullName}/${run.path}@${ref}`,
      token: world.tokens.issue({ repository: fullName, permissions: granted }),
      runtimeToken: '',
      ...(granted['id-token'] === 'write' && { idToken: secret(`id-token ${id}`) }),
      caches: cacheScopesOf(repository, run, ref, pull),
      sha: repository.resolve(ref) ?? run.headSha,
      state: 'running',
    };
    job.runtimeToken = runtimeToken(job, world.clock.now());
    this.#jobs.push(job);
    return job;
  }

  /** Its tokens are over: https://docs.github.com/en/actions/concepts/security/github_token */
  end(job: Job): void {
    job.state = 'ended';
    job.repository.world.tokens.revoke(job.token.value);
  }

  /** The running job that a runtime token or a token for OIDC is of. */
  find(value: string): Job | undefined {
    return this.#jobs.find((job) => job.state === 'running' && (job.runtimeToken === value || job.idToken === value));
  }

  list(): Job[] {
    return [...this.#jobs];
  }
}

/**
 * Runs for pull requests from forks, and for those of Dependabot, only read:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories
 * https://docs.github.com/en/code-security/reference/supply-chain-security/troubleshoot-dependabot/dependabot-on-actions
 */
function isUntrusted(run: Run, repository: Repository): boolean {
  if (run.event !== 'pull_request') return false;
  return run.headRepository !== repository.id || run.actor === 'dependabot[bot]';
}

function readOnly(permissions: Permissions): Permissions {
  const names = Object.keys(permissions) as Permission[];
  return Object.fromEntries(names.filter((name) => name !== 'id-token').map((name) => [name, 'read']));
}

/** The id of a run's attempt in the services' words. */
export const backendId = (run: Run) => `run-${run.id}-${run.attempt}`;

/** A JWT whose `scp` names the run and the job, as `@actions/artifact` reads it, and whose `ac` the caches. */
function runtimeToken(job: Job, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    scp: `Actions.Results:${backendId(job.run)}:job-${job.id}`,
    ac: JSON.stringify(
      job.caches.map(({ scope, permission }) => ({ Scope: scope, Permission: permission === 'write' ? 3 : 1 })),
    ),
    iat: seconds,
    exp: seconds + 6 * 3600,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${secret(JSON.stringify(claims))}`;
}

const secret = (of: string) => createHash('sha256').update(of).digest('base64url');
