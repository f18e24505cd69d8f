import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from './pages.ts';

/** The rows of a page's tables, but for those that begin with the heading given. */
export function rowsOf(text: string, heading: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${heading} |`))
    .map((line) => line.slice(2, -2).split(/ (?<!\\)\| (?=\S)/));
}

/** What the rows of three cells refer to in the last one, and is not there. */
export function problemsOf(rows: string[][]): string[] {
  return rows.flatMap((row) => {
    const shown = [...(row.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, reference]) => reference!);
    if (row.length !== 3 || shown.length === 0) return [`nothing is shown: ${row[0]}`];
    return shown.flatMap((reference) => missing(reference) ?? []);
  });
}

/** What names no file, or no text in its file: `analyzer/uses › passed on`, `fixtures/todo`. */
function missing(reference: string): string | undefined {
  const [name = '', part] = reference.split(' › ');
  const fixture = /^fixtures\/(.+)$/.exec(name)?.[1];
  const file = join(root, 'test', fixture ? `analyzer/fixtures/${fixture}.txt` : `${name}.test.ts`);
  if (!existsSync(file)) return `there is no ${name}`;
  if (fixture)
    return ['graph.json', 'diagnostics.txt'].some((kind) => existsSync(file.replace(/txt$/, kind)))
      ? undefined
      : `${name} shows nothing`;
  return part === undefined || withSuites(file).includes(part) ? undefined : `${name} has no “${part}”`;
}

/** A test file, and the suites that it has in common with others. */
function withSuites(file: string): string {
  const own = readFileSync(file, 'utf8');
  const suites = [...own.matchAll(/from '(\.[^']*conformance\/[^']+)'/g)].map(([, path]) =>
    resolve(dirname(file), path!),
  );
  return [own, ...suites.map((path) => readFileSync(path, 'utf8'))].join('\n');
}
