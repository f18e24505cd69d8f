import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { loadParser, type Parser } from '../../analyzer/sql/parser.ts';
import { type Query, readQuery } from '../../analyzer/sql/read-query.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let client: Client;
let parser: Parser;

const privileges = { read: 'SELECT', write: 'INSERT, UPDATE, DELETE, TRUNCATE' };

beforeAll(async () => {
  parser = await loadParser();
  postgres = await startPostgres();
  const { host, port, user, password } = postgres;
  client = new Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  await client.query(`
    CREATE TABLE a (id int PRIMARY KEY, n int);
    CREATE TABLE b (id int PRIMARY KEY, n int);
    CREATE SCHEMA s;
    CREATE TABLE s.a (id int PRIMARY KEY, n int);
    CREATE ROLE service;
    GRANT USAGE ON SCHEMA s TO service`);
});

afterAll(async () => {
  await client?.end();
  await postgres?.stop();
});

/** Runs a query as a role that may do what the grants say, and takes everything back. */
async function allowed(sql: string, tables: Query['tables']): Promise<boolean> {
  await client.query('BEGIN');
  try {
    for (const { name, operations } of tables) {
      for (const operation of operations) await client.query(`GRANT ${privileges[operation]} ON ${name} TO service`);
    }
    await client.query('SET LOCAL ROLE service');
    await client.query(sql);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return false;
    throw error;
  } finally {
    await client.query('ROLLBACK');
  }
}

test.each([
  'SELECT * FROM a',
  'SELECT 1 FROM a, s.a x WHERE EXISTS (SELECT FROM b)',
  'WITH b AS (SELECT * FROM a) SELECT * FROM b',
  'WITH a AS (SELECT * FROM a) SELECT * FROM a',
  'WITH RECURSIVE a AS (SELECT 1 AS n UNION SELECT n FROM a) SELECT * FROM a',
  'WITH x AS (SELECT 1) SELECT * FROM (WITH a AS (SELECT * FROM x) SELECT * FROM a, x) z, b',
  'SELECT * FROM a FOR UPDATE',
  'SELECT * FROM a AS x, b FOR SHARE OF x',
  'SELECT * FROM (SELECT * FROM a) x, b FOR UPDATE OF x',
  'EXPLAIN SELECT * FROM a',
  'EXPLAIN DELETE FROM a',
  'INSERT INTO a VALUES (1, 2)',
  'INSERT INTO a SELECT * FROM b',
  'INSERT INTO a VALUES (1, 2) RETURNING id',
  'INSERT INTO a VALUES (1, 2) ON CONFLICT (id) DO NOTHING',
  'INSERT INTO a VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET n = excluded.n',
  'UPDATE a SET n = 1',
  'UPDATE a SET n = n + 1',
  'UPDATE a SET n = 1 WHERE id = 1',
  'UPDATE s.a SET n = b.n FROM b WHERE s.a.id = b.id',
  'UPDATE a SET n = 1 RETURNING *',
  'DELETE FROM a',
  'DELETE FROM a USING b WHERE a.id = b.id',
  'MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 2)',
  'WITH d AS (DELETE FROM a RETURNING id) SELECT * FROM d, b',
  'TRUNCATE a, b',
  'COPY (SELECT * FROM a) TO STDOUT',
  'LOCK TABLE a',
])('PostgreSQL asks for no more than the tables found, and for all of it: %s', async (sql) => {
  const query = readQuery(sql, parser);
  if ('error' in query) throw new Error(query.error.message);
  expect(await allowed(sql, query.tables)).toBe(true);
  for (const table of query.tables) {
    for (const operation of table.operations) {
      const fewer = table.operations.filter((other) => other !== operation);
      const rest = query.tables.map((other) => (other === table ? { ...table, operations: fewer } : other));
      expect(await allowed(sql, rest)).toBe(false);
    }
  }
});
