import { witnessesOf } from './draw-up.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { attemptsOf, everRanIn } from './history.ts';
import type { KeptRelease, Lock, Ports, Registry } from './ports.ts';
import type { Digest } from './release.ts';

/** A registry that gives room back. */
export interface PrunableRegistry extends Registry {
  /**
   * Removes releases with all that refers to them, then the images that no other release names, and what was left of
   * puts and removals that did not come to their end. What was kept again in the last hour stays. Doing it again
   * converges, and at no moment has a release that stays lost anything.
   */
  remove(releases: readonly Digest[], options: { now: Date; dryRun: boolean }): Promise<Removed>;
}

export interface Removed {
  /** Those that are gone, or would be. */
  releases: Digest[];
  /** Those that were kept again meanwhile. */
  spared: Digest[];
  images: Digest[];
  /** What the disk has got back. Absent where the registry frees it in its own time. */
  bytes?: number;
}

export interface PruneRequest {
  application: string;
  /** How many of the releases that an environment of type production ran last stay. At least 1. */
  keep: number;
  /** Say what would go, and change nothing. */
  dryRun?: boolean;
}

export interface PruneResult {
  /** Of every release that was kept, the newest first, what became of it. */
  releases: Verdict[];
  images: Digest[];
  bytes?: number;
}

export interface Verdict {
  digest: Digest;
  /** For what and when it was kept, the newest first. */
  kept: KeptRelease[];
  /** Why it stays; empty when it is gone, or would be. */
  reasons: Reason[];
}

export type Reason =
  | {
      /**
       * `runs`: it answers there. `attempted`: it is what that environment was last brought to, or was to be.
       * `recent`: one of the last that ran in production. `migrated`: only it has the text of migrations that the
       * databases there have seen, which says what they can go back to.
       */
      kind: 'runs' | 'attempted' | 'recent' | 'migrated';
      environment: string;
    }
  /** It was kept less than an hour ago. */
  | { kind: 'young' };

/** The releases that an environment needs. */
export interface Needs {
  environment: string;
  runs?: Digest;
  attempted: readonly Digest[];
  recent: readonly Digest[];
  migrated: readonly Digest[];
}

type PrunePorts = Pick<Ports, 'target' | 'forge' | 'clock'> & { registry: PrunableRegistry; lock: Lock };

/** Milliseconds in which somebody may be about to deploy what was kept. */
const grace = 3_600_000;

/**
 * Removes the releases that nothing needs any more. Rollbacks and restarts bring back what is kept, so that every
 * environment there is, is held meanwhile. A deployment of sources keeps its release anew before it needs it: such a
 * release is young, whichever of the two came first.
 */
export async function pruneReleases(request: PruneRequest, ports: PrunePorts): Promise<PruneResult> {
  const { application, keep, dryRun = false } = request;
  const production = parseEnvironment(application, 'production');
  const sweep = async (): Promise<PruneResult> => {
    const now = ports.clock.now();
    const kept = await ports.registry.list();
    const needs = await needsOf(production, keep, ports);
    const verdicts = judge(kept, needs, now);
    const gone = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ digest }) => digest);
    const { spared, images, bytes } = await ports.registry.remove(gone, { now, dryRun });
    return {
      releases: verdicts.map((verdict) =>
        spared.includes(verdict.digest) ? { ...verdict, reasons: [{ kind: 'young' }] } : verdict,
      ),
      images,
      ...(bytes !== undefined && { bytes }),
    };
  };
  if (dryRun) return sweep();
  const environments = (await ports.target.list(application)).map(({ environment }) => environment);
  return holdingAll(distinct([production, ...environments]), ports.lock, sweep);
}

/**
 * Removes the releases that were kept for one environment alone and that it runs no more: for an environment that nobody rolls
 * back, such as `local`, which gets a new release with every change of a source. Its lock is held.
 */
export async function forgetFormer(
  environment: Environment,
  { target, registry, clock }: Pick<PrunePorts, 'target' | 'registry' | 'clock'>,
): Promise<void> {
  const now = clock.now();
  const [kept, deployed] = await Promise.all([registry.list(), target.read(environment)]);
  const needs: Needs = {
    environment: environment.name,
    ...(deployed?.release && { runs: deployed.release }),
    ...{ attempted: [], recent: [], migrated: [] },
  };
  const gone = judge(kept, [needs], now).filter(
    ({ reasons, kept }) => reasons.length === 0 && kept.every((mark) => mark.environment === environment.name),
  );
  if (gone.length > 0)
    await registry.remove(
      gone.map(({ digest }) => digest),
      { now, dryRun: false },
    );
}

/** What becomes of each release, the newest first. */
export function judge(kept: readonly KeptRelease[], needs: readonly Needs[], now: Date): Verdict[] {
  return [...Map.groupBy(kept, ({ digest }) => digest)].map(([digest, marks]) => ({
    digest,
    kept: marks,
    reasons: [
      ...needs.flatMap((one) => reasonsOf(digest, one)),
      ...(marks.some(({ at }) => now.getTime() - Date.parse(at) < grace) ? [{ kind: 'young' } as const] : []),
    ],
  }));
}

/** The first that holds of each environment: which says more than those after it. */
function reasonsOf(digest: Digest, { environment, runs, attempted, recent, migrated }: Needs): Reason[] {
  if (runs === digest) return [{ kind: 'runs', environment }];
  if (attempted.includes(digest)) return [{ kind: 'attempted', environment }];
  if (recent.includes(digest)) return [{ kind: 'recent', environment }];
  return migrated.includes(digest) ? [{ kind: 'migrated', environment }] : [];
}

async function needsOf(production: Environment, keep: number, ports: PrunePorts): Promise<Needs[]> {
  const { target, forge, registry } = ports;
  const deployed = await target.list(production.application);
  const there = await Promise.all(
    deployed.map(async (one): Promise<Needs> => {
      const history = await forge.deployments(one.environment);
      return {
        environment: one.environment.name,
        ...(one.release && { runs: one.release }),
        attempted: attemptsOf(history),
        recent: [],
        migrated: await witnessesOf(one, history, { registry }),
      };
    }),
  );
  // Also of an environment that was destroyed: it can be put up again.
  const lasting = [production, ...deployed.map(({ environment }) => environment)].filter(
    ({ type }) => type === 'production',
  );
  const recent = await Promise.all(
    distinct(lasting).map(async (environment): Promise<Needs> => {
      const last = everRanIn(await forge.deployments(environment)).slice(0, Math.max(1, keep));
      return { environment: environment.name, attempted: [], recent: last, migrated: [] };
    }),
  );
  return [...there, ...recent];
}

/** In the order of their names, so that two who do this never wait for each other. */
async function holdingAll<T>(environments: readonly Environment[], lock: Lock, work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = environments;
  return first ? lock.hold(first, () => holdingAll(rest, lock, work)) : work();
}

function distinct(environments: readonly Environment[]): Environment[] {
  const byName = new Map(environments.map((environment) => [environment.name, environment]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, environment]) => environment);
}
