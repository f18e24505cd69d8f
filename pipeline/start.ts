import { UserError } from '../analyzer/diagnostic.ts';
import type { Config } from './config.ts';
import { standingOf } from './draw-up.ts';
import type { Environment } from './environment.ts';
import { isHalfDestroyed, releasesOf } from './history.ts';
import type { Plan } from './plan.ts';
import { planKept } from './plan-kept.ts';
import type { Outcome, Ports } from './ports.ts';

export interface StartResult {
  /** `unchanged`: everything was running. */
  kind: 'started' | 'unchanged';
  plan: Plan;
  outcome: Outcome;
}

/**
 * Brings an environment that stands still, as after a restart of the machine, back to the release it ran: nothing is built,
 * and a hold stays. It changes nothing about what the environment is, so the history does not tell of it.
 * @throws UserError FL3015 when there is no release to start
 */
export async function start(
  { environment, config }: { environment: Environment; config: Config },
  ports: Pick<Ports, 'target' | 'forge' | 'registry' | 'lock' | 'report'>,
): Promise<StartResult> {
  return ports.lock.hold(environment, async () => {
    const standing = await standingOf(environment, ports);
    const { deployed, history } = standing;
    if (!deployed || isHalfDestroyed(history)) throw nothingToStart(environment, 'it is not there');
    const digest = deployed.release ?? releasesOf(history)[0];
    if (!digest) throw nothingToStart(environment, 'no release has ever answered there');
    const release = standing.live ?? (await ports.registry.get(digest));
    if (!release) throw nothingToStart(environment, `${digest} is no longer kept`);
    const plan = planKept(release, config, standing, ports.report);
    const outcome = await ports.target.apply(plan, ports.report);
    return { kind: outcome.started.length === 0 ? 'unchanged' : 'started', plan, outcome };
  });
}

function nothingToStart({ name, type }: Environment, why: string): UserError {
  const deploy =
    { preview: 'fairlead preview', local: 'fairlead run' }[type as string] ?? `fairlead promote --env ${name}`;
  return new UserError({
    code: 'FL3015',
    severity: 'error',
    message: `${name} has nothing to start: ${why}`,
    help: `Deploy the sources instead: ${deploy}.`,
  });
}
