import { Task, type VirtualClock } from './clock.ts';
import {
  evaluate,
  evaluateCondition,
  evaluateString,
  evaluateStrings,
  type Scope,
  type Status,
  type Value,
} from './expressions.ts';
import { Interrupted, type Job, type Result, RunnerLost, type Source, type StepRecord } from './job.ts';
import type { Action, StepDefinition } from './model.ts';
import { NotModelled, StartupFailure } from './not-modelled.ts';
import { readAction } from './parse.ts';

/** What a step asks a handler for. */
export interface StepCall {
  job: Job;
  name: string;
  /** Of an action: what stands under `with`, and its defaults. */
  inputs: Record<string, string>;
  env: Record<string, string>;
  /** The `github` context where the step stands. */
  github: { [key: string]: Value };
  /** Of a `run` step, as it stands in the file. */
  script?: string;
  /** What the runner sends an interrupt by; a step that looks at it has ten seconds to end, another one none. */
  readonly interruption: AbortSignal;
  /** A touch of the outer world: takes a while, in which others go on and the job may be cancelled or lost. */
  point(label: string): Promise<void>;
}

export interface StepResult {
  outputs?: Record<string, string>;
  /** For the steps that follow. */
  env?: Record<string, string>;
}

/** What stands for an action or a script. Throws what fails the step. */
export type Handler = (call: StepCall) => Promise<StepResult | undefined>;

/** What steps need of their surroundings. */
export interface Surroundings {
  clock: VirtualClock;
  /** `owner/name/path` of an action of others, `$/path` of one that runs on Node, `run: <name of the step>` of a script. */
  handlers: Readonly<Record<string, Handler>>;
  /** How long something takes, in milliseconds. */
  delay(label: string): number;
  /** The repository of a reference with a version; undefined when only a handler knows it. */
  sourceOf(repository: string, ref: string): Source | undefined;
}

/** The steps of a job, or of a composite in it. */
export interface Frame {
  job: Job;
  source: Source;
  scope: Scope;
  env: Record<string, string>;
  steps: { [id: string]: Value };
  status(): Status;
  fail(): void;
  depth: number;
}

/** How deep composites may stand in each other. https://docs.github.com/actions/reference/limits */
const deepest = 10;
/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation */
const grace = 10_000;

export async function runSteps(steps: StepDefinition[], frame: Frame, surroundings: Surroundings): Promise<void> {
  for (const definition of steps) {
    const record = await runStep(definition, frame, surroundings);
    if (frame.depth === 0) frame.job.steps.push(record);
    if (record.conclusion === 'failure') frame.fail();
    if (definition.id !== undefined) {
      const { outputs, outcome, conclusion } = record;
      frame.steps = { ...frame.steps, [definition.id]: { outputs, outcome, conclusion } };
    }
  }
}

/** https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context for outcome and conclusion */
async function runStep(definition: StepDefinition, frame: Frame, surroundings: Surroundings): Promise<StepRecord> {
  const { job } = frame;
  const nothing = { outputs: {}, outcome: 'skipped' as Result, conclusion: 'skipped' as Result };
  let name = definition.id ?? definition.uses ?? 'a step';
  let continues = false;
  try {
    const outer = scopeOf(frame, frame.env);
    const env = { ...frame.env, ...evaluateStrings(definition.env, outer) };
    name = nameOf(definition, outer) ?? name;
    const holds = () => evaluateCondition(definition.if, scopeOf(frame, env));
    if (!holds()) return { name, ...nothing };
    continues = evaluate(definition.continueOnError, scopeOf(frame, env)) === true;
    if (frame.depth === 0) job.current = { task: undefined, holds };
    const outputs = await perform(definition, name, frame, env, surroundings);
    return { name, outputs, outcome: 'success', conclusion: 'success' };
  } catch (error) {
    if (isFatal(error)) throw error;
    const outcome = error instanceof Interrupted ? error.result : 'failure';
    const outputs = error instanceof StepFailure ? error.outputs : {};
    return { name, outputs, outcome, conclusion: continues && outcome === 'failure' ? 'success' : outcome, error };
  } finally {
    if (frame.depth === 0) job.current = undefined;
  }
}

