import { basename, dirname, relative, sep } from 'node:path';
import {
  type Answer,
  agrees,
  answer,
  digest,
  type Entry,
  entriesOf,
  exactNames,
  hashOf,
  hashOfEntries,
  type Kind,
  kindOf,
  type Probe,
  probe,
  realpathOf,
} from './disk-answers.ts';
import type { ProbeTree, Trace } from './disk-trace.ts';
import { readRegularFile } from './regular-file.ts';

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

  /** What has been read as text, by path. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  /** The content of a file; undefined when it is not there. @throws the system's error for anything else */
  bytes(path: string): Buffer | undefined {
    return valueIn(once(this.#bytes, path, () => answer(() => readRegularFile(path))));
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

function valueIn<T>(answer: Answer<T>): T {
  if ('error' in answer) throw answer.error;
  return answer.value;
}

function found(answer: Answer<unknown> | undefined): boolean {
  return answer !== undefined && 'value' in answer && answer.value !== undefined;
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
