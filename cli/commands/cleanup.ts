import { type Cleaned, type Forge, cleanup as sweep } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openApplication } from '../wiring.ts';

/** Closes the pull request if one is named, then removes the previews that no open pull request needs. */
export async function cleanup(
  context: Context,
  { pr, dryRun = false }: { pr?: number; dryRun?: boolean },
): Promise<Result> {
  const { application, forge, ports } = await openApplication(context);
  if (pr !== undefined && !dryRun) await forge.closePullRequest(pr);
  const seen = pr !== undefined && dryRun ? { ...ports, forge: asIfClosed(forge) } : ports;
  const request = { application, expired: true, dryRun, ...(pr === undefined ? {} : { pullRequest: pr }) };
  const cleaned = await sweep(request, seen);
  return {
    document: { application, previews: cleaned },
    text: cleaned.length > 0 ? cleaned.map(describe).join('\n') : `${application} has no previews.`,
    exitCode: cleaned.some(({ kind }) => kind === 'left') ? exitCodes.userError : exitCodes.done,
  };
}

/** What the real run would find after closing the pull request. */
function asIfClosed(forge: Forge): Forge {
  return {
    ...forge,
    pullRequest: async (number) => {
      const known = await forge.pullRequest(number);
      return known && { ...known, state: 'closed' };
    },
  };
}

function describe({ environment: { name }, kind, removed, left }: Cleaned): string {
  const verdict = {
    removed: 'is gone',
    removable: 'would be removed',
    kept: 'stays: its pull request is open',
    left: 'could not be removed completely; run the command again when the cause is mended',
    nothing: 'is not there',
  }[kind];
  return [
    `${name} ${verdict}`,
    ...removed.map((what) => `  - ${what}`),
    ...left.map(({ what, why }) => `  ! ${what}: ${why}`),
  ].join('\n');
}