/** A failure of a step that had said something before. */
export class StepFailure extends Error {
  readonly outputs: Record<string, string>;

  constructor(message: string, outputs: Record<string, string>, cause: unknown) {
    super(message, { cause });
    this.outputs = outputs;
  }
}

/** What must not be taken for a failure of a step. */
function isFatal(error: unknown): boolean {
  return error instanceof NotModelled || error instanceof StartupFailure || error instanceof RunnerLost;
}

function nameOf({ name, id, run }: StepDefinition, scope: Scope): string | undefined {
  return evaluateString(name, scope) ?? id ?? (run && evaluateString(run, scope)!.trim());
}

function scopeOf(frame: Frame, env: Record<string, string>): Scope {
  const all = { ...frame.job.environmentFile, ...env };
  const job = { ...(frame.scope.value('job') as object), status: frame.job.status };
  return frame.scope.with({ env: all, steps: frame.steps, job }, frame.status());
}

async function perform(
  definition: StepDefinition,
  name: string,
  frame: Frame,
  env: Record<string, string>,
  surroundings: Surroundings,
): Promise<Record<string, string>> {
  const scope = scopeOf(frame, env);
  const minutes = evaluate(definition.timeout, scope);
  const timeout = minutes === undefined ? undefined : Number(minutes) * 60_000;
  const call = { name, env: scope.value('env') as Record<string, string>, timeout };
  if (definition.run) {
    const handler = handlerOf(`run: ${name}`, surroundings);
    const script = evaluateString(definition.run, scope)!;
    return execute(handler, { ...call, inputs: {}, script }, frame, surroundings);
  }
  const given = evaluateStrings(definition.with, scope);
  const found = findAction(definition.uses!, frame, surroundings);
  if (!found) {
    const [reference] = definition.uses!.split('@') as [string];
    return execute(handlerOf(reference, surroundings), { ...call, inputs: given }, frame, surroundings);
  }
  const inputs = actionInputs(found.action, given, frame);
  if (found.action.using === 'composite') {
    if (timeout !== undefined) throw new NotModelled('a timeout of a step that is a composite');
    return runComposite(found.action, found.source, inputs, frame, env, surroundings);
  }
  return execute(handlerOf(`$/${found.action.path}`, surroundings), { ...call, inputs }, frame, surroundings);
}

/**
 * Where an action is: `$/` in the repository of the file it stands in, `./` in the workspace, whatever is checked out there.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
 * https://github.blog/changelog/2026-07-30-self-repository-references-in-github-actions
 */
function findAction(
  uses: string,
  { source, job }: Frame,
  { sourceOf }: Surroundings,
): { action: Action; source: Source } | undefined {
  if (uses.startsWith('docker://')) throw new NotModelled(`container actions (${uses})`);
  if (uses.startsWith('$/')) return actionIn(source, uses.slice(2));
  if (uses.startsWith('./')) {
    const [checkout] = job.checkouts.filter(({ path }) => path === '.');
    if (!checkout)
      throw new Error(`Can't find 'action.yml' for action '${uses}'. Did you forget to run actions/checkout?`);
    if (!checkout.trusted) job.untrusted.push(`the action ${uses} of ${checkout.ref}`);
    return actionIn(checkout, uses.slice(2));
  }
  const [name = '', ref = ''] = uses.split('@');
  const [owner, repository, ...path] = name.split('/');
  const other = sourceOf(`${owner}/${repository}`, ref);
  return other && actionIn(other, path.join('/'));
}

