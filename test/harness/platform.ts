import type { Repository } from '../fakes/github/model/repository.ts';
import type { Permissions as TokenPermissions } from '../fakes/github/model/tokens.ts';
import type { World } from '../fakes/github/model/world.ts';
import type { VirtualClock } from './clock.ts';
import { ConcurrencyGroups, type ConcurrencyRequest } from './concurrency.ts';
import { githubContext, jobContext, runnerContext } from './contexts.ts';
import { dispatchEvent, type Event, eventsOf, scheduleEvent } from './events.ts';
import {
  coerceString,
  evaluate,
  evaluateCondition,
  evaluateString,
  evaluateStrings,
  Scope,
  type Status,
  type Value,
} from './expressions.ts';
import { Job, type Outcome, type Result, type Run, RunnerLost, type Source } from './job.ts';
import { combinations } from './matrix.ts';
import type { Files } from './model.ts';
import { NotModelled, StartupFailure } from './not-modelled.ts';
import { readWorkflow } from './parse.ts';
import { defaultPermissions, type Permissions, readOnly } from './permissions.ts';
import { checkedInput, type Graph, type PlannedJob, planRun } from './plan-run.ts';
import { type Handler, runSteps } from './steps.ts';
import type { Trees } from './trees.ts';
import { dispatchInputs, isTriggered } from './triggers.ts';

type Mapping = { [key: string]: Value };

export interface PlatformOptions {
  world: World;
  clock: VirtualClock;
  trees: Trees;
  /** The one whose workflows run. */
  repository: Repository;
  /** The repository of reusable workflows and actions that others refer to by a tag or the commit. */
  kit?: { repository: string; refs: string[]; sha: string; files: Files };
  handlers: Readonly<Record<string, Handler>>;
  /** How long something takes, in milliseconds: `event`, `runner`, `step`, and whatever handlers call their points. @default 1000 */
  delay?: (label: string) => number;
  /** What reviewers of an environment do, and after how long. @default they approve after ten minutes */
  review?: (environment: string, job: Job) => { minutes: number; verdict: 'approve' | 'reject' };
  secrets?: { repository?: Record<string, string>; environments?: Record<string, Record<string, string>> };
  /**
   * Whether a job waits for its concurrency group before reviewers are asked, or after. GitHub does not document which.
   * @default 'group'
   */
  first?: 'group' | 'review';
}

/** https://docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs */
const rerunDays = 30;
/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes */
const usualTimeout = 360;
/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation */
const cancellationTimeout = 5 * 60_000;
const dependabot = 'dependabot[bot]';

/** GitHub Actions in one process: events in, runs of workflows over virtual time out. */
export class Platform {
  readonly runs: Run[] = [];
  readonly groups = new ConcurrencyGroups<Job>();
  /** Everything that began and ended, in order. */
  readonly log: string[] = [];
  readonly #options: Required<Omit<PlatformOptions, 'kit'>> & Pick<PlatformOptions, 'kit'>;
  readonly #admitted = new Map<Job, () => void>();
  readonly #kept = new Map<Run, Map<string, Outcome>>();
  readonly #faults: unknown[] = [];
  #starting = Promise.resolve();

