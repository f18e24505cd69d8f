import { shortDigest } from '../../../pipeline/mod.ts';
import { type PartChange, releaseChanges } from '../../../pipeline/release-changes.ts';
import type { Context, Result } from '../../context.ts';
import { forLog } from '../../for-log.ts';
import { paint } from '../../paint.ts';
import { printable } from '../../printable.ts';
import { type PlaceOptions, readRelease, withReleases } from '../../releases.ts';
import { listChanges } from '../../summary.ts';

interface Options extends PlaceOptions {
  before: string;
  after: string;
}

/** What becomes different from one release to another. */
export async function diff(context: Context, { before, after, ...options }: Options): Promise<Result> {
  return withReleases(context, options, async (place): Promise<Result> => {
    const [old, now] = [await readRelease(place, before), await readRelease(place, after)];
    const { graph, parts } = releaseChanges(old.content, now.content);
    const names = `from ${shortDigest(old.digest)} to ${shortDigest(now.digest)}`;
    const changes = graph.map(({ formerPosition, sentence, ...change }) => ({
      ...change,
      sentence: printable(sentence),
      ...(formerPosition && { position: formerPosition }),
    }));
    const text =
      graph.length + parts.length === 0
        ? `No differences ${names}.`
        : [paint('bold', `F${names.slice(1)}:`), ...listChanges(changes), ...parts.map(line)].join('\n');
    return { document: { before: old.digest, after: now.digest, graph, parts }, text: forLog(text) };
  });
}

const signs = { add: ['green', '+'], change: ['yellow', '~'], remove: ['red', '-'] } as const;

function line({ action, sentence }: PartChange): string {
  const [color, sign] = signs[action];
  return `  ${paint(color, sign)} ${printable(sentence)}`;
}
