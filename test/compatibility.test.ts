import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const repository = join(import.meta.dirname, '..');
const page = readFileSync(join(repository, 'docs/compatibility.md'), 'utf8');

/** The cells of the tables' rows, without their heads. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.endsWith('| Shown by |'))
  .map((line) => line.replaceAll('\\|', '\u0000').split('|').slice(1, -1));

/** `fixtures/todo`, `runtime/http › HEAD is GET`: what is missing of it. */
function missing(reference: string): string | undefined {
  const [file = '', name] = reference.split(' › ');
  const fixture = /^fixtures\/(.+)$/.exec(file)?.[1];
  const path = join(import.meta.dirname, fixture ? `analyzer/fixtures/${fixture}.txt` : `${file}.test.ts`);
  if (!existsSync(path)) return `${reference}: there is no such file`;
  return name === undefined || readFileSync(path, 'utf8').includes(name) ? undefined : `${reference}: no such test`;
}

const references = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []);

describe('docs/compatibility.md', () => {
  test('has three cells in each row: a line of the contract, what is done, and what shows it', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  test('every row names tests that exist', () => {
    expect(rows.filter(([, , shown]) => references(shown).length === 0)).toEqual([]);
    expect(rows.flatMap(([, , shown]) => references(shown).flatMap((one) => missing(one) ?? []))).toEqual([]);
  });

  test('a name that no test has is found', () => {
    expect(missing('runtime/http › turns lead into gold')).toBeDefined();
    expect(missing('fixtures/nothing')).toBeDefined();
  });
});