function actionIn(source: Source, path: string): { action: Action; source: Source } {
  const folder = path.replace(/\/$/, '');
  const content = source.files[folder === '' ? 'action.yml' : `${folder}/action.yml`];
  if (content === undefined) throw new Error(`Can't find 'action.yml' under '${folder}' of ${source.repository}`);
  return { action: readAction(folder, content), source };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs */
function actionInputs(action: Action, given: Record<string, string>, frame: Frame): Record<string, string> {
  const known = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const inputs = Object.fromEntries(
    action.inputs.map(({ id, default: fallback }) => {
      const value = known.get(id.toLowerCase()) ?? evaluateString(fallback, frame.scope) ?? '';
      known.delete(id.toLowerCase());
      return [id, value];
    }),
  );
  // GitHub only warns of an input that an action does not have; in our own files it is a fault.
  if (known.size > 0)
    throw new NotModelled(`the inputs ${[...known.keys()].join(', ')}, which ${action.path} does not have`);
  return inputs;
}

/**
 * Its steps see its inputs, their own steps and whether one of them failed, not what happened outside.
 * https://docs.github.com/actions/tutorials/create-actions/create-a-composite-action
 * https://github.com/actions/runner/blob/main/src/Runner.Worker/Expressions/SuccessFunction.cs
 */
async function runComposite(
  action: Action,
  source: Source,
  inputs: Record<string, string>,
  outer: Frame,
  env: Record<string, string>,
  surroundings: Surroundings,
): Promise<Record<string, string>> {
  if (outer.depth === deepest) throw new Error(`composites stand in each other more than ${deepest} deep`);
  const { job } = outer;
  let failed = false;
  const github = {
    ...(outer.scope.value('github') as object),
    action_path: `/actions/${source.repository}/${action.path}`,
  };
  const frame: Frame = {
    job,
    source,
    scope: outer.scope.with({ inputs, github }),
    env,
    steps: {},
    status: () => ({ success: !failed && !job.cancelled, failure: failed && !job.cancelled, cancelled: job.cancelled }),
    fail: () => {
      failed = true;
    },
    depth: outer.depth + 1,
  };
  await runSteps(action.steps, frame, surroundings);
  const scope = scopeOf(frame, env);
  const outputs = Object.fromEntries(
    [...action.outputs].map(([id, value]) => [id, evaluateString(value, scope) ?? '']),
  );
  if (failed) throw new StepFailure(`${action.path} failed`, outputs, undefined);
  // A composite that was interrupted is what its interrupted step was.
  if (job.cancelled && !job.current?.holds()) throw new Interrupted('cancelled');
  return outputs;
}

function handlerOf(name: string, { handlers }: Surroundings): Handler {
  const handler = handlers[name];
  if (!handler) throw new NotModelled(`the step \`${name}\`, for which there is no handler`);
  return handler;
}

async function execute(
  handler: Handler,
  parts: Pick<StepCall, 'name' | 'env' | 'inputs' | 'script'> & { timeout: number | undefined },
  frame: Frame,
  { clock, delay }: Surroundings,
): Promise<Record<string, string>> {
  const { job } = frame;
  const task = new Task(`${job.name}, ${parts.name}`);
  let listens = false;
  const call: StepCall = {
    job,
    name: parts.name,
    inputs: parts.inputs,
    env: parts.env,
    github: frame.scope.value('github') as { [key: string]: Value },
    ...(parts.script !== undefined && { script: parts.script }),
    get interruption() {
      listens = true;
      return task.interruption.signal;
    },
    point: (label) => clock.sleep(delay(label), task),
  };
  const stopped = new Promise<never>((_, reject) => {
    const { signal } = task.interruption;
    signal.addEventListener('abort', () => {
      const stop = () => {
        clock.kill(task);
        reject(signal.reason);
      };
      if (listens) clock.after(grace, stop);
      else stop();
    });
  });
  // Who races with it sees the rejection; after the race nobody does.
  stopped.catch(() => {});
  if (job.current) job.current.task = task;
  const forget =
    parts.timeout === undefined
      ? () => {}
      : clock.after(parts.timeout, () => task.interruption.abort(new Interrupted('failure')));
  clock.start(task);
  try {
    const work = async () => {
      await clock.sleep(delay('step'), task);
      return handler(call);
    };
    const result = await Promise.race([work(), stopped, job.whenLost]);
    if (task.interruption.signal.aborted) throw task.interruption.signal.reason;
    Object.assign(job.environmentFile, result?.env);
    return result?.outputs ?? {};
  } catch (error) {
    if (error instanceof RunnerLost) clock.kill(task);
    if (task.interruption.signal.aborted && !isFatal(error)) throw task.interruption.signal.reason;
    throw error;
  } finally {
    forget();
    clock.end(task);
  }
}
