import { UserError } from '../analyzer/diagnostic.ts';
import type { Config } from './config.ts';
import { deploy } from './deploy.ts';
import { type Standing, standingOf } from './draw-up.ts';
import { type Environment, requireLasting } from './environment.ts';
import { type History, holdOf, predecessorOf, releasesOf, sourceOf, unfinishedRollback } from './history.ts';
import { schemaObstacles } from './migrations.ts';
import type { Plan } from './plan.ts';
import { planKept } from './plan-kept.ts';
import type { Deployment, Outcome, Ports, Registry } from './ports.ts';
import { record } from './record.ts';
import { type Digest, type Release, type Source, shortDigest } from './release.ts';

export interface RollbackRequest {
  /** Of type production or development. */
  environment: Environment;
  config: Config;
  /** The digest of a release that has run there, or at least six of its hex digits. @default the one before the current */
  to?: string;
  /** Why; kept in the history, and shown to those whose promotion is held. */
  reason?: string;
  /** The digest of a release: only while it answers, such as the one that has just failed its smoke test. @default whatever answers */
  from?: string;
  /** Check and plan, but change nothing. */
  dryRun?: boolean;
}

export type RollbackResult =
  | {
      kind: 'rolled-back' | 'planned';
      from: Digest;
      /** What `from` was last rolled out from. */
      fromSource: Source;
      plan: Plan;
      /** Absent when it was only planned. */
      outcome?: Outcome;
      /** Secrets without a value, sorted: as long as there are any, it is refused. */
      missingSecrets: string[];
    }
  /** Another release than the one to go back from answers. Nothing but the history was touched: no rollback goes back to `from`. */
  | { kind: 'superseded'; by: Digest }
  /** Was rolled back already, and nobody named another release: who runs it twice must not go back twice. Nothing was touched. */
  | { kind: 'held'; by: Deployment };

/**
 * Brings back a release that has run before, and holds the environment until someone resumes. The databases keep their
 * schema, so the release must be able to live with it.
 * @throws UserError FL3010 nothing to go back to, FL3011 not a release of this environment, FL3012 the schema is too new.
 */
export async function rollback(request: RollbackRequest, ports: Ports): Promise<RollbackResult> {
  const { environment, config, reason, dryRun = false } = request;
  requireLasting(environment, 'rollback');
  return ports.lock.hold(environment, async () => {
    const standing = await standingOf(environment, ports);
    const { live } = standing;
    if (!live) throw nothingToGoBackTo(environment, 'it runs no release');
    if (request.from !== undefined && request.from !== live.digest) {
      if (!dryRun) await recordBad(request, standing, ports);
      return { kind: 'superseded', by: live.digest };
    }
    const by = holdOf(standing.history);
    if (request.to === undefined && by?.status === 'success' && by.release === live.digest) return { kind: 'held', by };
    const release = await targetOf(request, live, standing, ports);
    const obstacles = schemaObstacles(release, standing.applied);
    if (obstacles.length > 0) throw new UserError(obstacles);
    const plan = planKept(release, config, standing, ports.report);
    const names = plan.secrets.map(({ name }) => name);
    const missingSecrets = dryRun ? await ports.target.secrets.missing(environment, names) : [];
    const fromSource = sourceOf(standing.history, live.digest) ?? live.source;
    const result = { from: live.digest, fromSource, plan, missingSecrets };
    if (dryRun) return { kind: 'planned', ...result };
    const outcome = await deploy(plan, { action: 'rollback', ...(reason !== undefined && { reason }) }, ports);
    return { kind: 'rolled-back', ...result, outcome };
  });
}

/** What is not wanted any more, and was replaced before anybody could go back from it, is nothing that the next one goes back to. */
async function recordBad(
  { environment, from, reason }: RollbackRequest,
  { history }: Standing,
  ports: Pick<Ports, 'forge' | 'clock'>,
): Promise<void> {
  const release = releasesOf(history).find((digest) => digest === from);
  if (!release) return;
  await record({ environment, action: 'promote', release, ...(reason !== undefined && { reason }) }, 'failure', ports);
}

async function targetOf(
  { environment, to }: RollbackRequest,
  live: Release,
  { history: told }: Standing,
  { registry }: Ports,
): Promise<Release> {
  const history = await vouchedFor(told, environment, registry);
  const digest =
    to === undefined
      ? (unfinishedRollback(history)?.release ?? predecessorOf(history, live.digest))
      : findRelease(releasesOf(history), to, environment);
  if (!digest) throw nothingToGoBackTo(environment, `nothing ran before ${shortDigest(live.digest)}`);
  const release = await registry.get(digest);
  if (!release) throw unknownRelease(`${shortDigest(digest)} has run in ${environment.name} but is no longer kept`);
  return { ...release, source: sourceOf(history, digest) ?? release.source };
}

/**
 * Without releases that are kept for other environments alone: more people can write a history on a forge than can roll out there,
 * and what they name must not get there as something to go back to.
 */
async function vouchedFor(history: History, { name }: Environment, registry: Pick<Registry, 'list'>): Promise<History> {
  const kept = await registry.list();
  const own = new Set(kept.flatMap(({ environment, digest }) => (environment === name ? [digest] : [])));
  const foreign = new Set(kept.flatMap(({ digest }) => (own.has(digest) ? [] : [digest])));
  return history.filter(({ release }) => release === undefined || !foreign.has(release));
}

function findRelease(releases: Digest[], wanted: string, { name }: Environment): Digest {
  const hex = wanted.replace(/^sha256:/, '');
  const found = /^[0-9a-f]{6,64}$/.test(hex) ? releases.filter((digest) => digest.startsWith(`sha256:${hex}`)) : [];
  if (found.length > 1) throw unknownRelease(`${JSON.stringify(wanted)} begins more than one release of ${name}`);
  if (!found[0]) throw unknownRelease(`${JSON.stringify(wanted)} is not a release that has run in ${name}`);
  return found[0];
}

function nothingToGoBackTo({ name }: Environment, why: string): UserError {
  return new UserError({
    code: 'FL3010',
    severity: 'error',
    message: `${name} has nothing to go back to: ${why}`,
    help: 'See `fairlead status` for what has run there.',
  });
}

function unknownRelease(message: string): UserError {
  return new UserError({
    code: 'FL3011',
    severity: 'error',
    message,
    help: 'Choose one of the releases that `fairlead status` lists.',
  });
}
