import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { isMissing } from '../../../files.ts';
import { isReferrersTag, referrersTag } from '../content.ts';
import { type Entry, renderEntries } from './entries.ts';
import { type LayoutFiles, namesIn, sizeOf } from './files.ts';
import { readParts } from './parts.ts';

/** What is not there any more. */
export interface Pruned {
  /** Forgotten, in the order they had. */
  manifests: Digest[];
  /** Removed, in alphabetical order; manifests are blobs, too. */
  blobs: Digest[];
  /** How much that was, in bytes. */
  bytes: number;
}

export interface PruneOptions {
  /** Whether an entry stays; of those without a tag the new ones stay anyway. */
  keep: (entry: Entry) => boolean;
  /** Says what would go, and leaves it. */
  dryRun: boolean;
}

/** Milliseconds that blobs stay, whether they are needed or not. */
const grace = 3_600_000;

/**
 * The lock is held. First the entries go, then the blobs, each after those that name it: whatever ends this in between,
 * a manifest that is there has all that it names, and the rest is garbage for the next time.
 */
export async function prune(files: LayoutFiles, entries: Entry[], { keep, dryRun }: PruneOptions): Promise<Pruned> {
  const all = await files.digests();
  const fresh = new Set(await newOf(files, all));
  const lists = new Map(entries.flatMap((entry) => (isList(entry.tag) ? [[entry.tag, entry] as const] : [])));
  const roots = entries.filter(({ tag }) => !isList(tag));
  const kept = roots.filter((entry) => keep(entry) || (entry.tag === undefined && fresh.has(entry.descriptor.digest)));
  // What was just written may be about to be named, and then it has to be whole.
  const needed = await reach(files, [...kept.map(({ descriptor }) => descriptor.digest), ...fresh], lists);
  const left = entries.filter(
    (entry) => kept.includes(entry) || (isList(entry.tag) && needed.has(entry.descriptor.digest)),
  );
  if (left.length < entries.length && !dryRun) await files.writeDurably(files.index, renderEntries(left));

  const garbage = all.filter((digest) => !needed.has(digest));
  let bytes = 0;
  for (const digest of await parentsFirst(files, garbage)) {
    bytes += (await sizeOf(files.blob(digest))) ?? 0;
    if (!dryRun) await rm(files.blob(digest), { force: true });
  }
  if (!dryRun) await removeDrafts(files);
  const gone = roots.filter((entry) => !kept.includes(entry));
  return { manifests: gone.map(({ descriptor }) => descriptor.digest), blobs: garbage, bytes };
}

/** All that these name, and what names one of those as its subject. */
async function reach(
  files: LayoutFiles,
  roots: readonly Digest[],
  lists: ReadonlyMap<string, Entry>,
): Promise<Set<Digest>> {
  const reached = new Set<Digest>();
  const left = [...roots];
  for (let digest = left.pop(); digest !== undefined; digest = left.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    const list = lists.get(referrersTag(digest));
    left.push(...(await namedBy(files, digest)));
    if (list) left.push(list.descriptor.digest);
  }
  return reached;
}

/** Each before what it names. */
async function parentsFirst(files: LayoutFiles, digests: readonly Digest[]): Promise<Digest[]> {
  const all = new Set(digests);
  const placed = new Set<Digest>();
  const childrenFirst: Digest[] = [];
  const place = async (digest: Digest): Promise<void> => {
    if (placed.has(digest) || !all.has(digest)) return;
    placed.add(digest);
    for (const child of await namedBy(files, digest)) await place(child);
    childrenFirst.push(digest);
  };
  for (const digest of digests) await place(digest);
  return childrenFirst.reverse();
}

/** What a manifest or an index names; nothing when it is neither. */
async function namedBy(files: LayoutFiles, digest: Digest): Promise<Digest[]> {
  const parts = (await readParts(files, digest))?.parts;
  return [...(parts?.manifests ?? []), ...(parts?.blobs ?? [])].map((child) => child.digest);
}

async function newOf(files: LayoutFiles, digests: readonly Digest[]): Promise<Digest[]> {
  const now = Date.now();
  const times = await Promise.all(digests.map(async (digest) => modified(files.blob(digest))));
  return digests.filter((_, index) => now - times[index]! < grace);
}

/** The remains of crashes. */
async function removeDrafts(files: LayoutFiles): Promise<void> {
  for (const name of await namesIn(files.drafts)) {
    const draft = join(files.drafts, name);
    if (Date.now() - (await modified(draft)) >= grace) await rm(draft, { recursive: true, force: true });
  }
}

function isList(tag: string | undefined): tag is string {
  return tag !== undefined && isReferrersTag(tag);
}

/** Milliseconds since 1970; what is gone already is older than all. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
