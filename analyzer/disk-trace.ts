import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import {
  agrees,
  answer,
  digest,
  entriesOf,
  exactNames,
  hashOf,
  hashOfEntries,
  kindOf,
  type Probe,
  realpathOf,
} from './disk-answers.ts';

/**
 * What a Disk was asked and what it answered, as pure JSON. Paths are relative to its base, with `/`; those outside begin with `..`.
 *
 * An answer that is the same whenever another one is the same is left out: a file that was read exists, and a listing says what
 * is in its directory.
 */
export interface Trace {
  /** SHA-256 of the bytes in base64url, `-` for what is not there, or `!` and the code of the error. */
  contents: Record<string, string>;
  /** The same of the sorted names and kinds. */
  listings: Record<string, string>;
  /** A directory by its names; the empty name is the directory itself. */
  probes: ProbeTree;
  /** Where a path leads after all links. */
  realpaths: Record<string, string>;
}

export interface ProbeTree {
  [name: string]: Probe | ProbeTree;
}

/** What two Disks of one base were asked, with the newer one's answers where both were asked. */
export function joined(older: Trace, newer: Trace): Trace {
  return {
    contents: { ...older.contents, ...newer.contents },
    listings: { ...older.listings, ...newer.listings },
    probes: joinedProbes(older.probes, newer.probes),
    realpaths: { ...older.realpaths, ...newer.realpaths },
  };
}

function joinedProbes(older: ProbeTree, newer: ProbeTree): ProbeTree {
  const tree: ProbeTree = Object.assign(Object.create(null), older);
  for (const [name, probes] of Object.entries(newer)) {
    const known = tree[name];
    if (known === undefined) tree[name] = probes;
    else if (typeof known === 'number' && typeof probes === 'number') tree[name] = known | probes;
    else tree[name] = joinedProbes(asTree(known), asTree(probes));
  }
  return tree;
}

function asTree(probes: Probe | ProbeTree): ProbeTree {
  return typeof probes === 'number' ? { '': probes } : probes;
}

/** Whether a fresh Disk would give every answer of the trace again. Stops at the first that differs. */
export function unchanged(trace: Trace, base: string): boolean {
  return differences(trace, base).next().done === true;
}

/**
 * What differs from the trace: `files`, absolute, have another content; `other` is true when anything else differs, such as a
 * file that came or went.
 */
export function changedFiles(trace: Trace, base: string): { files: string[]; other: boolean } {
  const files: string[] = [];
  let other = false;
  for (const { file } of differences(trace, base)) {
    if (file === undefined) other = true;
    else files.push(file);
  }
  return { files, other };
}

interface Difference {
  /** Absent when it is more than the content of a file. */
  file?: string;
}

function* differences(trace: Trace, base: string): Generator<Difference> {
  for (const [path, expected] of Object.entries(trace.listings)) {
    const directory = absolute(base, path);
    if (
      digest(
        answer(() => entriesOf(directory)),
        hashOfEntries,
      ) !== expected
    )
      yield {};
  }
  yield* probeDifferences(trace.probes, base, false);
  for (const [path, expected] of Object.entries(trace.realpaths)) {
    if (realpathOf(absolute(base, path)) !== absolute(base, expected)) yield {};
  }
  for (const [path, expected] of Object.entries(trace.contents)) {
    const file = absolute(base, path);
    const actual = digest(
      answer(() => quickBytes(file)),
      hashOf,
    );
    if (actual === expected) continue;
    yield isHash(actual) && isHash(expected) ? { file } : {};
  }
}

/** From how many names a directory is listed instead of asked for each. */
const listFrom = 4;

/** @param missing whether the directory is not there, which answers every probe below it */
function* probeDifferences(tree: ProbeTree, directory: string, missing: boolean): Generator<Difference> {
  const names = Object.keys(tree).filter((name) => name !== '');
  const there = !missing && names.length >= listFrom && exactNames ? namesIn(directory) : undefined;
  for (const name of names) {
    const value = tree[name]!;
    const path = name === '..' ? dirname(directory) : directory + sep + name;
    const gone = missing || (there !== undefined && !there.has(name) && !/^\.\.?$/.test(name));
    const kind = gone ? undefined : kindOf(path);
    const own = typeof value === 'object' ? value[''] : value;
    if (typeof own === 'number' && !agrees(own, kind)) yield {};
    if (typeof value === 'object') yield* probeDifferences(value, path, kind !== 'directory');
  }
}

/** The names in a directory; undefined when it cannot be listed. */
function namesIn(directory: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(directory));
  } catch {
    return undefined;
  }
}

const room = Buffer.allocUnsafeSlow(256 * 1024);

/** The content of a file, good until the next call; without the allocation that costs more than the reading. */
function quickBytes(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const size = readSync(file, room);
    return size < room.length ? room.subarray(0, size) : readFileSync(path);
  } finally {
    closeSync(file);
  }
}

function isHash(digest: string): boolean {
  return digest.length === 43;
}

/** Plain paths below the base, nearly all of them, are not worth a normalization. */
function absolute(base: string, path: string): string {
  if (path.startsWith('.') || sep !== '/') return isAbsolute(path) ? path : join(base, path);
  return path.startsWith('/') ? path : `${base}/${path}`;
}
