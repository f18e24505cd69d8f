import type { Diagnostic, MigrationFile } from '../analyzer/mod.ts';
import { type Config, settingsFor } from './config.ts';
import type { Environment } from './environment.ts';
import { type History, rolloutsOf } from './history.ts';
import { makePlan } from './make-plan.ts';
import { type Applied, migrationsOf, rewrittenMigrations } from './migrations.ts';
import type { Plan } from './plan.ts';
import type { Deployed, Ports } from './ports.ts';
import type { Release } from './release.ts';

/** What an environment is now. */
export interface Standing {
  environment: Environment;
  history: History;
  deployed?: Deployed;
  /** The release that answers. */
  live?: Release;
  /** The migrations its databases have seen: a rollback, a crash or a refused release leaves them ahead of `live`. */
  applied: Applied;
}

type ReadPorts = Pick<Ports, 'target' | 'forge' | 'registry'>;

export async function standingOf(environment: Environment, ports: ReadPorts): Promise<Standing> {
  const { target, forge, registry } = ports;
  const [deployed, history] = await Promise.all([target.read(environment), forge.deployments(environment)]);
  if (!deployed) return { environment, history, applied: new Map() };
  const live = deployed.release && (await registry.get(deployed.release));
  const applied = await appliedOf(deployed, history, ports);
  return { environment, history, deployed, ...(live && { live }), applied };
}

/** The heads come from the target; the text of the migrations from the newest release that has one of that version. */
async function appliedOf(
  { schema, release: live }: Deployed,
  history: History,
  { registry }: ReadPorts,
): Promise<Applied> {
  const rollouts = rolloutsOf(history)
    // Where nobody knows how far a failed one came, only those count that came to their end.
    .filter(({ status, release }) => schema !== undefined || status === 'success' || release === live)
    .map(({ release }) => release);
  const candidates = new Set([...rollouts, ...(live ? [live] : [])]);
  const applied = new Map<string, readonly MigrationFile[]>();
  for (const digest of candidates) {
    const release = await registry.get(digest);
    if (!release) continue;
    const known = migrationsOf(release.content.graph);
    if (schema === undefined) return known;
    for (const [name, head] of Object.entries(schema)) {
      const files = known.get(name) ?? [];
      const upTo = files.filter(({ version }) => version <= head);
      if (!applied.has(name) && (upTo.at(-1)?.version ?? 0) === head) applied.set(name, upTo);
    }
    if (applied.size === Object.keys(schema).length) break;
  }
  return applied;
}

/** A plan, and what forbids it: migrations that have been applied and are written differently now. */
export interface Drawn {
  plan: Plan;
  refusals: Diagnostic[];
}

/** Plans a release for an environment against what is there. */
export function drawUp(release: Release, config: Config, { environment, live, applied }: Standing): Drawn {
  return {
    plan: makePlan({
      release,
      environment,
      settings: settingsFor(config, environment),
      ...(live && { deployed: live }),
      applied,
    }),
    refusals: rewrittenMigrations(release.content.graph, applied),
  };
}
