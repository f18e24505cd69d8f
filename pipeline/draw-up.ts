import type { Diagnostic, MigrationFile } from '../analyzer/mod.ts';
import { type Config, settingsFor } from './config.ts';
import type { Environment } from './environment.ts';
import { type History, rolloutsOf } from './history.ts';
import { makePlan } from './make-plan.ts';
import { type Applied, migrationsOf, rewrittenMigrations, unmigrated } from './migrations.ts';
import type { Plan } from './plan.ts';
import type { Deployed, Ports } from './ports.ts';
import type { Digest, Release } from './release.ts';

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

/**
 * The heads come from the target; the text of the migrations from the newest release that has one of that version, and the text that
 * the database remembers.
 */
async function appliedOf(deployed: Deployed, history: History, ports: Pick<Ports, 'registry'>): Promise<Applied> {
  const { schema, release: live } = deployed;
  const candidates = rolloutsOf(history)
    // Where nobody knows how far a failed one came, only those count that came to their end.
    .filter(({ status, release }) => schema !== undefined || status === 'success' || release === live)
    .map(({ release }) => release);
  const applied = new Map<string, readonly MigrationFile[]>();
  for await (const { migrations } of telling(candidates, deployed, ports)) {
    if (schema === undefined) return migrations;
    for (const [name, files] of migrations) applied.set(name, files);
  }
  return applied;
}

/**
 * The releases without which nobody could say which migrations the databases of an environment have seen. While the target
 * cannot tell how far they are, any that may have migrated them can turn out to be one.
 */
export async function witnessesOf(
  deployed: Deployed,
  history: History,
  ports: Pick<Ports, 'registry'>,
): Promise<Digest[]> {
  const candidates = rolloutsOf(history).map(({ release }) => release);
  const witnesses: Digest[] = [];
  for await (const { digest, migrations } of telling(candidates, deployed, ports)) {
    if ([...migrations.values()].some((files) => files.length > 0)) witnesses.push(digest);
  }
  return witnesses;
}

/**
 * For each database the first release that has its migrations up to its head, as it remembers them, with what they are; where the
 * target knows no heads, every release with all it has. The release that answers comes last of all.
 */
async function* telling(
  candidates: readonly Digest[],
  deployed: Deployed,
  { registry }: Pick<Ports, 'registry'>,
): AsyncGenerator<{ digest: Digest; migrations: Applied }> {
  const { schema, release: live } = deployed;
  const missing = new Set(Object.keys(schema ?? {}));
  for (const digest of new Set([...candidates, ...(live ? [live] : [])])) {
    if (schema !== undefined && missing.size === 0) return;
    const release = await registry.get(digest);
    if (!release) continue;
    const known = migrationsOf(release.content.graph);
    const told = toldBy(known, missing, deployed);
    for (const name of told.keys()) missing.delete(name);
    yield { digest, migrations: schema === undefined ? known : told };
  }
}

/** Of the databases of these names, those whose migrations up to their head are among the known ones, with what they are. */
function toldBy(known: Applied, names: Iterable<string>, { schema = {}, remembered = {} }: Deployed): Applied {
  const told = [...names].flatMap((name) => {
    const head = schema[name] ?? unmigrated;
    const upTo = (known.get(name) ?? []).filter(({ version }) => version <= head);
    if ((upTo.at(-1)?.version ?? unmigrated) !== head) return [];
    // Others of the same numbers, as of a database that was made anew by what is no release.
    const { [name]: hashes = {} } = remembered;
    return upTo.every(({ version, hash }) => (hashes[version] ?? hash) === hash) ? [[name, upTo] as const] : [];
  });
  return new Map(told);
}

/** A plan, and what forbids it: migrations that have been applied and are written differently now. */
export interface Drawn {
  plan: Plan;
  refusals: Diagnostic[];
}

/** Plans a release for an environment against what is there. */
export function drawUp(
  release: Release,
  config: Config,
  { environment, deployed, live, applied: witnessed }: Standing,
  isolated = false,
): Drawn {
  const applied = deployed ? withOwn(release, deployed, witnessed) : witnessed;
  return {
    plan: makePlan({
      release,
      environment,
      settings: settingsFor(config, environment),
      ...(live && { deployed: live }),
      applied,
      isolated,
    }),
    refusals: rewrittenMigrations(release.content.graph, applied, environment.type),
  };
}

/** With what the release itself can tell, of databases that no former one tells about. */
function withOwn(release: Release, deployed: Deployed, witnessed: Applied): Applied {
  const missing = Object.keys(deployed.schema ?? {}).filter((name) => !witnessed.has(name));
  return new Map([...witnessed, ...toldBy(migrationsOf(release.content.graph), missing, deployed)]);
}
