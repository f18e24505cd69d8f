import { type PruneResult, pruneReleases, type Reason, shortDigest, type Verdict } from '../../../pipeline/mod.ts';
import { bytes } from '../../bytes.ts';
import type { Context, Result } from '../../context.ts';
import { markOf } from '../../releases.ts';
import { openApplication } from '../../wiring.ts';

interface Options {
  /** How many of the releases that production ran last stay. @default what fairlead.json says, or 10 */
  keep?: number;
  dryRun?: boolean;
}

/** Removes the releases on this machine that nothing needs any more. */
export async function prune(context: Context, { keep, dryRun = false }: Options): Promise<Result> {
  const { application, config, ports, registry } = await openApplication(context);
  const last = keep ?? config.releases.keep;
  const work = () => pruneReleases({ application, keep: last, dryRun }, { ...ports, registry });
  const result = dryRun ? await work() : await context.report.step('Remove what nothing needs', work);
  return { document: { application, keep: last, dryRun, ...result }, text: render(result, last, dryRun) };
}

function render({ releases, images, bytes: freed = 0 }: PruneResult, keep: number, dryRun: boolean): string {
  const gone = releases.filter(({ reasons }) => reasons.length === 0);
  const [is, are, free] = dryRun
    ? ['would go', 'would go', 'would be free']
    : ['is gone', 'are gone', 'are free again'];
  return [
    ...releases.map((verdict) => describe(verdict, keep, is)),
    `Releases: ${gone.length} of ${releases.length} ${are}. Images: ${images.length} ${are}. ${bytes(freed)} ${free}.`,
  ].join('\n');
}

function describe({ digest, kept, reasons }: Verdict, keep: number, is: string): string {
  const [newest] = kept;
  const what = `${shortDigest(digest)}${newest ? `, built for ${markOf(newest)} at ${newest.at},` : ''}`;
  if (reasons.length === 0) return `${what} ${is}`;
  return `${what} stays: ${reasons.map((reason) => inWords(reason, keep)).join('; ')}`;
}

function inWords(reason: Reason, keep: number): string {
  switch (reason.kind) {
    case 'runs':
      return `${reason.environment} runs it`;
    case 'attempted':
      return `${reason.environment} was last to be brought to it`;
    case 'recent':
      return `it is ${keep === 1 ? 'the last' : `one of the last ${keep}`} that ran in ${reason.environment}`;
    case 'migrated':
      return `it tells what the databases of ${reason.environment} have seen`;
    case 'young':
      return 'it was kept less than an hour ago';
  }
}
