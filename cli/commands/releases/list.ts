import type { BuildRecord } from '../../../images/release/mod.ts';
import { type Digest, type KeptRelease, parseEnvironment, shortDigest } from '../../../pipeline/mod.ts';
import type { Context, Result } from '../../context.ts';
import { paint } from '../../paint.ts';
import { printable } from '../../printable.ts';
import { type PlaceOptions, runningWhere, withReleases } from '../../releases.ts';
import { table } from '../../table.ts';

interface Options extends PlaceOptions {
  /** Only what was kept for this environment. */
  env?: string;
}

interface Listed extends KeptRelease {
  commit?: string;
  runsIn: string[];
}

/** The releases that are kept, the newest first. */
export async function list(context: Context, { env, ...options }: Options): Promise<Result> {
  return withReleases(context, options, async ({ application, repository, registry }) => {
    if (env !== undefined) parseEnvironment(application, env);
    const kept = await registry.list(env);
    const [builds, runsIn] = await Promise.all([buildsOf(kept, registry.builds), runningWhere(context)]);
    const releases = kept.map((release): Listed => {
      const commit = builds.get(release.digest)?.[0]?.source.commit;
      return { ...release, ...(commit !== undefined && { commit }), runsIn: runsIn(release.digest) };
    });
    const where = `${application} has no releases${env === undefined ? '' : ` for ${env}`}`;
    return {
      document: { application, place: repository.place, releases },
      text: releases.length > 0 ? render(releases) : `${printable(where)} in ${repository.place}.`,
    };
  });
}

async function buildsOf(
  kept: readonly KeptRelease[],
  read: (digest: Digest) => Promise<BuildRecord[]>,
): Promise<Map<Digest, BuildRecord[]>> {
  const digests = [...new Set(kept.map(({ digest }) => digest))];
  return new Map(await Promise.all(digests.map(async (digest) => [digest, await read(digest)] as const)));
}

/** One line for a release and an environment, however often it was kept for it. */
function render(releases: readonly Listed[]): string {
  const lines = Map.groupBy(releases, ({ digest, environment }) => `${digest} ${environment}`);
  const rows = [...lines.values()].flatMap(([newest]) => {
    if (!newest) return [];
    const { digest, environment, at, commit = '', runsIn } = newest;
    return [[shortDigest(digest), environment ?? '', at, printable(commit).slice(0, 12), runsIn.join(', ')]];
  });
  const head = ['RELEASE', 'ENVIRONMENT', 'BUILT', 'COMMIT', 'RUNS IN'].map((title) => paint('bold', title));
  return table([head, ...rows]);
}
