import { UserError } from '../analyzer/diagnostic.ts';
import type { Diagnostic } from '../analyzer/mod.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { deploy } from './deploy.ts';
import { drawUp, type Standing, standingOf } from './draw-up.ts';
import { type Environment, previewEnvironment } from './environment.ts';
import { isHalfDestroyed } from './history.ts';
import type { Plan } from './plan.ts';
import type { Destroyed, Outcome, Ports } from './ports.ts';
import { everyPullRequest, type PreviewPolicy, type Unwanted, type Wanted, wantsPreview } from './preview-policy.ts';
import { recordingFailure } from './record.ts';
import type { Digest, Release } from './release.ts';
import { remove } from './remove.ts';
import type { Telling } from './tell/content.ts';
import { tellFailure, tellStart, tellSuccess } from './tell-preview.ts';
import { refusing, verifierOf } from './verify.ts';

export interface PreviewRequest {
  application: string;
  pullRequest: number;
  /** The sources at hand, and which head of the pull request they are. */
  source: {
    root: string;
    head: string;
    /** The branch they are merged into, where they are what a merge would give. @default whatever it is */
    base?: string;
  };
  config: Config;
  /** Which pull requests have previews. @default all that are open */
  policy?: PreviewPolicy;
  /** Without the values of secrets, for code that nobody vouches for. Always so of a fork. @default false */
  isolated?: boolean | undefined;
  /** What the pull request is told besides. @default nothing */
  telling?: Telling;
}

export type PreviewResult =
  | {
      /** `unchanged`: this release was running already, and nothing had to be started. */
      kind: 'deployed' | 'unchanged';
      plan: Plan;
      outcome: Outcome;
      /** Why the databases were made anew; empty when they were kept. */
      recreated: readonly Diagnostic[];
      milliseconds: { build: number; apply: number };
    }
  /** The pull request has moved on to another head or base, whose own run will come. Nothing was touched. */
  | { kind: 'superseded'; head: string; base?: string }
  /** The pull request shall have no preview, so its environment is gone. */
  | { kind: 'removed'; unwanted: Unwanted; destroyed: Destroyed }
  /** The pull request shall have no preview, and there was none. */
  | { kind: 'nothing'; unwanted: Unwanted };

/**
 * Brings the preview of a pull request to where the pull request is now, whatever woke this: the truth is read from the
 * forge, under the environment's lock, before and after everything that takes time.
 */
export async function preview(request: PreviewRequest, ports: Ports): Promise<PreviewResult> {
  const environment = previewEnvironment(request.application, request.pullRequest);
  return ports.lock.hold(environment, async () => {
    const attempt: Attempt = {};
    try {
      return await converge(environment, request, attempt, ports);
    } catch (error) {
      await tellFailure(environment, error, { ...request, ...attempt }, ports);
      throw error;
    }
  });
}

/** How far it came, for those who hear of its failure. */
interface Attempt {
  release?: Digest;
}

async function converge(
  environment: Environment,
  request: PreviewRequest,
  attempt: Attempt,
  ports: Ports,
): Promise<PreviewResult> {
  const { clock } = ports;
  const early = await look(environment, request, ports);
  if ('end' in early) return early.end;
  const begin = clock.now();
  await tellStart(environment, request, ports);
  const release = await recordingFailure({ environment, action: 'preview' }, ports, () =>
    build({ ...request, environment: environment.name, root: request.source.root }, ports),
  );
  attempt.release = release.digest;
  const built = clock.now();
  const meanwhile = await look(environment, request, ports);
  if ('end' in meanwhile) return meanwhile.end;
  const isolated = request.isolated || meanwhile.pullRequest.fork;
  const { plan, recreated, before } = await prepare(environment, release, { ...request, isolated }, ports);
  let applied = built;
  let late: Wanted | Unwanted = meanwhile;
  const outcome = await deploy(plan, { action: 'preview' }, ports, async () => {
    const outcome = await apply(plan, request, ports);
    applied = clock.now();
    // Closed or made a draft while it was deployed: the event that says so may already have come and gone.
    late = await wanted(request, ports);
    return {
      outcome,
      ...(late.wanted && { review: await tellSuccess(plan, outcome, recreated, request, begin, ports) }),
    };
  });
  if (!late.wanted) return clear(environment, late, ports);
  return {
    kind: before === release.digest && outcome.started.length === 0 ? 'unchanged' : 'deployed',
    plan,
    outcome,
    recreated,
    milliseconds: { build: built.getTime() - begin.getTime(), apply: applied.getTime() - built.getTime() },
  };
}

/** What the pull request is now, or what this comes to because of it. */
async function look(
  environment: Environment,
  request: PreviewRequest,
  ports: Ports,
): Promise<Wanted | { end: PreviewResult }> {
  const { source } = request;
  const wants = await wanted(request, ports);
  if (!wants.wanted) return { end: await clear(environment, wants, ports) };
  const { head, base } = wants.pullRequest;
  const retargeted = source.base !== undefined && base !== undefined && base !== source.base;
  if (head === source.head && !retargeted) return wants;
  return { end: { kind: 'superseded', head, ...(base !== undefined && { base }) } };
}

async function wanted(
  { pullRequest, policy = everyPullRequest }: PreviewRequest,
  { forge }: Ports,
): Promise<Wanted | Unwanted> {
  return wantsPreview(await forge.pullRequest(pullRequest), policy);
}

/** A preview that does not do what it should stays up, for people to look at. */
function apply(plan: Plan, { config }: PreviewRequest, ports: Ports): Promise<Outcome> {
  const check = verifierOf(plan.environment, config, undefined, ports);
  return ports.target.apply(plan, ports.report, check && { verify: refusing(plan, check) });
}

async function clear(environment: Environment, unwanted: Unwanted, ports: Ports): Promise<PreviewResult> {
  const destroyed = await remove(environment, ports, unwanted);
  return destroyed ? { kind: 'removed', unwanted, destroyed } : { kind: 'nothing', unwanted };
}

interface Prepared {
  plan: Plan;
  recreated: readonly Diagnostic[];
  /** The release that was running. */
  before: Digest | undefined;
}

/**
 * While a pull request is in the making its migrations are rewritten freely: its databases are then made anew. So are
 * those of a preview whose destruction stopped half-way.
 */
async function prepare(
  environment: Environment,
  release: Release,
  request: PreviewRequest,
  ports: Ports,
): Promise<Prepared> {
  const draw = (standing: Standing) => drawUp(release, request.config, standing, request.isolated);
  const standing = await standingOf(environment, ports);
  const { plan, refusals } = draw(standing);
  if (refusals.length === 0 && !isHalfDestroyed(standing.history)) {
    return { plan, recreated: [], before: standing.deployed?.release };
  }
  ports.report.warn(`${environment.name} is made anew. ${refusals.map(({ message }) => message).join('; ')}`.trim());
  const destroyed = await remove(environment, ports);
  if (destroyed && destroyed.left.length > 0) throw notCleared(environment, destroyed);
  const anew = await standingOf(environment, ports);
  return { plan: draw(anew).plan, recreated: refusals, before: undefined };
}

function notCleared({ name }: Environment, { left }: Destroyed): UserError {
  return new UserError({
    code: 'FL3005',
    severity: 'error',
    message: `${name} must be made anew, but some of it could not be removed: ${left.map(({ what, why }) => `${what} (${why})`).join(', ')}`,
    help: 'Remove the cause and run the preview again; it goes on where this one stopped.',
  });
}
