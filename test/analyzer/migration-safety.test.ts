import { describe, expect, test } from '@jest/globals';
import { safetyOf } from '../../analyzer/migration-safety.ts';
import { Report } from '../../analyzer/report.ts';

/** `line:column reason` of everything that breaks earlier code. */
async function breaches(sql: string): Promise<string[]> {
  const report = new Report('/app');
  const statements = await safetyOf(sql, 'm.sql', report);
  expect(report.diagnostics()).toEqual([]);
  return statements
    .filter(({ safety }) => safety === 'destructive')
    .map(({ reason, position }) => `${position.line}:${position.column} ${reason}`);
}

describe('earlier code still works after', () => {
  test.each([
    '',
    '-- nothing but a comment',
    'CREATE TABLE t (id bigint PRIMARY KEY, n text NOT NULL)',
    'CREATE TABLE IF NOT EXISTS t (id bigint)',
    'CREATE TABLE t AS SELECT 1 AS a',
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0); ALTER TABLE t DROP COLUMN a; TRUNCATE t; DROP TABLE t',
    'CREATE TABLE s.t (a int); ALTER TABLE s.t ALTER a SET NOT NULL',
    'CREATE TABLE t (a int); ALTER TABLE public.t RENAME a TO b',
    "CREATE TYPE mood AS ENUM ('a')",
    "ALTER TYPE mood ADD VALUE 'b'",
    'CREATE VIEW v AS SELECT 1',
    'CREATE EXTENSION IF NOT EXISTS pgcrypto',
    'CREATE SEQUENCE s',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$',
    'CREATE TABLE t (a int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); DELETE FROM t',
    "COMMENT ON TABLE t IS 'x'",
    'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING',
    'UPDATE t SET a = 1',
    'GRANT SELECT ON t TO someone',
    'BEGIN; SET lock_timeout = 1000; COMMIT',
    'ALTER TABLE t ADD COLUMN a text',
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS a text NULL',
    "ALTER TABLE t ADD COLUMN a text NOT NULL DEFAULT ''",
    'ALTER TABLE t ADD COLUMN a bigint NOT NULL GENERATED ALWAYS AS IDENTITY',
    'ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS (b * 2) STORED NOT NULL',
    'ALTER TABLE t ADD COLUMN a bigserial',
    'ALTER TABLE t ADD COLUMN a bigserial NOT NULL UNIQUE',
    'ALTER TABLE t ADD COLUMN a uuid UNIQUE DEFAULT gen_random_uuid()',
    'ALTER TABLE t ADD COLUMN a int REFERENCES u (id)',
    'ALTER TABLE t ALTER COLUMN a SET DEFAULT 1',
    'ALTER TABLE t ALTER COLUMN a DROP NOT NULL',
    'ALTER TABLE t VALIDATE CONSTRAINT c',
  ])('%s', async (sql) => {
    expect(await breaches(sql)).toEqual([]);
  });
});

describe('earlier code may break after', () => {
  test.each<[string, string[]]>([
    ['DROP TABLE t', ['1:1 drops the table "t"']],
    ['DROP TABLE s.t, u', ['1:1 drops the table "s.t", "u"']],
    ['DROP INDEX i', ['1:1 drops the index "i"']],
    ['DROP TYPE mood', ['1:1 drops the type "mood"']],
    ['DROP MATERIALIZED VIEW v', ['1:1 drops the matview "v"']],
    ['ALTER TABLE t RENAME TO u', ['1:1 renames "t"']],
    ['ALTER TABLE t RENAME COLUMN a TO b', ['1:1 renames "a" of "t"']],
    ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", ['1:1 renames the value "a" of a type']],
    ['ALTER TABLE t DROP COLUMN a', ['1:1 drops a column of "t": "a"']],
    ['ALTER TABLE t ALTER COLUMN a TYPE text', ['1:28 changes the type of a column of "t": "a"']],
    ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', ['1:1 forbids null in a column of "t": "a"']],
    ['ALTER TABLE t ALTER COLUMN a DROP DEFAULT', ['1:1 drops the default of "a" of "t"']],
    [
      'ALTER TABLE t ADD COLUMN a text NOT NULL',
      ['1:26 adds the column "a" to "t", which must not be null and has no default'],
    ],
    [
      'ALTER TABLE t ADD COLUMN a bigint PRIMARY KEY',
      ['1:26 adds the column "a" to "t", which must not be null and has no default'],
    ],
    [
      "ALTER TABLE t ADD COLUMN a text UNIQUE DEFAULT 'x'::text",
      ['1:26 adds the unique column "a" to "t" with one default for all rows'],
    ],
    ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', ['1:19 adds a constraint to "t"']],
    ['ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) NOT VALID', ['1:19 adds a constraint to "t"']],
    ['ALTER TABLE t DROP CONSTRAINT c', ['1:1 drops a constraint of "t": "c"']],
    ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', ['1:1 enables row security on "t"']],
    ['CREATE UNIQUE INDEX i ON t (a)', ['1:1 adds a unique index to "t"']],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$',
      ['1:1 may replace a function that earlier code calls'],
    ],
    ['CREATE OR REPLACE VIEW v AS SELECT 1', ['1:1 may replace the view "v"']],
    ['CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()', ['1:1 adds a trigger to "t"']],
    ['DELETE FROM t WHERE a = 1', ['1:1 deletes rows of "t"']],
    ['TRUNCATE t', ['1:1 empties a table']],
    ['REVOKE SELECT ON t FROM someone', ['1:1 takes permissions away']],
    ['DO $$ BEGIN END $$', ['1:1 runs a block of code, which can do anything']],
    ['ALTER TABLE t SET SCHEMA s', ['1:1 moves an object to another schema']],
    ['CREATE POLICY p ON t', ['1:1 CreatePolicy is not known to be harmless']],
    [
      '-- drops two\nCREATE TABLE n (a int);\n/* ä */ ALTER TABLE t DROP a, DROP b;\n\n  DROP TABLE u;',
      ['3:9 drops a column of "t": "a"', '3:9 drops a column of "t": "b"', '5:3 drops the table "u"'],
    ],
  ])('%s', async (sql, expected) => {
    expect(await breaches(sql)).toEqual(expected);
  });
});

test('SQL that PostgreSQL cannot read is reported where and as PostgreSQL does', async () => {
  const report = new Report('/app');
  await safetyOf("SELECT 'ä€😀';\nSELECT 'ö' FORM t;", 'm.sql', report);
  expect(report.diagnostics()).toMatchObject([
    {
      code: 'FL1404',
      message: 'PostgreSQL cannot read this migration: syntax error at or near "t"',
      position: { file: 'm.sql', line: 2, column: 17 },
    },
  ]);
});
