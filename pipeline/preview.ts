import { UserError } from '../analyzer/diagnostic.ts';
import type { Diagnostic } from '../analyzer/mod.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { deploy } from './deploy.ts';
import { drawUp, type Standing, standingOf } from './draw-up.ts';
import { type Environment, parseEnvironment, previewEnvironment } from './environment.ts';
import { isHalfDestroyed } from './history.ts';
import type { Plan } from './plan.ts';
import type { Destroyed, Outcome, Ports, Review } from './ports.ts';
import { everyPullRequest, type PreviewPolicy, type Unwanted, type Wanted, wantsPreview } from './preview-policy.ts';
import { recordingFailure } from './record.ts';
import type { Digest, Release } from './release.ts';
import { remove } from './remove.ts';
import { renderComment } from './render-comment.ts';
import { changesDigest } from './reviewed.ts';
import type { CommentContext, Telling } from './tell/content.ts';
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
    try {
      return await converge(environment, request, ports);
    } catch (error) {
      await tellFailure(environment, error, request, ports);
      throw error;
    }
  });
}

async function converge(environment: Environment, request: PreviewRequest, ports: Ports): Promise<PreviewResult> {
  const { clock } = ports;
  const early = await look(environment, request, ports);
  if ('end' in early) return early.end;
  const begin = clock.now();
  await tellStart(environment, request, ports);
  const release = await recordingFailure({ environment, action: 'preview' }, ports, () =>
    build({ ...request, environment: environment.name, root: request.source.root }, ports),
  );
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

/** Says on the comment of a preview that is there that it will be another; a first one is told of when it is there. */
async function tellStart(
  environment: Environment,
  { pullRequest, telling }: PreviewRequest,
  { target, forge, report }: Ports,
): Promise<void> {
  try {
    const deployed = await target.read(environment);
    if (!deployed) return;
    const url = deployed.state === 'running' ? deployed.url : undefined;
    const comment = renderComment({
      state: 'started',
      environment,
      ...(url !== undefined && { url }),
      ...(telling?.links && { links: telling.links }),
    });
    await forge.comment(pullRequest, comment);
  } catch (error) {
    report.warn(`The pull request could not be told: ${error instanceof Error ? error.message : error}`);
  }
}

/** Shows people where it is and what merging changes in production. Returns what they were shown. */
async function tellSuccess(
  plan: Plan,
  { url }: Outcome,
  recreated: readonly Diagnostic[],
  { application, pullRequest, config, telling }: PreviewRequest,
  begin: Date,
  ports: Ports,
): Promise<Review> {
  const standing = await standingOf(parseEnvironment(application, 'production'), ports);
  const { live, environment } = standing;
  const { plan: production, refusals } = drawUp(plan.release, config, standing);
  const before = live?.content.graph;
  const now = ports.clock.now();
  const comment = renderComment({
    state: 'deployed',
    plan,
    url,
    production,
    ...(before && { before }),
    refusals,
    recreated,
    milliseconds: now.getTime() - begin.getTime(),
    ...contextOf(telling, now),
  });
  await ports.forge.comment(pullRequest, comment);
  const changes = changesDigest(production.changes);
  return { environment: environment.name, ...(live && { against: live.digest }), changes };
}

async function tellFailure(
  environment: Environment,
  error: unknown,
  { telling }: PreviewRequest,
  { forge, target, clock, report }: Ports,
): Promise<void> {
  try {
    const deployed = await target.read(environment);
    const url = deployed?.state === 'running' ? deployed.url : undefined;
    const diagnostics = error instanceof UserError ? error.diagnostics : [];
    const comment = renderComment({
      state: 'failed',
      environment,
      diagnostics,
      ...(url !== undefined && { url }),
      ...contextOf(telling, clock.now()),
    });
    if (environment.pullRequest !== undefined) await forge.comment(environment.pullRequest, comment);
  } catch (second) {
    // The first error is the one that matters.
    report.warn(`The pull request could not be told: ${second instanceof Error ? second.message : second}`);
  }
}

function contextOf(telling: Telling | undefined, now: Date): CommentContext {
  const phases = telling?.phases?.();
  return {
    at: now.toISOString(),
    ...(telling?.links && { links: telling.links }),
    ...(phases && { phases }),
  };
}
