import type { Diagnostic } from '../analyzer/mod.ts';
import { type Config, settingsFor } from './config.ts';
import type { Environment } from './environment.ts';
import { type History, schemaRelease } from './history.ts';
import { makePlan } from './make-plan.ts';
import { rewrittenMigrations } from './migrations.ts';
import type { Plan } from './plan.ts';
import type { Deployed, Ports } from './ports.ts';
import type { Digest, Release } from './release.ts';

/** What an environment is now, with the releases behind it. */
export interface Standing {
  environment: Environment;
  history: History;
  deployed?: Deployed;
  /** The release that answers. */
  live?: Release;
  /** The release whose migrations the databases have seen. */
  schema?: Release;
}

export async function standingOf(
  environment: Environment,
  { target, forge, registry }: Pick<Ports, 'target' | 'forge' | 'registry'>,
): Promise<Standing> {
  const [deployed, history] = await Promise.all([target.read(environment), forge.deployments(environment)]);
  const find = async (digest: Digest | undefined) => digest && (await registry.get(digest));
  const live = await find(deployed?.release);
  const schema = deployed ? ((await find(schemaRelease(history, deployed.release))) ?? live) : undefined;
  return {
    environment,
    history,
    ...(deployed && { deployed }),
    ...(live && { live }),
    ...(schema && { schema }),
  };
}

/** A plan, and what forbids it: migrations that have been applied and are written differently now. */
export interface Drawn {
  plan: Plan;
  refusals: Diagnostic[];
}

/** Plans a release for an environment against what is there. */
export function drawUp(release: Release, config: Config, { environment, live, schema }: Standing): Drawn {
  return {
    plan: makePlan({
      release,
      environment,
      settings: settingsFor(config, environment),
      ...(live && { deployed: live }),
      ...(schema && { schema }),
    }),
    refusals: schema ? rewrittenMigrations(release.content.graph, schema.content.graph) : [],
  };
}
