import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { matchesGlob } from '../../analyzer/segment-glob.ts';
import { isMissing } from '../files.ts';
import { looksSecret } from '../oci/image/secrets.ts';

/** A Dockerfile, and what may not be copied by it. */
export interface Ignoring {
  /** A copy of the Dockerfile, with a file of the same name and `.dockerignore` beside it, which holds for both tools. */
  dockerfile: string;
  /** The files that look as if they held secrets and that the user's `.dockerignore` lets in, relative to the root, sorted. */
  leftOut: string[];
}

/**
 * Copies a Dockerfile into a new directory, with what its user leaves out of the context, and all that looks as if it held
 * secrets: a `COPY . .` would have it in the image.
 * @param allowed the paths that may be copied although they look so; one that ends in `/` is a directory
 */
export async function leaveOutSecrets(
  { root, dockerfile, allowed }: { root: string; dockerfile: string; allowed: readonly string[] },
  directory: string,
): Promise<Ignoring> {
  const [ignored, secrets] = await Promise.all([readIgnored(root, dockerfile), findSecrets(root, '')]);
  const denied = secrets.filter(
    (path) => !allowed.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one)),
  );
  const copy = join(directory, 'Dockerfile');
  await mkdir(directory);
  await copyFile(join(root, dockerfile), copy);
  await writeFile(`${copy}.dockerignore`, [ignored, ...denied.map(patternFor), ''].join('\n'));
  const patterns = patternsIn(ignored);
  return { dockerfile: copy, leftOut: denied.filter((path) => !leaves(patterns, path)).sort() };
}

/** The text of the first that is there, as the tools look for it. */
async function readIgnored(root: string, dockerfile: string): Promise<string> {
  for (const name of [`${dockerfile}.dockerignore`, '.containerignore', '.dockerignore']) {
    const text = await readIfThere(join(root, name));
    if (text !== undefined) return text.replace(/^\uFEFF/, '');
  }
  return '';
}

/** What is installed is public, and git keeps its own. */
const skipped = new Set(['node_modules', '.git']);

async function findSecrets(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  const found = entries.map(async (entry): Promise<string[]> => {
    const path = posix.join(directory, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : findSecrets(root, path);
    const read = async () => (entry.isFile() ? ((await readIfThere(join(root, path))) ?? '') : '');
    return (await looksSecret(path, read)) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** A line that means this path alone; what a line cannot say is said by `?`. */
function patternFor(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&').replace(/^[#!\s]|\s$|[\r\n]/g, '?');
}

interface Pattern {
  segments: string[];
  /** Whether it lets in again what lines before it leave out. */
  letsIn: boolean;
}

function patternsIn(text: string): Pattern[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const letsIn = line.startsWith('!');
    const path = posix.join('/', letsIn ? line.slice(1).trim() : line).replace(/\/$/, '');
    return [{ segments: path.split('/').slice(1), letsIn }];
  });
}

/** Whether a path, or a directory that it is in, is left out: the last line that says something of it counts. */
function leaves(patterns: readonly Pattern[], path: string): boolean {
  const names = path.split('/');
  const prefixes = names.map((_, index) => names.slice(0, index + 1));
  const last = patterns.findLast(({ segments }) => prefixes.some((prefix) => matches(segments, prefix)));
  return last !== undefined && !last.letsIn;
}

function matches([glob, ...globs]: readonly string[], names: readonly string[]): boolean {
  const [name, ...rest] = names;
  if (glob === undefined) return name === undefined;
  if (glob === '**') return matches(globs, names) || (name !== undefined && matches([glob, ...globs], rest));
  return name !== undefined && matchesGlob(glob, name) && matches(globs, rest);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
