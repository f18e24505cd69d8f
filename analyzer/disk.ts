import { hash } from 'node:crypto';
import {
  closeSync,
  type Dirent,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

/** An entry of a directory. A `link` is not followed; `other` is a socket, a pipe or a device. */
export interface Entry {
  name: string;
  kind: 'file' | 'directory' | 'link' | 'other';
}

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

/** Bits: a file was asked for, there was one; a directory was asked for, there was one. */
type Probe = number;
const probe = { fileAsked: 1, file: 2, directoryAsked: 4, directory: 8 };

const absent = '-';

/** What a path leads to, links followed; undefined for nothing. */
type Kind = Entry['kind'] | undefined;

type Answer<T> = { value: T } | { error: NodeJS.ErrnoException };

/** Where names that differ in case only are one file, a listing does not tell what is absent. */
const exactNames = process.platform !== 'darwin' && process.platform !== 'win32';

/**
 * The one way the analyzer reads the machine. Every question is asked once; its answer holds for the life of the Disk, and is
 * remembered for `trace`. Paths are absolute and normalized.
 */
export class Disk {
  readonly #base: string;
  readonly #bytes = new Map<string, Answer<Buffer | undefined>>();
  readonly #texts = new Map<string, string>();
  readonly #listings = new Map<string, Answer<Entry[] | undefined>>();
  readonly #names = new Map<string, ReadonlyMap<string, Entry['kind']>>();
  readonly #kinds = new Map<string, Kind>();
  readonly #probes = new Map<string, Probe>();
  readonly #realpaths = new Map<string, string>();

  /** @param base what the paths of the trace are relative to */
  constructor(base: string) {
    this.#base = base;
  }

  /** The text of a file in UTF-8, without a byte order mark; undefined when it is not there. @throws the system's error for anything else */
  read(path: string): string | undefined {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.bytes(path)
      ?.toString('utf8')
      .replace(/^\uFEFF/, '');
    if (text !== undefined) this.#texts.set(path, text);
    return text;
  }

  /** The content of a file; undefined when it is not there. @throws the system's error for anything else */
  bytes(path: string): Buffer | undefined {
    return valueIn(once(this.#bytes, path, () => answer(() => readFileSync(path))));
  }

  fileExists(path: string): boolean {
    const is = this.#kind(path) === 'file';
    this.#note(path, probe.fileAsked | (is ? probe.file : 0));
    return is;
  }

  directoryExists(path: string): boolean {
    const is = this.#kind(path) === 'directory';
    this.#note(path, probe.directoryAsked | (is ? probe.directory : 0));
    return is;
  }

  /** What is in a directory, by name; undefined when it is not there. @throws the system's error for anything else */
  list(directory: string): readonly Entry[] | undefined {
    return valueIn(once(this.#listings, directory, () => answer(() => entriesOf(directory))));
  }

  /** Where a path leads after all links; the path itself when it leads nowhere. */
  realpath(path: string): string {
    return once(this.#realpaths, path, () => realpathOf(path));
  }

  trace(): Trace {
    const contents = [...this.#bytes].map(([path, answer]): [string, string] => [path, digest(answer, hashOf)]);
    const listings = [...this.#listings].map(([path, answer]): [string, string] => [
      path,
      digest(answer, hashOfEntries),
    ]);
    const realpaths = [...this.#realpaths].map(([path, real]): [string, string] => [path, this.#relative(real)]);
    return {
      contents: this.#record(contents),
      listings: this.#record(listings),
      probes: this.#probeTree(),
      realpaths: this.#record(realpaths),
    };
  }

  #note(path: string, bits: Probe): void {
    this.#probes.set(path, (this.#probes.get(path) ?? 0) | bits);
  }

  #kind(path: string): Kind {
    return once(this.#kinds, path, () => {
      const listed = this.#listed(path);
      return listed && listed.kind !== 'link' ? listed.kind : kindOf(path);
    });
  }

  /** What the listing of its directory says about a path; undefined when it says nothing. */
  #listed(path: string): { kind: Kind } | undefined {
    const directory = dirname(path);
    const listing = this.#listings.get(directory);
    if (!listing || 'error' in listing || directory === path) return undefined;
    const names = once(
      this.#names,
      directory,
      () => new Map(listing.value?.map(({ name, kind }) => [name, kind] as const)),
    );
    const kind = names.get(basename(path));
    return kind || exactNames ? { kind } : undefined;
  }

  #probeTree(): ProbeTree {
    const holding = directoriesAbove([...this.#bytes].flatMap(([path, answer]) => (found(answer) ? [path] : [])));
    const tree: ProbeTree = Object.create(null);
    for (const [path, bits] of [...this.#probes].sort(byPath)) {
      if (!this.#follows(path, bits, holding)) insert(tree, this.#relative(path).split('/'), bits);
    }
    return tree;
  }

  /** Whether the answers to the probes of a path follow from other answers. */
  #follows(path: string, bits: Probe, holding: ReadonlySet<string>): boolean {
    const content = this.#bytes.get(path);
    if (content && 'value' in content) return agrees(bits, content.value ? 'file' : undefined);
    if (holding.has(path) || found(this.#listings.get(path))) return agrees(bits, 'directory');
    const listed = this.#listed(path);
    return listed !== undefined && listed.kind !== 'link' && agrees(bits, listed.kind);
  }

  #record(entries: [string, string][]): Record<string, string> {
    const record: Record<string, string> = Object.create(null);
    for (const [path, value] of entries.sort(byPath)) record[this.#relative(path)] = value;
    return record;
  }

  #relative(path: string): string {
    if (path.startsWith(this.#base) && path[this.#base.length] === sep) {
      const inside = path.slice(this.#base.length + 1);
      return sep === '/' ? inside : inside.split(sep).join('/');
    }
    return relative(this.#base, path).split(sep).join('/') || '.';
  }
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

function agrees(bits: Probe, kind: Kind): boolean {
  if (bits & probe.fileAsked && Boolean(bits & probe.file) !== (kind === 'file')) return false;
  return !(bits & probe.directoryAsked) || Boolean(bits & probe.directory) === (kind === 'directory');
}

function insert(tree: ProbeTree, names: string[], bits: Probe): void {
  const last = names.pop() ?? '';
  let at = tree;
  for (const name of names) {
    const next = at[name];
    if (typeof next === 'object') {
      at = next;
      continue;
    }
    const below: ProbeTree = Object.create(null);
    if (next !== undefined) below[''] = next;
    at[name] = below;
    at = below;
  }
  const there = at[last];
  if (typeof there === 'object') there[''] = bits;
  else at[last] = bits;
}

function directoriesAbove(paths: string[]): ReadonlySet<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); !directories.has(at); at = dirname(at)) directories.add(at);
  }
  return directories;
}

function once<T>(memory: Map<string, T>, path: string, ask: () => T): T {
  if (memory.has(path)) return memory.get(path) as T;
  const value = ask();
  memory.set(path, value);
  return value;
}

function answer<T>(ask: () => T): Answer<T | undefined> {
  try {
    return { value: ask() };
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    return isAbsence(failure) ? { value: undefined } : { error: failure };
  }
}

/** Nothing has a path that cannot be asked for, either. */
function isAbsence({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(code);
}

function valueIn<T>(answer: Answer<T>): T {
  if ('error' in answer) throw answer.error;
  return answer.value;
}

function found(answer: Answer<unknown> | undefined): boolean {
  return answer !== undefined && 'value' in answer && answer.value !== undefined;
}

function kindOf(path: string): Kind {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (!stats) return undefined;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
}

function entriesOf(directory: string): Entry[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .map((entry) => ({ name: entry.name, kind: entryKind(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entryKind(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function realpathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
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

function digest<T>(answer: Answer<T | undefined>, hash: (value: T) => string): string {
  if ('error' in answer) return `!${answer.error.code ?? answer.error.name}`;
  return answer.value === undefined ? absent : hash(answer.value);
}

function isHash(digest: string): boolean {
  return digest.length === 43;
}

function hashOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64url');
}

function hashOfEntries(entries: readonly Entry[]): string {
  return hash('sha256', entries.map(({ name, kind }) => `${kind} ${name}\0`).join(''), 'base64url');
}

/** Plain paths below the base, nearly all of them, are not worth a normalization. */
function absolute(base: string, path: string): string {
  if (path.startsWith('.') || sep !== '/') return isAbsolute(path) ? path : join(base, path);
  return path.startsWith('/') ? path : `${base}/${path}`;
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
