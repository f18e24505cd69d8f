import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { safetyOf } from '../../analyzer/migration-safety.ts';
import { Report } from '../../analyzer/report.ts';
import { Schema } from '../../analyzer/sql/safety/schema.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let client: Client;
const notices: string[] = [];

/** Of a table with rows, which is what readers and writers wait for. */
const work = /^(rewriting|verifying) table "[tw]"|^building index .* on table "t"|^validating foreign key/;

const schema = [
  'CREATE DOMAIN checked AS int CHECK (value > 0)',
  'CREATE DOMAIN plain AS int',
  'CREATE TABLE w (v varchar(20), n numeric(10, 2), i int, f real, t text, a varchar(20)[])',
  "INSERT INTO w VALUES ('x', 1, 1, 1, 't', '{}')",
];

/** Whether any statement makes others wait. */
async function locks(sql: string): Promise<boolean> {
  const known = new Schema();
  await safetyOf(schema.join(';'), 'm.sql', new Report('/app'), known);
  const statements = await safetyOf(sql, 'm.sql', new Report('/app'), known);
  return statements.some(({ reason }) => reason.includes(', while '));
}

beforeAll(async () => {
  postgres = await startPostgres();
  const { host, port, user, password } = postgres;
  client = new Client({ host, port, user, password, database: 'postgres' });
  client.on('notice', ({ message }) => notices.push(message ?? ''));
  await client.connect();
  for (const sql of [
    'CREATE TABLE u (id int PRIMARY KEY)',
    'INSERT INTO u VALUES (1)',
    'CREATE TABLE t (a int, b text, c int NOT NULL DEFAULT 1)',
    'INSERT INTO t SELECT n, n::text FROM generate_series(1, 3) n',
    'CREATE UNIQUE INDEX tc ON t (a)',
    'CREATE MATERIALIZED VIEW v AS SELECT a FROM t',
    ...schema,
    'CREATE UNIQUE INDEX ON v (a)',
    "CREATE TYPE mood AS ENUM ('a')",
    'CREATE TABLE parted (a int) PARTITION BY LIST (a)',
    'CREATE TABLE part PARTITION OF parted FOR VALUES IN (1)',
    'SET client_min_messages = debug1',
  ])
    await client.query(sql);
});

afterAll(async () => {
  await client?.end();
  await postgres?.stop();
});

