import { isoTime } from './clock.ts';
import type { Repository } from './repository.ts';

/** One run of a workflow: https://docs.github.com/en/rest/actions/workflow-runs */
export interface Run {
  id: number;
  number: number;
  attempt: number;
  /** Such as `.github/workflows/preview.yml`. */
  path: string;
  name: string;
  event: string;
  status: 'queued' | 'in_progress' | 'completed' | 'waiting';
  conclusion: 'success' | 'failure' | 'cancelled' | 'skipped' | 'neutral' | 'timed_out' | null;
  headBranch: string | null;
  headSha: string;
  /** The id of the repository that the head is in. */
  headRepository: number;
  actor: string;
  /** Numbers of the open pull requests with this head; empty for those of forks. */
  pulls: number[];
  createdAt: string;
  startedAt: string;
  updatedAt: string;
}

export interface Artifact {
  id: number;
  run: number;
  /** Of the run, when it was uploaded. */
  attempt: number;
  name: string;
  /** Of the zip, as `sha256:<hex>`. */
  digest: string;
  content: Uint8Array;
  createdAt: string;
  expiresAt: string;
}

export interface Starting {
  path?: string;
  event?: string;
  headSha?: string;
  headBranch?: string | null;
  headRepository?: number;
  actor?: string;
}

export class Runs {
  readonly #repository: Repository;
  readonly #runs: Run[] = [];
  #artifacts: Artifact[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Newest first. */
  list(): Run[] {
    return [...this.#runs].reverse();
  }

  get(id: number): Run | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  start(starting: Starting = {}): Run {
    const { world, defaultBranch, branches, id, owner, pulls } = this.#repository;
    const {
      path = '.github/workflows/preview.yml',
      event = 'push',
      headBranch = defaultBranch,
      headRepository = id,
    } = starting;
    const headSha = starting.headSha ?? branches.get(headBranch ?? '') ?? '';
    const at = isoTime(world.clock.now());
    const numbers = pulls
      .list()
      .filter((pull) => pull.state === 'open' && pull.head.sha === headSha && !pulls.isFromFork(pull));
    const run: Run = {
      id: world.nextId(),
      number: this.#runs.filter((one) => one.path === path).length + 1,
      attempt: 1,
      path,
      name: path
        .split('/')
        .at(-1)!
        .replace(/\.ya?ml$/, ''),
      event,
      status: 'in_progress',
      conclusion: null,
      headBranch,
      headSha,
      headRepository,
      actor: starting.actor ?? owner.login,
      pulls: numbers.map(({ number }) => number),
      createdAt: at,
      startedAt: at,
      updatedAt: at,
    };
    this.#runs.push(run);
    return run;
  }

  finish(run: Run, conclusion: NonNullable<Run['conclusion']> = 'success'): void {
    run.status = 'completed';
    run.conclusion = conclusion;
    run.updatedAt = isoTime(this.#repository.world.clock.now());
  }

  /** Runs again with the same commit and ref: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs */
  rerun(run: Run): void {
    run.attempt += 1;
    run.status = 'in_progress';
    run.conclusion = null;
    run.startedAt = isoTime(this.#repository.world.clock.now());
    run.updatedAt = run.startedAt;
  }

  /** Newest first. */
  artifacts(run?: number): Artifact[] {
    return this.#artifacts.filter((artifact) => run === undefined || artifact.run === run).reverse();
  }

  artifact(id: number): Artifact | undefined {
    return this.#artifacts.find((artifact) => artifact.id === id);
  }

  addArtifact(artifact: Omit<Artifact, 'id'> & { id?: number }): Artifact {
    const kept = { ...artifact, id: artifact.id ?? this.#repository.world.nextId() };
    this.#artifacts.push(kept);
    return kept;
  }

  deleteArtifact(id: number): void {
    this.#artifacts = this.#artifacts.filter((artifact) => artifact.id !== id);
  }
}
