import { expect, test } from '@jest/globals';
import { statementStarts } from '../../runtime/migrate/statements.ts';

/** The first word of every statement found. */
const first = (sql: string) => statementStarts(sql)?.map((at) => /^[^\s;]+/.exec(sql.slice(at))?.[0]);

test.each<[string, string[]]>([
  ['', []],
  [' -- a; b\n', []],
  ['A; B', ['A', 'B']],
  ['A;;\n;B;\n', ['A', 'B']],
  ["A ';' ''';' B; C", ['A', 'C']],
  ["A E'\\';' ; C", ['A', 'C']],
  ['A ";" ";""" ; C', ['A', 'C']],
  ['/* a; /* b; */ c; */ A; -- d;\nB', ['A', 'B']],
  ['A $$ x; $$; B $q$ ; $$ ; $q$; C', ['A', 'B', 'C']],
  ['A $1; B a$b; C a$$b;', ['A', 'B', 'C']],
  ['A DO (B; C); D', ['A', 'D']],
  ["A 'never ends; B", ['A', 'B']],
])('statements of %j', (sql, expected) => {
  expect(first(sql)).toEqual(expected);
});

test.each(['A', 'A "', "A '"])('a text of 20 MB is no deeper than one of a word: %s', (before) => {
  const quote = /["']?$/.exec(before)?.[0] ?? '';
  expect(statementStarts(`${before}${'x'.repeat(20_000_000)}${quote}; B`)).toHaveLength(2);
});

test('a body in standard SQL is left to PostgreSQL', () => {
  expect(statementStarts('CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; A')).toBeUndefined();
});
