import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { isMissing } from '../../../files.ts';
import { isReferrersTag, referrersTag, tryParseManifest } from '../content.ts';
import { isDigest } from '../name.ts';
import { manifestLimit } from '../repository.ts';
import { type Entry, renderEntries } from './entries.ts';
import { type LayoutFiles, readIfThere, sizeOf } from './files.ts';

/** What is not there any more. */
export interface Pruned {
  /** Forgotten, in the order they had. */
  manifests: Digest[];
  /** Removed, in alphabetical order; manifests are blobs, too. */
  blobs: Digest[];
}

/** Milliseconds that anything stays, whether it is needed or not. */
const grace = 3_600_000;

/** The lock is held. First the entries go, then the blobs, so that an end in between leaves garbage and no damage. */
export async function prune(files: LayoutFiles, entries: Entry[], keep: (entry: Entry) => boolean): Promise<Pruned> {
  const now = Date.now();
  const isNew = async (path: string) => now - (await modified(path)) < grace;
  const [kept, dropped]: [Entry[], Entry[]] = [[], []];
  for (const entry of entries.filter(({ tag }) => !isList(tag))) {
    const stays = keep(entry) || (await isNew(files.blob(entry.descriptor.digest)));
    (stays ? kept : dropped).push(entry);
  }
  const lists = new Map(entries.flatMap((entry) => (isList(entry.tag) ? [[entry.tag, entry] as const] : [])));
  const needed = await reach(files, kept, lists);
  const left = entries.filter(
    (entry) => kept.includes(entry) || (isList(entry.tag) && needed.has(entry.descriptor.digest)),
  );
  if (left.length < entries.length) await files.write(files.index, [renderEntries(left)]);

  const blobs: Digest[] = [];
  for (const digest of await blobsOf(files)) {
    if (needed.has(digest) || (await isNew(files.blob(digest)))) continue;
    await rm(files.blob(digest), { force: true });
    blobs.push(digest);
  }
  for (const name of await namesIn(files.drafts)) {
    const draft = join(files.drafts, name);
    if (!(await isNew(draft))) await rm(draft, { force: true });
  }
  return { manifests: dropped.map(({ descriptor }) => descriptor.digest), blobs };
}

/** All that the entries name, and what names one of those as its subject. */
async function reach(
  files: LayoutFiles,
  entries: readonly Entry[],
  lists: ReadonlyMap<string, Entry>,
): Promise<Set<Digest>> {
  const reached = new Set<Digest>();
  const read = new Set<Digest>();
  const left = entries.map(({ descriptor }) => descriptor.digest);
  for (let digest = left.pop(); digest !== undefined; digest = left.pop()) {
    reached.add(digest);
    if (read.has(digest)) continue;
    read.add(digest);
    const size = await sizeOf(files.blob(digest));
    const bytes = size !== undefined && size <= manifestLimit ? await readIfThere(files.blob(digest)) : undefined;
    const parts = bytes && tryParseManifest(bytes);
    const list = lists.get(referrersTag(digest));
    for (const blob of parts?.blobs ?? []) reached.add(blob.digest);
    left.push(...(parts?.manifests ?? []).map((child) => child.digest));
    if (list) left.push(list.descriptor.digest);
  }
  return reached;
}

function isList(tag: string | undefined): tag is string {
  return tag !== undefined && isReferrersTag(tag);
}

async function blobsOf(files: LayoutFiles): Promise<Digest[]> {
  return (await namesIn(files.blobs)).map((name) => `sha256:${name}`).filter(isDigest);
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

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