// PostgreSQL says at DEBUG1 which tables it scans and rewrites.
test.each([
  'ALTER TABLE t ADD x int',
  'ALTER TABLE t ADD x int DEFAULT 1',
  "ALTER TABLE t ADD x text NOT NULL DEFAULT ''",
  'ALTER TABLE t ADD x timestamptz NOT NULL DEFAULT now()',
  "ALTER TABLE t ADD x timestamptz DEFAULT now() + interval '1 day'",
  "ALTER TABLE t ADD x jsonb NOT NULL DEFAULT '{}'::jsonb",
  "ALTER TABLE t ADD x jsonb DEFAULT jsonb_build_object('a', 1)",
  'ALTER TABLE t ADD x text[] DEFAULT ARRAY[]::text[]',
  'ALTER TABLE t ADD x timestamptz DEFAULT clock_timestamp()',
  'ALTER TABLE t ADD x uuid DEFAULT gen_random_uuid()',
  'ALTER TABLE t ADD x float DEFAULT random()',
  'ALTER TABLE t ADD x bigserial',
  'ALTER TABLE t ADD x int GENERATED ALWAYS AS IDENTITY',
  'ALTER TABLE t ADD x int GENERATED ALWAYS AS (a * 2) STORED',
  'ALTER TABLE t ADD x int GENERATED ALWAYS AS (a * 2) VIRTUAL',
  'ALTER TABLE t ADD x int GENERATED ALWAYS AS (a * 2) VIRTUAL NOT NULL',
  'ALTER TABLE t ADD x int CHECK (x > 0)',
  'ALTER TABLE t ADD x int DEFAULT 1 CHECK (x > 0)',
  'ALTER TABLE t ADD x int UNIQUE',
  'ALTER TABLE t ADD x int REFERENCES u (id)',
  'ALTER TABLE t ADD x int DEFAULT 1 REFERENCES u (id)',
  'ALTER TABLE t ADD x int NULL DEFAULT NULL',
  'ALTER TABLE t ADD CHECK (a > 0)',
  'ALTER TABLE t ADD CHECK (a > 0) NOT VALID',
  'ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED',
  'ALTER TABLE t ADD UNIQUE (b)',
  'ALTER TABLE t ADD UNIQUE USING INDEX tc',
  'ALTER TABLE t ADD PRIMARY KEY (a)',
  'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES u (id)',
  'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES u (id) NOT VALID',
  'ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)',
  'ALTER TABLE t ADD CONSTRAINT n NOT NULL a',
  'ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID',
  'ALTER TABLE t ALTER a SET NOT NULL',
  'ALTER TABLE t ALTER c DROP NOT NULL',
  'ALTER TABLE t ALTER a SET DEFAULT 1',
  'ALTER TABLE t ALTER c DROP DEFAULT',
  'ALTER TABLE t ALTER a SET STATISTICS 100',
  'ALTER TABLE t ALTER b SET STORAGE EXTERNAL',
  'ALTER TABLE t ALTER b SET COMPRESSION pglz',
  'ALTER TABLE t DROP COLUMN b',
  'ALTER TABLE t SET UNLOGGED',
  'ALTER TABLE t SET (fillfactor = 70)',
  'ALTER TABLE w ALTER v TYPE varchar(30)',
  'ALTER TABLE w ALTER v TYPE varchar',
  'ALTER TABLE w ALTER v TYPE text',
  'ALTER TABLE w ALTER v TYPE varchar(10)',
  'ALTER TABLE w ALTER t TYPE varchar',
  'ALTER TABLE w ALTER t TYPE varchar(10)',
  'ALTER TABLE w ALTER n TYPE numeric(12, 2)',
  'ALTER TABLE w ALTER n TYPE numeric(12, 3)',
  'ALTER TABLE w ALTER n TYPE numeric',
  'ALTER TABLE w ALTER i TYPE bigint',
  'ALTER TABLE w ALTER i TYPE smallint',
  'ALTER TABLE w ALTER f TYPE double precision',
  'ALTER TABLE t ADD x plain',
  'ALTER TABLE t ADD x checked',
  'ALTER TABLE t ADD x checked DEFAULT 1',
  'CREATE INDEX i ON t (b)',
  'CREATE UNIQUE INDEX i ON t (b)',
  'REINDEX TABLE t',
  'CLUSTER t USING tc',
  'DROP MATERIALIZED VIEW v; ALTER TABLE t ALTER a TYPE bigint',
  'ALTER TABLE t ADD x int; CREATE UNIQUE INDEX i ON t (x)',
  'CREATE TABLE n (a int); CREATE INDEX i ON n (a); ALTER TABLE n ALTER a SET NOT NULL',
  'ALTER TABLE t ADD x int; ALTER TABLE t ALTER x SET DEFAULT 1; ALTER TABLE t ADD y int NOT NULL DEFAULT 0',
  'ALTER TABLE t REPLICA IDENTITY FULL',
  'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
])('PostgreSQL agrees on who waits for: %s', async (sql) => {
  notices.length = 0;
  await client.query('BEGIN');
  try {
    await client.query(sql);
  } finally {
    await client.query('ROLLBACK');
  }
  expect(notices.filter((notice) => work.test(notice)).length > 0).toBe(await locks(sql));
});

test('a default by any volatile function of PostgreSQL rewrites the table', async () => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT proname AS name FROM pg_proc WHERE provolatile = 'v' AND prokind = 'f' AND pronamespace = 'pg_catalog'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(100);
  const sql = rows.map(({ name }) => `ALTER TABLE t ADD "${name}" text DEFAULT "${name}"()`).join(';');
  const statements = await safetyOf(sql, 'm.sql', new Report('/app'));
  expect(statements.filter(({ safety }) => safety === 'additive').map(({ reason }) => reason)).toEqual([]);
});

test.each([
  'CREATE INDEX CONCURRENTLY i ON t (b)',
  'DROP INDEX CONCURRENTLY tc',
  'REINDEX TABLE CONCURRENTLY t',
  'REINDEX (CONCURRENTLY false) TABLE t',
  'REINDEX SCHEMA public',
  'REINDEX SYSTEM',
  'REINDEX TABLE t',
  'VACUUM t',
  'ANALYZE t',
  'CLUSTER',
  'CLUSTER t USING tc',
  'CREATE DATABASE d',
  'DROP DATABASE IF EXISTS d',
  'DROP INDEX tc',
  "ALTER SYSTEM SET work_mem = '4MB'",
  'ALTER DATABASE postgres SET TABLESPACE pg_default',
  'ALTER DATABASE postgres CONNECTION LIMIT 7',
  "CREATE TABLESPACE x LOCATION '/nowhere'",
  'DROP TABLESPACE IF EXISTS x',
  'ALTER TABLE parted DETACH PARTITION part CONCURRENTLY',
  'ALTER TABLE parted DETACH PARTITION part',
  "ALTER TYPE mood ADD VALUE 'b'",
  'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
])('PostgreSQL agrees on whether it refuses a transaction: %s', async (sql) => {
  const report = new Report('/app');
  await safetyOf(`SELECT 1; ${sql}`, 'm.sql', report);
  const refused = client.query(`BEGIN; ${sql}; ROLLBACK`).then(
    () => false,
    ({ code }) => code === '25001',
  );
  expect(report.diagnostics().map(({ code }) => code)).toEqual((await refused) ? ['FL1409'] : []);
  await client.query('ROLLBACK');
});
