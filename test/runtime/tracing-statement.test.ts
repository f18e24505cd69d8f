import { expect, test } from '@jest/globals';
import { verbOf, withoutValues } from '../../runtime/tracing/statement.ts';

test.each([
  ['SELECT 1', 'SELECT ?'],
  ["SELECT 'it''s' || E'a\\'b' || $1 || $tag$ x $y$ $tag$ || $$ z $$", 'SELECT ? || ? || $1 || ? || ?'],
  [
    `INSERT INTO "ta'b 1" (c2, d) VALUES (-1.5e-3, .5, 0x1F, '\\')`,
    `INSERT INTO "ta'b 1" (c2, d) VALUES (-?, ?, ?, ?)`,
  ],
  ["SELECT a -- it's\n  FROM b /* 'x */ WHERE c=$2", 'SELECT a FROM b WHERE c=$2'],
  ["SELECT 'open", 'SELECT ?'],
  ['SELECT /* a /* b */ s3cret */ 1', undefined],
])('a statement without values: %s', (sql, text) => expect(withoutValues(sql)).toBe(text));

test.each([
  ['select 1', 'SELECT'],
  ['(TABLE a)', 'TABLE'],
  ['', 'SQL'],
])('the first word of %s', (sql, verb) => expect(verbOf(sql)).toBe(verb));
