import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from './diagnostic.ts';
import type { Trace } from './disk-trace.ts';
import type { Facts } from './facts.ts';
import type { Graph } from './graph.ts';

/** What an analysis leaves for the next one of the same application. */
export interface Kept {
  /** Everything that was read. */
  trace: Trace;
  graph?: Graph | undefined;
  diagnostics: Diagnostic[];
  /** What each file said; absent when anything was wrong, since a complaint may concern more than the file it is about. */
  files?: Record<string, KeptFacts> | undefined;
  /** Names the generated clients that the files were read with, and what was declared for all files. */
  clients?: string | undefined;
  globals?: string | undefined;
}

export interface KeptFacts {
  facts: Facts;
  /** The application's files that its meaning depends on directly; `*` is all of them. */
  needs: string[];
}

/** Reads what the last analysis left; undefined when there is nothing that this version can use. */
export function readKept(directory: string, key: string, runtime: string): Kept | undefined {
  try {
    const text = readFileSync(fileOf(directory, key), 'utf8');
    const [version, kept] = JSON.parse(text) as [string, Kept];
    return version === versionOf(runtime) && isWhole(kept) ? kept : undefined;
  } catch {
    // Not there, not readable or not whole: the analysis does without.
    return undefined;
  }
}

function isWhole({ trace, diagnostics }: Partial<Kept>): boolean {
  const parts = [trace?.contents, trace?.listings, trace?.probes, trace?.realpaths];
  // No application has been looked at without a listing.
  return parts.every((part) => typeof part === 'object' && part !== null) &&
    Object.keys(trace?.listings ?? {}).length > 0
    ? Array.isArray(diagnostics)
    : false;
}

/** Leaves something for the next analysis. Where nothing can be written, nothing is kept. */
export function writeKept(directory: string, key: string, runtime: string, kept: Kept): void {
  const file = fileOf(directory, key);
  const partial = `${file}.${randomUUID()}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(partial, JSON.stringify([versionOf(runtime), kept]), { mode: 0o600 });
    renameSync(partial, file);
    removeOld(directory);
  } catch {
    if (existsSync(partial)) rmSync(partial, { force: true });
  }
}

/** One file per application. */
function fileOf(directory: string, key: string): string {
  return join(directory, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
}

const month = 30 * 24 * 3600 * 1000;

/** Removes what nobody has written anew for a month: applications and revisions that are gone, and what a killed process left. */
function removeOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (!/^[0-9a-f]{32}\.json/.test(name) || Date.now() - statSync(path).mtimeMs < month) continue;
    rmSync(path, { force: true });
  }
}

let version: { runtime: string; digest: string } | undefined;

/** Of everything that an analysis is made by: another analyzer, compiler or runtime reads anew. */
function versionOf(runtime: string): string {
  if (version?.runtime !== runtime) version = { runtime, digest: digestOf(runtime) };
  return version.digest;
}

function digestOf(runtime: string): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const hash = createHash('sha256').update(process.version);
  const add = (directory: string, suffix: string): void => {
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(suffix));
    for (const name of names.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(directory, name)));
  };
  add(here, '.ts');
  add(join(runtime, 'dist'), '.d.ts');
  // The versions of the libraries are exact there.
  return hash.update(readFileSync(join(here, '../package.json'))).digest('hex');
}
