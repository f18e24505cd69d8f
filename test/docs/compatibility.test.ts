import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './pages.ts';

const page = readFileSync(join(root, 'docs/compatibility.md'), 'utf8');

/** The rows of the page's tables, without their headings. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => /^\| (?!Encore\.ts \|)/.test(line))
    .map((line) => line.slice(2, -2).split(/ (?<!\\)\| (?=\S)/));
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

function problemsOf(text: string): string[] {
  return rowsOf(text).flatMap((row) => {
    const shown = [...(row.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, reference]) => reference!);
    if (row.length !== 3 || shown.length === 0) return [`nothing is shown: ${row[0]}`];
    return shown.flatMap((reference) => missing(reference) ?? []);
  });
}

test('every line of the page is shown by a test that exists', () => {
  expect(rowsOf(page).length).toBeGreaterThan(150);
  expect(problemsOf(page)).toEqual([]);
});

test('what is wrong in the page is found', () => {
  const line = (shown: string) => `| a | same | ${shown} |`;
  expect(
    problemsOf(
      [
        '`fixtures/none`',
        '`analyzer/none › x`',
        '`analyzer/uses › no such test`',
        'nothing',
        '`analyzer/uses › every place`',
      ]
        .map(line)
        .join('\n'),
    ),
  ).toEqual([
    'there is no fixtures/none',
    'there is no analyzer/none',
    'analyzer/uses has no “no such test”',
    'nothing is shown: a',
  ]);
});
