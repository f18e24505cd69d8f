import type { Diagnostic } from '../analyzer/mod.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { drawUp, standingOf } from './draw-up.ts';
import type { Environment } from './environment.ts';
import type { Plan } from './plan.ts';
import type { Ports } from './ports.ts';

export interface PlanResult {
  plan: Plan;
  /** Why it would be refused: migrations that have been applied are written differently now. Previews are made anew instead. */
  refusals: Diagnostic[];
  /** Secrets without a value in the environment, sorted. */
  missingSecrets: string[];
}

/** What rolling the sources out to an environment would do. Builds, but changes nothing that runs. */
export async function planEnvironment(
  { environment, root, config }: { environment: Environment; root: string; config: Config },
  ports: Pick<Ports, 'target' | 'builder' | 'registry' | 'forge' | 'clock' | 'report'>,
): Promise<PlanResult> {
  const release = await build(
    { application: environment.application, environment: environment.name, root, config },
    ports,
  );
  const drawn = drawUp(release, config, await standingOf(environment, ports));
  const names = drawn.plan.secrets.map(({ name }) => name);
  return { ...drawn, missingSecrets: await ports.target.secrets.missing(environment, names) };
}
