import { isoTime } from './clock.ts';
import { Refusal } from './refusal.ts';
import type { Repository } from './repository.ts';

export interface Deployment {
  id: number;
  sha: string;
  /** As it was asked for: a branch, a tag or a hash. */
  ref: string;
  task: string;
  environment: string;
  payload: object | string;
  description: string | null;
  transient: boolean;
  production: boolean;
  creator: string;
  createdAt: string;
  updatedAt: string;
  /** Oldest first. */
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  state: State;
  creator: string;
  description: string;
  environment: string;
  environmentUrl: string;
  logUrl: string;
  createdAt: string;
}

export type State = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export interface Asked {
  ref: string;
  task?: string;
  environment?: string;
  payload?: object | string;
  description?: string | null;
  auto_merge?: boolean;
  required_contexts?: string[];
  transient_environment?: boolean;
  production_environment?: boolean;
}

export interface AskedStatus {
  state: State;
  description?: string;
  environment?: string;
  environment_url?: string;
  log_url?: string;
  auto_inactive?: boolean;
}

/** https://docs.github.com/en/rest/deployments/deployments and https://docs.github.com/en/rest/deployments/statuses */
export class Deployments {
  readonly #repository: Repository;
  #deployments: Deployment[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Newest first. */
  list({
    environment,
    task,
    ref,
    sha,
  }: {
    environment?: string;
    task?: string;
    ref?: string;
    sha?: string;
  } = {}): Deployment[] {
    const wanted = ({ ...one }: Deployment) =>
      (!environment || one.environment === environment) &&
      (!task || one.task === task) &&
      (!ref || one.ref === ref) &&
      (!sha || one.sha === sha);
    return this.#deployments.filter(wanted).reverse();
  }

  get(id: number): Deployment | undefined {
    return this.#deployments.find((deployment) => deployment.id === id);
  }

  /**
   * As the API does it: https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
   * @returns a message instead when `auto_merge` (the default) merges the default branch into one that is behind it
   * @throws Refusal when the ref does not exist, or when contexts that are required have not succeeded: those named, or, as
   * the default is all of them, the runs that the commit has
   */
  ask(asked: Asked, creator: string): Deployment | { message: string } {
    const { world, branches, defaultBranch: main } = this.#repository;
    const sha = this.#resolve(asked.ref);
    const isBehind = !world.commits.ancestors(sha).includes(branches.get(main)!);
    if (asked.auto_merge !== false && isBehind && branches.has(asked.ref)) {
      this.#repository.push(asked.ref, { by: creator, message: `Merge ${main} into ${asked.ref}` });
      return { message: `Auto-merged ${main} into ${asked.ref} on deployment.` };
    }
    if (!this.#succeeded(sha, asked.required_contexts))
      throw new Refusal(409, `Conflict: Commit status checks failed for ${asked.ref}.`);
    return this.create(asked, creator);
  }

  /** An environment that does not exist comes into being. @throws Refusal when the ref does not exist */
  create(asked: Asked, creator: string): Deployment {
    const { world } = this.#repository;
    const sha = this.#resolve(asked.ref);
    const { environment = 'production', task = 'deploy' } = asked;
    const at = isoTime(world.clock.now());
    const deployment: Deployment = {
      id: world.nextId(),
      sha,
      ref: asked.ref,
      task,
      environment,
      payload: asked.payload ?? {},
      description: asked.description ?? null,
      transient: asked.transient_environment ?? false,
      production: asked.production_environment ?? environment === 'production',
      creator,
      createdAt: at,
      updatedAt: at,
      statuses: [],
    };
    this.#repository.environments.ensure(environment);
    this.#deployments.push(deployment);
    return deployment;
  }

  /**
   * A success makes the earlier successful deployments to the same environment inactive, if they are neither transient
   * nor production: https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
   */
  setStatus(deployment: Deployment, asked: AskedStatus, creator: string): DeploymentStatus {
    if ([...(asked.description ?? '')].length > 140)
      throw new Refusal(422, 'Validation Failed', [
        {
          resource: 'DeploymentStatus',
          field: 'description',
          code: 'custom',
          message: 'description is too long (maximum is 140 characters)',
        },
      ]);
    const status = this.#addStatus(deployment, asked, creator);
    if (asked.environment) deployment.environment = asked.environment;
    if (asked.state !== 'success' || asked.auto_inactive === false) return status;
    for (const earlier of this.#deployments) {
      const same = earlier.environment === deployment.environment && earlier.id < deployment.id;
      const lasting = earlier.transient || earlier.production;
      if (same && !lasting && stateOf(earlier) === 'success') this.#addStatus(earlier, { state: 'inactive' }, creator);
    }
    return status;
  }

  /** Only inactive ones, unless it is the only one: https://docs.github.com/en/rest/deployments/deployments#delete-a-deployment */
  delete(id: number): void {
    const deployment = this.get(id);
    if (deployment && this.#deployments.length > 1 && !isInactive(deployment))
      throw new Refusal(
        422,
        'We cannot delete an active deployment unless it is the only deployment in a given repository.',
      );
    this.#deployments = this.#deployments.filter((one) => one.id !== id);
  }

  #resolve(ref: string): string {
    const sha = this.#repository.resolve(ref);
    if (!sha) throw new Refusal(422, `No ref found for: ${ref}`);
    return sha;
  }

  #succeeded(sha: string, contexts?: string[]): boolean {
    const runs = this.#repository.runs.list().filter(({ headSha }) => headSha === sha);
    if (!contexts) return runs.every(({ conclusion }) => conclusion === 'success');
    return contexts.every((name) => runs.some((run) => run.name === name && run.conclusion === 'success'));
  }

  #addStatus(deployment: Deployment, asked: AskedStatus, creator: string): DeploymentStatus {
    const { world } = this.#repository;
    const at = isoTime(world.clock.now());
    const status = {
      id: world.nextId(),
      state: asked.state,
      creator,
      description: asked.description ?? '',
      environment: asked.environment ?? deployment.environment,
      environmentUrl: asked.environment_url ?? '',
      logUrl: asked.log_url ?? '',
      createdAt: at,
    };
    deployment.statuses.push(status);
    deployment.updatedAt = at;
    return status;
  }
}

export function stateOf(deployment: Deployment): State | undefined {
  return deployment.statuses.at(-1)?.state;
}

function isInactive(deployment: Deployment): boolean {
  return ['inactive', 'failure', 'error'].includes(stateOf(deployment) ?? '');
}
