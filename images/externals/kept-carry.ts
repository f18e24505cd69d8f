import { createHash, randomUUID } from 'node:crypto';
import {
  type BigIntStats,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Diagnostic } from '../../pipeline/mod.ts';
import { type Carried, type CarryOptions, carry } from './carry.ts';

/** What of `CarryOptions` decides, besides what lies on the disk. */
type Question = Pick<CarryOptions, 'root' | 'workspace' | 'leaving' | 'production' | 'platforms'>;

interface Kept {
  /** Of everything that was looked at, and of the directories around it, what it was then. */
  seen: Record<string, string>;
  carried: Omit<Carried, 'directories' | 'looked'> & { directories: string[] };
}

/** Milliseconds for which a file may change once more without another time stamp, on the coarsest of file systems. */
const grain = 2_000;

/** Milliseconds after which nobody is expected to come back for an answer. */
const month = 30 * 24 * 3_600_000;

/**
 * Does as `carry`, or gives its last answer again where neither the question nor anything that it looked at has changed: to trace the
 * files of a large package takes seconds, to look whether any has been written anew takes milliseconds. An answer is kept for a month,
 * whole or not at all.
 * @param cache a directory for the answers. @default nothing is kept
 * @param settled milliseconds without a change after which a file changes with another time stamp
 */
export async function carryOrKept(
  options: CarryOptions,
  cache: string | undefined,
  settled: number = grain,
): Promise<Carried | { diagnostics: Diagnostic[] }> {
  if (cache === undefined) return carry(options);
  const directory = join(cache, 'carried');
  const path = join(directory, `${questionOf(options).slice(0, 32)}.json`);
  const kept = read(path);
  if (kept && Object.entries(kept.seen).every(([at, seen]) => seenAt(at) === seen))
    return { ...kept.carried, directories: new Set(kept.carried.directories), looked: [] };
  const began = Date.now();
  const carried = await carry(options);
  if ('diagnostics' in carried) return carried;
  const { directories, looked, ...rest } = carried;
  const seen = look(looked, began - settled);
  if (seen) write(directory, path, { seen, carried: { ...rest, directories: [...directories] } });
  return carried;
}

/** The code of the kit counts, too. */
function questionOf({ root, workspace, leaving, production, platforms }: Question): string {
  const entries = leaving.map(({ entry, package: directory, alias }) => [entry, directory, alias]);
  return digestOf([
    root,
    workspace,
    entries.map(String).sort(),
    production && [...production].sort(),
    platforms,
    kit(),
  ]);
}

let ownDigest: string | undefined;

function kit(): string {
  if (ownDigest !== undefined) return ownDigest;
  const here = import.meta.dirname;
  const sources = readdirSync(here).filter((name) => /\.[jt]s$/.test(name));
  ownDigest = digestOf([process.version, ...sources.sort().map((name) => readFileSync(join(here, name), 'utf8'))]);
  return ownDigest;
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** What these paths are, and the directories in which others could come. Undefined when any was written since `before`. */
function look(paths: readonly string[], before: number): Record<string, string> | undefined {
  const seen: Record<string, string> = {};
  for (const path of [...paths, ...around(paths)]) {
    const stats = statsOf(path);
    if (stats && stats.ctimeMs > before) return undefined;
    seen[path] = described(stats);
  }
  return seen;
}

/** All directories above: those of packages, and elsewhere the `node_modules` that is in them, or is not. */
function around(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visited = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); !visited.has(at); at = dirname(at)) {
      visited.add(at);
      found.add(`${at}${sep}`.includes(`${sep}node_modules${sep}`) ? at : join(at, 'node_modules'));
    }
  }
  return found;
}

function seenAt(path: string): string {
  return described(statsOf(path));
}

function described(stats: BigIntStats | undefined): string {
  return stats ? [stats.ino, stats.mode, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ') : '';
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // A part of the path is no directory: nothing is there.
    return undefined;
  }
}

function read(path: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
    return kept.seen instanceof Object && kept.carried instanceof Object ? kept : undefined;
  } catch {
    // Nothing was kept, or it is of no use.
    return undefined;
  }
}

/** What cannot be kept is computed again the next time. */
function write(directory: string, path: string, kept: Kept): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(kept), { mode: 0o600 });
    renameSync(draft, path);
    removeOld(directory);
  } catch {
    rmSync(draft, { force: true });
  }
}

function removeOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined && Date.now() - written > month) rmSync(path, { force: true });
  }
}