  constructor(options: PlatformOptions) {
    this.#options = {
      delay: () => 1000,
      review: () => ({ minutes: 10, verdict: 'approve' }),
      secrets: {},
      first: 'group',
      ...options,
    };
    options.world.onHappening((happening) => {
      if (happening.repository === options.repository) for (const event of eventsOf(happening)) this.trigger(event);
    });
  }

  get clock(): VirtualClock {
    return this.#options.clock;
  }

  /** Runs that have not ended. */
  get active(): Run[] {
    return this.runs.filter(({ conclusion }) => conclusion === undefined);
  }

  /** Jobs of the present attempts. */
  jobs(state?: Job['state']): Job[] {
    return this.runs
      .flatMap(({ jobs, attempt }) => jobs.filter((job) => job.attempt === attempt))
      .filter((job) => state === undefined || job.state === state);
  }

  /** The runs of an event begin a moment later, in no certain order. */
  trigger(event: Event): void {
    const { clock, delay, trees } = this.#options;
    const files = trees.of(event.sha);
    const paths = Object.keys(files).filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
    for (const file of paths) {
      if (event.file !== undefined && event.file !== file) continue;
      clock.after(delay('event'), () => {
        this.#starting = this.#starting
          .then(() => this.#begin(file, event, files))
          .catch((error) => this.#fault(error));
      });
    }
  }

  dispatch(file: string, inputs: Mapping = {}, options: { branch?: string; actor?: string } = {}): void {
    const { repository, trees } = this.#options;
    if (!(file in trees.of(repository.branches.get(repository.defaultBranch)!))) {
      throw new Error(`${file} is not on the default branch`);
    }
    this.trigger(dispatchEvent(repository, { file, inputs, ...options }));
  }

  schedule(file: string, cron: string): void {
    this.trigger(scheduleEvent(this.#options.repository, file, cron));
  }

  /** As the button in a run's page: all that has not ended is cancelled, unless its condition says otherwise. */
  cancel(run: Run): void {
    if (run.conclusion !== undefined) return;
    run.cancelled = true;
    this.log.push(`cancel ${run.file} #${run.number}`);
    for (const job of run.jobs) if (job.attempt === run.attempt) this.#cancel(job);
  }

  /**
   * Runs everything again, or what failed and what needs it, for the same event.
   * https://docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
   */
  rerun(run: Run, { failed = false, actor = run.event.actor } = {}): void {
    if (run.conclusion === undefined) throw new Error('the run has not ended');
    if (this.clock.time - run.created > rerunDays * 86_400_000) throw new Error('the run is older than 30 days');
    const good = run.jobs.filter(({ attempt, result }) => attempt === run.attempt && result === 'success');
    const before = this.#kept.get(run) ?? new Map<string, Outcome>();
    const kept = new Map(
      failed
        ? [...before, ...good.map(({ path, outputs }) => [path, { result: 'success', outputs, fresh: false }] as const)]
        : [],
    );
    this.#kept.set(run, kept);
    run.attempt++;
    run.triggeringActor = actor;
    run.cancelled = false;
    delete run.conclusion;
    const recorded = this.#options.repository.runs.get(run.id);
    if (recorded) this.#options.repository.runs.rerun(recorded);
    run.finished = this.#execute(run);
  }

  /** Until nothing is left to happen, or until a time. @throws what the harness does not model, and what is wrong in handlers */
  async settle(until?: number): Promise<void> {
    do {
      await this.#starting;
      if (this.#faults.length > 0) throw this.#faults[0];
    } while (await this.clock.advance(until));
    const stuck = until === undefined ? this.active : [];
    if (stuck.length > 0)
      throw new Error(`runs that never end: ${stuck.map(({ file, number }) => `${file} #${number}`)}`);
  }

  /** Until a condition holds. @throws when nothing is left to happen before it does */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await this.#starting;
      if (this.#faults.length > 0) throw this.#faults[0];
      if (!(await this.clock.advance()) && !holds()) throw new Error('it never comes to this');
    }
  }

  #fault(error: unknown): void {
    this.#faults.push(error);
  }

  #sourceOf = (name: string, ref: string): Source | undefined => {
    const { kit } = this.#options;
    if (name !== kit?.repository) return undefined;
    if (!kit.refs.includes(ref) && ref !== kit.sha) throw new StartupFailure(`there is no ${ref} in ${name}`);
    return { repository: name, ref: ref === kit.sha ? ref : `refs/tags/${ref}`, sha: kit.sha, files: kit.files };
  };

  async #begin(file: string, event: Event, files: Files): Promise<void> {
    const { repository } = this.#options;
    let triggered: Awaited<ReturnType<typeof readWorkflow>> | undefined;
    let refusal: string | undefined;
    let inputs: Mapping = {};
    try {
      triggered = await readWorkflow(file, files[file]!);
      if (!isTriggered(triggered, event)) return;
      if (event.name === 'workflow_dispatch') inputs = dispatchInputs(triggered, event.inputs ?? {});
    } catch (error) {
      if (!(error instanceof StartupFailure)) throw error;
      refusal = error.message;
    }
    const pull = event.pull === undefined ? undefined : repository.pulls.get(event.pull);
    const onPull = event.name === 'pull_request' && pull;
    const recorded = repository.runs.start({
      path: file,
      event: event.name,
      headSha: onPull ? headOf(event) : event.sha,
      headBranch: onPull ? pull.head.ref : event.ref.replace('refs/heads/', ''),
      headRepository: onPull ? pull.head.repository : repository.id,
      actor: event.actor,
    });
    const run: Run = {
      id: recorded.id,
      number: recorded.number,
      attempt: 1,
      event,
      file,
      source: { repository: repository.fullName, ref: event.ref, sha: event.sha, files },
      inputs,
      created: this.clock.time,
      triggeringActor: event.actor,
      jobs: [],
      cancelled: false,
      finished: Promise.resolve(),
    };
    if (triggered) run.workflow = triggered;
    this.runs.push(run);
    if (refusal !== undefined) this.#refuse(run, refusal);
    else run.finished = this.#execute(run);
  }

  #refuse(run: Run, why: string): void {
    run.refusal = why;
    run.conclusion = 'startup_failure';
    this.log.push(`refused ${run.file} #${run.number}: ${why}`);
    this.#finish(run, 'failure');
  }

  #finish(run: Run, conclusion: 'success' | 'failure' | 'cancelled' | 'skipped'): void {
    const recorded = this.#options.repository.runs.get(run.id);
    if (recorded) this.#options.repository.runs.finish(recorded, conclusion);
  }

  async #execute(run: Run): Promise<void> {
    const { repository } = this.#options;
    try {
      const inherited = defaultPermissions(
        repository.settings.workflow.permissions === 'write' ? 'permissive' : 'restricted',
      );
      const byDependabot = isByDependabot(run.event);
      const graph = await planRun(run.file, run.source, byDependabot ? readOnly(inherited) : inherited, this.#sourceOf);
      const scope = new Scope({
        github: githubContext(repository, run),
        inputs: run.inputs,
        vars: Object.fromEntries([...repository.settings.variables].map(([name, { value }]) => [name, value])),
      });
      // https://docs.github.com/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions
      const trusted = !(run.event.name === 'pull_request' && run.event.fork) && !byDependabot;
      const secrets = trusted ? (this.#options.secrets.repository ?? {}) : {};
      const outcomes = await this.#runGraph(run, graph, '', scope, secrets);
      run.conclusion = resultOf([...outcomes.values()].map(({ result }) => result));
      this.log.push(`${run.conclusion} ${run.file} #${run.number}.${run.attempt}`);
      this.#finish(run, run.conclusion);
    } catch (error) {
      if (error instanceof StartupFailure) this.#refuse(run, error.message);
      else this.#fault(error);
    }
  }

  async #runGraph(
    run: Run,
    graph: Graph,
    prefix: string,
    scope: Scope,
    secrets: Record<string, string>,
    again = false,
  ): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const ended = new Map(graph.jobs.map(({ definition }) => [definition.id, Promise.withResolvers<void>()]));
    await Promise.all(
      graph.jobs.map(async (planned) => {
        const { definition } = planned;
        await Promise.all(definition.needs.map((id) => ended.get(id)!.promise));
        outcomes.set(definition.id, await this.#runNode(run, graph, planned, prefix, scope, secrets, outcomes, again));
        ended.get(definition.id)!.resolve();
      }),
    );
    return new Map(graph.jobs.map(({ definition: { id } }) => [id, outcomes.get(id)!]));
  }

  /** A job as it is written: none, one or several of a matrix. */
  async #runNode(
    run: Run,
    graph: Graph,
    planned: PlannedJob,
    prefix: string,
    outer: Scope,
    secrets: Record<string, string>,
    outcomes: Map<string, Outcome>,
    inherited: boolean,
  ): Promise<Outcome> {
    const { definition } = planned;
    const path = `${prefix}${definition.id}`;
    const before = ancestors(graph, definition.id).map((id) => outcomes.get(id)!);
    const again = inherited || before.some(({ fresh }) => fresh);
    const needs = pick(outcomes, definition.needs);
    const status = () =>
      jobStatus(
        before.map(({ result }) => result),
        run.cancelled,
      );
    const scope = () => outer.with({ needs }, status());
    try {
      if (!evaluateCondition(definition.if, scope())) {
        this.log.push(`skipped ${run.file} #${run.number}.${run.attempt} ${path}`);
        return { result: 'skipped', outputs: {}, fresh: false };
      }
      const strategy = (evaluate(definition.strategy, scope()) ?? {}) as Mapping;
      if (strategy.matrix === undefined) return await this.#runOne(run, graph, planned, path, scope, secrets, again);
      return await this.#runMatrix(run, graph, planned, path, scope, secrets, again, strategy);
    } catch (error) {
      if (error instanceof NotModelled || error instanceof StartupFailure) throw error;
      // An expression that cannot be evaluated, or an empty matrix: the job fails before it starts.
      this.log.push(`failed ${path}: ${String(error)}`);
      return { result: 'failure', outputs: {}, fresh: true };
    }
  }

  /** https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategy */
  async #runMatrix(
    run: Run,
    graph: Graph,
    planned: PlannedJob,
    path: string,
    scope: () => Scope,
    secrets: Record<string, string>,
    again: boolean,
    strategy: Mapping,
  ): Promise<Outcome> {
    const failFast = strategy['fail-fast'] !== false;
    const all = combinations(strategy.matrix!);
    const slots = Number(strategy['max-parallel'] ?? all.length);
    const outputs: Record<string, string> = {};
    const results: Result[] = [];
    const waiting = all.map((matrix, index) => ({ matrix, index }));
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { matrix, index } = next;
        const context = { 'fail-fast': failFast, 'job-index': index, 'job-total': all.length, 'max-parallel': slots };
        const name = `${path} (${Object.values(matrix).map(coerceString).join(', ')})`;
        const own = () => scope().with({ matrix, strategy: context });
        const outcome = await this.#runOne(run, graph, planned, name, own, secrets, again);
        results.push(outcome.result);
        // The last that says something has the word.
        Object.assign(outputs, Object.fromEntries(Object.entries(outcome.outputs).filter(([, value]) => value !== '')));
        if (failFast && outcome.result === 'failure') {
          for (const other of waiting.splice(0)) results.push(other ? 'cancelled' : 'skipped');
          for (const job of run.jobs) {
            if (job.attempt === run.attempt && job.path.startsWith(`${path} (`)) this.#cancel(job);
          }
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(slots, all.length) }, worker));
    return { result: resultOf(results), outputs, fresh: true };
  }

  async #runOne(
    run: Run,
    graph: Graph,
    planned: PlannedJob,
    path: string,
    scope: () => Scope,
    secrets: Record<string, string>,
    again: boolean,
  ): Promise<Outcome> {
    if (planned.called) return this.#runCall(run, planned, planned.called, path, scope(), secrets, again);
    const kept = again ? undefined : this.#kept.get(run)?.get(path);
    if (kept) return kept;
    const { event } = run;
    const limited = event.name === 'pull_request' && event.fork;
    const { definition } = planned;
    const permissions = limited ? readOnly(planned.permissions) : planned.permissions;
    const job = new Job({ run, path, definition, workflow: graph.workflow, source: graph.source, permissions });
    run.jobs.push(job);
    await this.#runJob(job, scope, secrets);
    return { result: job.result!, outputs: job.outputs, fresh: true };
  }

  async #runCall(
    run: Run,
    { definition }: PlannedJob,
    called: Graph,
    path: string,
    scope: Scope,
    secrets: Record<string, string>,
    again: boolean,
  ): Promise<Outcome> {
    const call = called.workflow.events.workflow_call!;
    const given = (evaluate(definition.with, scope) ?? {}) as Mapping;
    const inputs = Object.fromEntries(
      Object.entries(call.inputs ?? {}).map(([name, { type, default: fallback }]) => {
        const value =
          name in given ? given[name]! : typeof fallback === 'object' ? evaluate(fallback, scope)! : fallback;
        return [name, checkedInput(name, type, value ?? (type === 'boolean' ? false : ''))];
      }),
    );
    const inherits = definition.secrets !== undefined && evaluate(definition.secrets, scope) === 'inherit';
    const passed = inherits ? secrets : evaluateStrings(definition.secrets, scope.with({ secrets }));
    // Of the caller's contexts only these are there: https://docs.github.com/actions/reference/workflows-and-actions/contexts
    const inner = new Scope({ github: scope.value('github'), vars: scope.value('vars'), inputs });
    const outcomes = await this.#runGraph(run, called, `${path}/`, inner, passed, again);
    const jobs = pick(outcomes, [...outcomes.keys()]);
    const outputs = [...called.workflow.outputs].map(([id, token]) => [
      id,
      evaluateString(token, inner.with({ jobs })) ?? '',
    ]);
    const all = [...outcomes.values()];
    return {
      result: resultOf(all.map(({ result }) => result)),
      outputs: Object.fromEntries(outputs),
      fresh: all.some(({ fresh }) => fresh),
    };
  }

  #cancel(job: Job): void {
    if (job.cancelled || job.state === 'completed') return;
    job.cancel();
    this.log.push(`cancel ${job.name}`);
    if (job.state === 'running') this.clock.after(cancellationTimeout, () => job.state === 'running' && job.lose());
  }

  /** Ends a job's machine: nothing of it goes on, and GitHub counts it as failed. */
  crash(job: Job): void {
    this.log.push(`crash ${job.name}`);
    job.lose();
  }

  async #runJob(job: Job, scope: () => Scope, secrets: Record<string, string>): Promise<void> {
    const { clock, delay, repository, world, first } = this.#options;
    try {
      const gates = [() => this.#enterGroup(job, scope()), () => this.#enterEnvironment(job, scope())];
      for (const gate of first === 'group' ? gates : gates.reverse()) {
        const refused = await this.#unlessCancelled(job, scope, gate());
        if (refused) {
          job.result = refused;
          return;
        }
      }
      if ((await this.#unlessCancelled(job, scope, this.#pause(delay('runner')))) === 'cancelled') {
        job.result = 'cancelled';
        return;
      }
      job.state = 'running';
      job.started = clock.time;
      this.log.push(`start ${job.name}`);
      const { permissions } = job;
      job.token = world.tokens.issue({
        repository: repository.fullName,
        permissions: tokenPermissions(permissions),
      }).value;
      await this.#runSteps(job, scope(), secrets);
      job.result = job.status;
    } catch (error) {
      if (!(error instanceof RunnerLost)) {
        job.error = error;
        this.#fault(error);
      }
      job.result = job.cancelled ? 'cancelled' : 'failure';
    } finally {
      job.state = 'completed';
      job.ended = clock.time;
      if (job.token) world.tokens.revoke(job.token);
      this.log.push(`${job.result} ${job.name}`);
      this.#leaveGroup(job);
    }
  }

  /** What a wait comes to; `cancelled` when the job is cancelled first, and its condition does not hold nevertheless. */
  async #unlessCancelled(job: Job, scope: () => Scope, wait: Promise<Result | undefined>): Promise<Result | undefined> {
    const stopped = job.whenCancelled.then((): Result | undefined | 'on' =>
      evaluateCondition(job.definition.if, scope()) && job.run.cancelled ? 'on' : 'cancelled',
    );
    const what = await Promise.race([wait, stopped]);
    return what === 'on' ? wait : what;
  }

  #pause(milliseconds: number): Promise<undefined> {
    return new Promise((resolve) => this.clock.after(milliseconds, () => resolve(undefined)));
  }

  async #enterGroup(job: Job, scope: Scope): Promise<undefined> {
    const request = concurrencyOf(evaluate(job.definition.concurrency, scope));
    if (!request) return;
    job.group = request.group;
    const { admitted, replaced, interrupted } = this.groups.request(job, request);
    for (const other of [...replaced, ...interrupted]) this.#cancel(other);
    if (!admitted) await new Promise<void>((resolve) => this.#admitted.set(job, resolve));
  }

  #leaveGroup(job: Job): void {
    this.#admitted.delete(job);
    if (job.group === undefined) return;
    const next = this.groups.release(job, job.group);
    if (next) this.#admitted.get(next)?.();
  }

  /**
   * The environment is one of the repository whose workflow runs; one that does not exist is made, without protection.
   * https://docs.github.com/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
   */
  async #enterEnvironment(job: Job, scope: Scope): Promise<Result | undefined> {
    const { repository, review } = this.#options;
    const value = evaluate(job.definition.environment, scope);
    if (value === undefined) return;
    const reference = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { name: value };
    // A deployment that GitHub makes by itself would have to be in the fake's history.
    if (reference.deployment !== false) throw new NotModelled(`an environment with a deployment (${job.path})`);
    const name = coerceString(reference.name ?? '');
    if (name === '') return;
    job.environment = name;
    const environment = repository.environments.ensure(name);
    if (!repository.environments.admits(name, job.run.event.ref)) {
      job.error = new Error(
        `"${job.run.event.ref}" is not allowed to deploy to ${name} due to environment protection rules.`,
      );
      return 'failure';
    }
    if (environment.wait > 0) await this.#pause(environment.wait * 60_000);
    if (environment.reviewers.length === 0) return;
    const { minutes, verdict } = review(name, job);
    await this.#pause(minutes * 60_000);
    return verdict === 'approve' ? undefined : 'failure';
  }

  async #runSteps(job: Job, outer: Scope, secrets: Record<string, string>): Promise<void> {
    const { clock, delay, handlers, repository } = this.#options;
    const { definition, workflow, source } = job;
    const own = job.environment ? (this.#options.secrets.environments?.[job.environment] ?? {}) : {};
    const readable = isLimited(job.run.event) ? {} : { ...secrets, ...own };
    job.secrets = Object.keys(readable);
    const variables = job.environment ? repository.environments.get(job.environment)?.variables : undefined;
    const vars = Object.fromEntries([...(variables ?? [])].map(([name, { value }]) => [name, value]));
    const scope = outer.with(
      {
        github: { ...(outer.value('github') as Mapping), token: job.token!, job: definition.id },
        secrets: { ...readable, GITHUB_TOKEN: job.token! },
        vars: { ...(outer.value('vars') as Mapping), ...vars },
        job: jobContext(source, workflow.file),
        runner: runnerContext,
      },
      job.statusOf(),
    );
    const env = { ...evaluateStrings(workflow.env, scope), ...evaluateStrings(definition.env, scope) };
    const minutes = Number(evaluate(definition.timeout, scope) ?? usualTimeout);
    const forget = clock.after(minutes * 60_000, () => this.#cancel(job));
    const frame = {
      job,
      source,
      scope,
      env,
      steps: {} as Mapping,
      status: () => job.statusOf(),
      fail: () => {
        if (job.status === 'success') job.status = 'failure';
      },
      depth: 0,
    };
    try {
      await runSteps(definition.steps, frame, { clock, delay, handlers, sourceOf: this.#sourceOf });
      const final = scope.with({ steps: frame.steps, env: { ...job.environmentFile, ...env } }, job.statusOf());
      job.outputs = evaluateStrings(definition.outputs, final);
    } finally {
      forget();
    }
  }
}

/** https://docs.github.com/actions/reference/workflows-and-actions/expressions#status-check-functions */
function jobStatus(before: Result[], cancelled: boolean): Status {
  return {
    success: !cancelled && before.every((result) => result === 'success'),
    failure: !cancelled && before.includes('failure'),
    cancelled,
  };
}

/** Everything that a job needs, and what that needs: a failure or a skip reaches all of the chain after it. */
function ancestors({ jobs }: Graph, id: string): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const need of jobs.find(({ definition }) => definition.id === name)!.definition.needs) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(id);
  return [...found];
}

