import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './pages.ts';
import { problemsOf, rowsOf } from './references.ts';

const page = readFileSync(join(root, 'docs/compatibility.md'), 'utf8');

const rows = (text: string) => rowsOf(text, 'Encore.ts');

test('every line of the page is shown by a test that exists', () => {
  expect(rows(page).length).toBeGreaterThan(150);
  expect(problemsOf(rows(page))).toEqual([]);
});

test('what is wrong in the page is found', () => {
  const line = (shown: string) => `| a | same | ${shown} |`;
  expect(
    problemsOf(
      rows(
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
    ),
  ).toEqual([
    'there is no fixtures/none',
    'there is no analyzer/none',
    'analyzer/uses has no “no such test”',
    'nothing is shown: a',
  ]);
});
