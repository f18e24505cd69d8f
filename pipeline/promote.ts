import { UserError } from '../analyzer/diagnostic.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { deploy } from './deploy.ts';
import { drawUp, type Standing, standingOf } from './draw-up.ts';
import { type Environment, requireLasting } from './environment.ts';
import { type History, holdOf, isHalfDestroyed, releasesOf, sourceOf } from './history.ts';
import type { Plan } from './plan.ts';
import type { Deployment, Outcome, Ports } from './ports.ts';
import { type ProofRequest, prove } from './proof.ts';
import { recordingFailure } from './record.ts';
import type { Digest, Release } from './release.ts';
import type { Reviewed } from './reviewed.ts';
import { applyVerified, type Check, verifierOf } from './verify.ts';

export interface PromoteRequest extends ProofRequest {
  /** Of type production or development. */
  environment: Environment;
  root: string;
  config: Config;
  /**
   * The commit of the sources. What comes from one that is older than what runs is not rolled out. @default what the
   * release says of its source, whose order is not looked at
   */
  commit?: string;
  /** What has to hold besides the URLs of `fairlead.json`. @default nothing */
  check?: Check;
}

export type PromoteResult =
  | {
      /** `unchanged`: this release was running already, and nothing had to be started. */
      kind: 'deployed' | 'unchanged';
      plan: Plan;
      outcome: Outcome;
      /** The preview that has run this very release, such as `pr-72`. */
      provenBy?: string;
      reviewed: Reviewed;
      milliseconds: { build: number; apply: number };
    }
  /** A rollback holds the environment until someone resumes. Nothing was touched. */
  | { kind: 'held'; by: Deployment }
  /** What runs comes from a later commit. Nothing was touched. */
  | { kind: 'superseded'; by: { release: Digest; commit: string } };

/**
 * Rolls the sources out to an environment that lives on.
 * @throws UserError FL3008 when migrations that have been applied are written differently now; FL3016, FL3017 and FL3019
 * without the proof that is asked for; FL3018 when it does not do what it should, and the former release is back.
 */
export async function promote(request: PromoteRequest, ports: Ports): Promise<PromoteResult> {
  const { environment, config, check } = request;
  requireLasting(environment, 'promote');
  return ports.lock.hold(environment, async () => {
    const history = await ports.forge.deployments(environment);
    const held = holdOf(history);
    if (held) return { kind: 'held', by: held };
    if (isHalfDestroyed(history)) throw halfDestroyed(environment);
    const by = await overtakenBy(request, history, ports);
    if (by) return { kind: 'superseded', by };
    const { clock } = ports;
    const begin = clock.now();
    const entry = { environment, action: 'promote' as const };
    const { plan, standing, proof } = await recordingFailure(entry, ports, () => prepare(request, ports));
    const built = clock.now();
    const verify = verifierOf(environment, config, check, ports);
    const former = formerOf(standing);
    const outcome = await deploy(plan, { action: 'promote' }, ports, async () => ({
      outcome: await (verify
        ? applyVerified(plan, verify, { former, config }, ports)
        : ports.target.apply(plan, ports.report)),
    }));
    const applied = clock.now();
    const before = standing.deployed?.release;
    return {
      kind: before === plan.release.digest && outcome.started.length === 0 ? 'unchanged' : 'deployed',
      plan,
      outcome,
      ...proof,
      milliseconds: { build: built.getTime() - begin.getTime(), apply: applied.getTime() - built.getTime() },
    };
  });
}

/**
 * What runs, when its commit has ours among its ancestors: a run that comes late, or again, must not go back. After a rollback
 * what runs is older, and the later commits are free to come once somebody has resumed.
 */
async function overtakenBy(
  { environment, commit }: PromoteRequest,
  history: History,
  { target, forge }: Ports,
): Promise<{ release: Digest; commit: string } | undefined> {
  if (commit === undefined) return undefined;
  const release = (await target.read(environment))?.release;
  const live = release && sourceOf(history, release)?.commit;
  if (!release || live === undefined) return undefined;
  return (await forge.compareCommits(commit, live)) === 'before' ? { release, commit: live } : undefined;
}

async function prepare(request: PromoteRequest, ports: Ports) {
  const { environment, root, config } = request;
  const { application, name } = environment;
  const built = await build({ application, environment: name, root, config }, ports);
  const release = withCommit(built, request.commit);
  const standing = await standingOf(environment, ports);
  const { plan, refusals } = drawUp(release, config, standing);
  if (refusals.length > 0) throw new UserError(refusals);
  return { plan, standing, proof: await prove(plan, standing, request, ports) };
}

/** Whoever wakes this knows better which commit it is about than the place where the sources lie. */
function withCommit(release: Release, commit: string | undefined): Release {
  return commit === undefined ? release : { ...release, source: { ...release.source, commit } };
}

/** What is known to have worked here last, which comes back when the new release does not do what it should. */
function formerOf({ history, deployed }: Standing): Digest | undefined {
  return releasesOf(history)[0] ?? deployed?.release;
}

function halfDestroyed({ name }: Environment): UserError {
  return new UserError({
    code: 'FL3014',
    severity: 'error',
    message: `the destruction of ${name} was begun and has not come to its end`,
    help: `Run \`fairlead destroy --env ${name}\` again; it goes on where it stopped. Then promote into a new environment.`,
  });
}