/** The `needs` and `jobs` contexts: https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context */
function pick(outcomes: Map<string, Outcome>, ids: string[]): Mapping {
  return Object.fromEntries(
    ids.map((id) => {
      const { result, outputs } = outcomes.get(id)!;
      return [id, { result, outputs }];
    }),
  );
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-run-statuses */
function resultOf(results: Result[]): Result {
  for (const worst of ['failure', 'cancelled'] as const) if (results.includes(worst)) return worst;
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success';
}

function concurrencyOf(value: Value | undefined): ConcurrencyRequest | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { group: coerceString(value), cancelInProgress: false, queue: 'single' };
  }
  return {
    group: coerceString(value.group ?? ''),
    cancelInProgress: value['cancel-in-progress'] === true,
    queue: value.queue === 'max' ? 'max' : 'single',
  };
}

/** https://docs.github.com/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions */
function isByDependabot({ name, actor }: Event): boolean {
  return actor === dependabot && (name === 'pull_request' || name === 'push');
}

function isLimited(event: Event): boolean {
  return (event.name === 'pull_request' && event.fork) || isByDependabot(event);
}

function tokenPermissions(permissions: Permissions): TokenPermissions {
  return Object.fromEntries(Object.entries(permissions).filter(([, access]) => access !== 'none'));
}

function headOf({ payload }: Event): string {
  return (payload.pull_request as { head: { sha: string } }).head.sha;
}
