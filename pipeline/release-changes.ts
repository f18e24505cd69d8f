import { type GraphChange, graphChanges } from './graph-changes.ts';
import { type Digest, type ReleaseContent, shortDigest } from './release.ts';

/** What is different from one release to another. */
export interface ReleaseChanges {
  /** In the words of the Graph, migrations among them. */
  graph: GraphChange[];
  /** Of what else a release has: images, files, base, tool. In this order, and sorted by name. */
  parts: PartChange[];
}

export interface PartChange {
  action: 'add' | 'change' | 'remove';
  kind: 'image' | 'migrating image' | 'base image' | 'tool' | 'file';
  subject: string;
  /** One sentence without a full stop. */
  sentence: string;
}

/** What becomes different when `after` replaces `before`. Empty lists for equal contents, and only for them. */
export function releaseChanges(before: ReleaseContent, after: ReleaseContent): ReleaseChanges {
  return {
    graph: graphChanges(before.graph, after.graph),
    parts: [
      ...entryChanges(
        'image',
        before.images,
        after.images,
        (old, now) => `${shortDigest(old)} becomes ${shortDigest(now)}`,
      ),
      ...reproducibility(before, after),
      ...single('migrating image', before.migrate, after.migrate),
      ...single('base image', before.base && baseName(before.base), after.base && baseName(after.base)),
      ...single('tool', `Fairlead ${before.tool}`, `Fairlead ${after.tool}`),
      ...entryChanges('file', before.inputs, after.inputs, () => 'has other text'),
    ],
  };
}

function entryChanges(
  kind: PartChange['kind'],
  before: Readonly<Record<string, Digest>>,
  after: Readonly<Record<string, Digest>>,
  difference: (old: Digest, now: Digest) => string,
): PartChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((subject): PartChange[] => {
    const [old, now] = [own(before, subject), own(after, subject)];
    const label = `${kind} ${subject}`;
    if (old === undefined) return [{ action: 'add', kind, subject, sentence: label }];
    if (now === undefined) return [{ action: 'remove', kind, subject, sentence: label }];
    return old === now ? [] : [{ action: 'change', kind, subject, sentence: `${label} ${difference(old, now)}` }];
  });
}

function reproducibility(before: ReleaseContent, after: ReleaseContent): PartChange[] {
  const [old, now] = [new Set(before.unreproducible), new Set(after.unreproducible)];
  const keys = Object.keys(after.images).filter(
    (key) => Object.hasOwn(before.images, key) && old.has(key) !== now.has(key),
  );
  return keys.sort().map((subject) => ({
    action: 'change',
    kind: 'image',
    subject,
    sentence: `image ${subject} can ${now.has(subject) ? 'no longer' : 'now'} be built again with the same digest`,
  }));
}

function single(kind: PartChange['kind'], old: string | undefined, now: string | undefined): PartChange[] {
  if (old === now) return [];
  if (old === undefined) return [{ action: 'add', kind, subject: now!, sentence: `${kind} ${now}` }];
  if (now === undefined) return [{ action: 'remove', kind, subject: old, sentence: `${kind} ${old}` }];
  return [{ action: 'change', kind, subject: now, sentence: `${kind} ${old} becomes ${now}` }];
}

function baseName({ image, digest }: NonNullable<ReleaseContent['base']>): string {
  return `${image} (${shortDigest(digest)})`;
}

function own(record: Readonly<Record<string, Digest>>, key: string): Digest | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
