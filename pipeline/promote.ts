import { UserError } from '../analyzer/diagnostic.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { deploy } from './deploy.ts';
import { drawUp, standingOf } from './draw-up.ts';
import { type Environment, requireLasting } from './environment.ts';
import { holdOf, isHalfDestroyed } from './history.ts';
import type { Plan } from './plan.ts';
import type { Deployment, Outcome, Ports } from './ports.ts';
import { recordingFailure } from './record.ts';
import type { Digest } from './release.ts';

export interface PromoteRequest {
  /** Of type production or development. */
  environment: Environment;
  root: string;
  config: Config;
}

export type PromoteResult =
  | {
      /** `unchanged`: this release was running already, and nothing had to be started. */
      kind: 'deployed' | 'unchanged';
      plan: Plan;
      outcome: Outcome;
      /** The preview that has run this very release, such as `pr-72`. */
      provenBy?: string;
      milliseconds: { build: number; apply: number };
    }
  /** A rollback holds the environment until someone resumes. Nothing was touched. */
  | { kind: 'held'; by: Deployment };

/**
 * Rolls the sources out to an environment that lives on.
 * @throws UserError FL3008 when migrations that have been applied are written differently now.
 */
export async function promote({ environment, root, config }: PromoteRequest, ports: Ports): Promise<PromoteResult> {
  requireLasting(environment, 'promote');
  return ports.lock.hold(environment, async () => {
    const history = await ports.forge.deployments(environment);
    const by = holdOf(history);
    if (by) return { kind: 'held', by };
    if (isHalfDestroyed(history)) throw halfDestroyed(environment);
    const { clock } = ports;
    const begin = clock.now();
    const entry = { environment, action: 'promote' as const };
    const { release, plan, before } = await recordingFailure(entry, ports, async () => {
      const release = await build(
        { application: environment.application, environment: environment.name, root, config },
        ports,
      );
      const standing = await standingOf(environment, ports);
      const { plan, refusals } = drawUp(release, config, standing);
      if (refusals.length > 0) throw new UserError(refusals);
      return { release, plan, before: standing.deployed?.release };
    });
    const provenBy = await previewOf(environment.application, release.digest, ports);
    const built = clock.now();
    const outcome = await deploy(plan, { action: 'promote' }, ports);
    const applied = clock.now();
    return {
      kind: before === release.digest && outcome.started.length === 0 ? 'unchanged' : 'deployed',
      plan,
      outcome,
      ...(provenBy === undefined ? {} : { provenBy }),
      milliseconds: { build: built.getTime() - begin.getTime(), apply: applied.getTime() - built.getTime() },
    };
  });
}

function halfDestroyed({ name }: Environment): UserError {
  return new UserError({
    code: 'FL3014',
    severity: 'error',
    message: `the destruction of ${name} was begun and has not come to its end`,
    help: `Run \`fairlead destroy --env ${name}\` again; it goes on where it stopped. Then promote into a new environment.`,
  });
}

async function previewOf(application: string, release: Digest, { forge }: Ports): Promise<string | undefined> {
  const deployments = await forge.deploymentsOf(application, release);
  return deployments.find(({ action, status }) => action === 'preview' && status === 'success')?.environment.name;
}
