import { hash } from 'node:crypto';
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { generatedDirectory } from './derived.ts';

/** An entry of a directory. A `link` is not followed; `other` is a socket, a pipe or a device. */
export interface Entry {
  name: string;
  kind: 'file' | 'directory' | 'link' | 'other';
}

/** What a path leads to, links followed; undefined for nothing. */
export type Kind = Entry['kind'] | undefined;

export type Answer<T> = { value: T } | { error: NodeJS.ErrnoException };

/** Where names that differ in case only are one file, a listing does not tell what is absent. */
export const exactNames = process.platform !== 'darwin' && process.platform !== 'win32';

/** Bits: a file was asked for, there was one; a directory was asked for, there was one. */
export type Probe = number;
export const probe = { fileAsked: 1, file: 2, directoryAsked: 4, directory: 8 };

const absent = '-';

/** Whether a path of that kind gives the answers of a probe. */
export function agrees(bits: Probe, kind: Kind): boolean {
  if (bits & probe.fileAsked && Boolean(bits & probe.file) !== (kind === 'file')) return false;
  return !(bits & probe.directoryAsked) || Boolean(bits & probe.directory) === (kind === 'directory');
}

/** The answer to a question; undefined for what is not there, and the system's error for anything else. */
export function answer<T>(ask: () => T): Answer<T | undefined> {
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

/** What is at a path. What cannot be looked at counts as nothing. */
export function kindOf(path: string): Kind {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (!stats) return undefined;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
}

/** What is in a directory but for what is generated there, sorted by name. @throws the system's error */
export function entriesOf(directory: string): Entry[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .filter(({ name }) => name !== generatedDirectory)
    .map((entry) => ({ name: entry.name, kind: entryKind(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entryKind(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** Where a path leads after all links; the path itself when it leads nowhere. */
export function realpathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** An answer in a trace. */
export function digest<T>(answer: Answer<T | undefined>, hash: (value: T) => string): string {
  if ('error' in answer) return `!${answer.error.code ?? answer.error.name}`;
  return answer.value === undefined ? absent : hash(answer.value);
}

export function hashOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64url');
}

export function hashOfEntries(entries: readonly Entry[]): string {
  return hash('sha256', entries.map(({ name, kind }) => `${kind} ${name}\0`).join(''), 'base64url');
}
