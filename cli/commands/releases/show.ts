import { type InspectedImage, inspectImages } from '../../../images/release/inspect.ts';
import type { BuildRecord } from '../../../images/release/mod.ts';
import { type KeptRelease, type Release, type ReleaseContent, shortDigest, unmigrated } from '../../../pipeline/mod.ts';
import { bytes } from '../../bytes.ts';
import type { Context, Result } from '../../context.ts';
import { forLog } from '../../for-log.ts';
import { paint } from '../../paint.ts';
import { printable } from '../../printable.ts';
import { markOf, type PlaceOptions, readRelease, runningWhere, withReleases } from '../../releases.ts';
import { aligned } from '../../summary.ts';
import { table } from '../../table.ts';

interface Shown {
  release: Release;
  builds: BuildRecord[];
  /** For what and when, the newest first. */
  kept: KeptRelease[];
  runsIn: string[];
  images: Record<string, InspectedImage>;
}

/** Everything about one release. */
export async function show(context: Context, { release: wanted, ...options }: PlaceOptions & { release: string }) {
  return withReleases(context, options, async (place): Promise<Result> => {
    const { application, registry, repository } = place;
    const release = await readRelease(place, wanted);
    const { digest, content, source } = release;
    const [builds, all, runsIn, images] = await Promise.all([
      registry.builds(digest),
      registry.list(),
      runningWhere(context),
      inspectImages(repository, content.images),
    ]);
    const kept = all.filter((one) => one.digest === digest);
    const shown: Shown = { release, builds, kept, runsIn: runsIn(digest), images };
    return {
      document: { application, digest, source, builds, kept, runsIn: shown.runsIn, images, content },
      text: forLog(render(shown)),
    };
  });
}

function render({ release: { digest, content }, builds, kept, runsIn, images }: Shown): string {
  const { graph, tool, base, inputs } = content;
  const parts = [
    `${paint('bold', shortDigest(digest))} of ${printable(graph.application)}`,
    aligned([
      ['digest', digest],
      ...many('built', builds.map(builtFrom)),
      ['by', `Fairlead ${printable(tool)}`],
      ...many(
        'kept for',
        kept.map((one) => `${markOf(one)}, ${one.at}`),
      ),
      ['runs in', runsIn.join(', ') || 'no environment'],
      ['base', base ? `${printable(base.image)} ${base.digest}` : 'none: for a machine that has Node itself'],
      ['sources', `${Object.keys(inputs).length} files`],
      ['declares', declarations(content)],
    ]).join('\n'),
    section('Images', imageRows(content, images)),
    ...Object.entries(content.databases).map(([name, schema]) => section(schemaTitle(name, schema), rowsOf(schema))),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function builtFrom({ at, source }: BuildRecord): string {
  return `${printable(at)} from ${source.commit === undefined ? 'sources without a commit' : `commit ${printable(source.commit)}`}`;
}

function declarations({ graph }: ReleaseContent): string {
  const { services, databases, topics, buckets, caches, cronJobs, secrets } = graph;
  const counts: [number, string, string][] = [
    [services.length, 'service', 'services'],
    [databases.length, 'database', 'databases'],
    [topics.length, 'topic', 'topics'],
    [buckets.length, 'bucket', 'buckets'],
    [caches.length, 'cache', 'caches'],
    [cronJobs.length, 'cron job', 'cron jobs'],
    [secrets.length, 'secret', 'secrets'],
  ];
  return counts.flatMap(([count, one, more]) => (count > 0 ? [`${count} ${count === 1 ? one : more}`] : [])).join(', ');
}

function imageRows({ migrate, unreproducible = [] }: ReleaseContent, images: Shown['images']): string[][] {
  return Object.entries(images).map(([key, { digest, platforms, sbom }]) => [
    printable(key),
    shortDigest(digest),
    platforms
      ? platforms.map((one) => `${printable(one.platform)} ${bytes(one.bytes)}`).join(', ')
      : paint('red', 'is not there'),
    [
      ...(platforms ? [sbom ? 'with SBOM' : 'without SBOM'] : []),
      ...(key === migrate ? ['migrates'] : []),
      ...(unreproducible.includes(key) ? [paint('yellow', 'not reproducible')] : []),
    ].join(', '),
  ]);
}

type Schema = ReleaseContent['databases'][string];

function schemaTitle(name: string, { head, oldest, migrations }: Schema): string {
  const title = `Database ${printable(name)}`;
  if (migrations.length === 0) return `${title}: no migrations`;
  const former = oldest === unmigrated ? 'all former code' : `code from version ${oldest} on`;
  return `${title}: version ${head}, which ${former} can live with`;
}

function rowsOf({ migrations }: Schema): string[][] {
  const colors = { additive: 'green', locking: 'yellow', destructive: 'red' } as const;
  return migrations.map(({ version, name, safety, reason = '' }) => [
    `${version}_${printable(name)}`,
    paint(colors[safety] ?? 'red', printable(safety)),
    printable(reason),
  ]);
}

function section(title: string, rows: string[][]): string {
  const heading = paint('bold', title);
  return rows.length > 0 ? `${heading}\n${table(rows).replace(/^/gm, '  ')}` : heading;
}

/** The name stands beside the first alone. */
function many(name: string, values: string[]): [string, string][] {
  return values.map((value, index) => [index === 0 ? name : ' ', value]);
}
