import type { Task } from './clock.ts';
import type { Event } from './events.ts';
import type { Status, Value } from './expressions.ts';
import type { Files, JobDefinition, Workflow } from './model.ts';
import type { Permissions } from './permissions.ts';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What is left of a job for those that need it. */
export interface Outcome {
  result: Result;
  outputs: Record<string, string>;
  /** Whether it ran in this attempt; what needs it then runs again, too. */
  fresh: boolean;
}

/** Where a file came from, and what `$/` means in it. */
export interface Source {
  repository: string;
  ref: string;
  sha: string;
  files: Files;
}

/** One run of a workflow, through all its attempts. */
export interface Run {
  id: number;
  number: number;
  attempt: number;
  event: Event;
  file: string;
  /** The caller's, once it could be read. */
  workflow?: Workflow;
  source: Source;
  inputs: { [key: string]: Value };
  /** Milliseconds since 1970. */
  created: number;
  triggeringActor: string;
  /** Of all attempts, in order of their beginning. */
  jobs: Job[];
  cancelled: boolean;
  conclusion?: Result | 'startup_failure';
  /** Why it did not start. */
  refusal?: string;
  finished: Promise<void>;
}

export interface StepRecord {
  name: string;
  outcome: Result;
  conclusion: Result;
  outputs: Record<string, string>;
  error?: unknown;
}

/** A tree that a job was handed, and whether it is of a commit of the default branch. */
export interface Checkout {
  repository: string;
  ref: string;
  sha: string;
  path: string;
  files: Files;
  trusted: boolean;
  /** Whether the job's token lies in its `.git/config`. */
  credentials: boolean;
}

/** The runner of a job is gone: nothing of the job goes on. */
export class RunnerLost extends Error {
  override name = 'RunnerLost';
}

/** A step was stopped, because the job was cancelled or its time was over. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly result: 'cancelled' | 'failure';

  constructor(result: 'cancelled' | 'failure') {
    super(result === 'cancelled' ? 'the operation was canceled' : 'the action has timed out');
    this.result = result;
  }
}

/** One job of one attempt. */
export class Job {
  readonly run: Run;
  readonly attempt: number;
  /** Ids from the caller's job down, and what tells it apart in a matrix: `preview/deploy`, `remove (12)`. */
  readonly path: string;
  readonly definition: JobDefinition;
  readonly workflow: Workflow;
  readonly source: Source;
  readonly permissions: Permissions;
  state: 'waiting' | 'running' | 'completed' = 'waiting';
  status: 'success' | 'failure' | 'cancelled' = 'success';
  result: Result | undefined;
  outputs: Record<string, string> = {};
  environment: string | undefined;
  group: string | undefined;
  token: string | undefined;
  /** Names of the secrets that it could read, without its token. */
  secrets: string[] = [];
  readonly steps: StepRecord[] = [];
  readonly checkouts: Checkout[] = [];
  /** What it ran that anyone could have written. */
  readonly untrusted: string[] = [];
  /** The claims of the identities it was given. */
  readonly identities: Record<string, Value>[] = [];
  /** Set for later steps through GITHUB_ENV. */
  readonly environmentFile: Record<string, string> = {};
  error: unknown;
  started: number | undefined;
  ended: number | undefined;
  cancelled = false;
  lost = false;
  readonly #whenCancelled = Promise.withResolvers<void>();
  readonly #whenLost = Promise.withResolvers<never>();
  /** The step that runs, and whether its condition still holds. */
  current: { task: Task | undefined; holds: () => boolean } | undefined;

  constructor(parts: Pick<Job, 'run' | 'path' | 'definition' | 'workflow' | 'source' | 'permissions'>) {
    this.run = parts.run;
    this.attempt = parts.run.attempt;
    this.path = parts.path;
    this.definition = parts.definition;
    this.workflow = parts.workflow;
    this.source = parts.source;
    this.permissions = parts.permissions;
    // Most jobs are never lost, and nobody waits for it then.
    this.#whenLost.promise.catch(() => {});
  }

  get name(): string {
    return `${this.run.file} #${this.run.number}.${this.attempt} ${this.path}`;
  }

  get whenCancelled(): Promise<void> {
    return this.#whenCancelled.promise;
  }

  get whenLost(): Promise<never> {
    return this.#whenLost.promise;
  }

  statusOf(): Status {
    return {
      success: this.status === 'success',
      failure: this.status === 'failure',
      cancelled: this.status === 'cancelled',
    };
  }

  /**
   * Cancels it: the running step goes on if its condition holds nevertheless, and so do the later ones.
   * https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
   */
  cancel(): void {
    if (this.cancelled || this.state === 'completed') return;
    this.cancelled = true;
    this.#whenCancelled.resolve();
    if (this.state !== 'running') return;
    this.status = 'cancelled';
    if (this.current && !this.current.holds()) this.current.task?.interruption.abort(new Interrupted('cancelled'));
  }

  /** The machine is gone, and everything that ran on it. */
  lose(): void {
    if (this.lost || this.state !== 'running') return;
    this.lost = true;
    this.#whenLost.reject(new RunnerLost(`the runner of ${this.name} is gone`));
  }
}
