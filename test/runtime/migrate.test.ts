import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { configOf } from './support/config.ts';
import { killAll, spawnProcess, until } from './support/process.ts';

let postgres: TestPostgres;
let bundle: string;
let database: string;
let count = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  bundle = mkdtempSync(join(tmpdir(), 'fairlead-bundle-'));
});

afterAll(async () => {
  await killAll();
  await postgres.stop();
  rmSync(bundle, { recursive: true, force: true });
});

beforeEach(async () => {
  database = `db${++count}`;
  await postgres.run('postgres', `CREATE DATABASE ${database}`);
});

/** Puts the migrations given as file name → SQL into the bundle, breaking earlier code when the SQL says so. */
function layOut(files: Record<string, string>): void {
  const entries = Object.entries(files).map(([file, sql]) => {
    const [, version = '0', name = ''] = /^(\d+)_([^.]+)/.exec(file) ?? [];
    const path = join(bundle, database, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, sql);
    return {
      version: Number(version),
      name,
      file: `app/migrations/${file}`,
      sql: `${database}/${file}`,
      hash: createHash('sha256').update(sql).digest('hex'),
      ...(sql.startsWith('DROP') && { breaks: "drops what's needed" }),
    };
  });
  writeFileSync(join(bundle, 'migrations.json'), JSON.stringify({ databases: { [database]: entries } }));
}

/** Runs what is laid out; answers the exit code and the events without their times. */
async function run(topics: Record<string, string[]> = {}, env: Record<string, string> = {}) {
  const app = spawnProcess('./migrate.ts', configOf(postgres, { databases: [database], topics }), {
    BUNDLE: bundle,
    ...env,
  });
  return { code: await app.ended, events: app.lines.map(({ milliseconds: _, ...event }) => event) };
}

async function migrate(files: Record<string, string>, ...rest: Parameters<typeof run>) {
  layOut(files);
  return run(...rest);
}

const versions = () => postgres.run(database, 'SELECT version::int, dirty FROM schema_migrations');

const first = { '1_create.up.sql': 'CREATE TABLE a (id int); -- the end' };

test('applies what is new, in order, and nothing twice', async () => {
  const both = { ...first, '20_add.up.sql': 'ALTER TABLE a ADD b text;\nINSERT INTO a VALUES (1, $$x;$$);' };
  expect(await migrate(first)).toEqual({
    code: 0,
    events: [{ event: 'applied', database, version: 1, name: 'create' }],
  });
  expect(await migrate(both)).toEqual({ code: 0, events: [{ event: 'applied', database, version: 20, name: 'add' }] });
  expect(await migrate(both)).toEqual({ code: 0, events: [{ event: 'current', database, version: 20 }] });
  expect(await postgres.run(database, 'SELECT * FROM a')).toEqual([{ id: 1, b: 'x;' }]);
  expect(await versions()).toEqual([{ version: 20, dirty: false }]);
});

test('the first migration may have the number 0, as Drizzle counts', async () => {
  const zero = { '0000_create.sql': 'CREATE TABLE a (id int)' };
  expect(await migrate(zero)).toEqual({
    code: 0,
    events: [{ event: 'applied', database, version: 0, name: 'create' }],
  });
  expect(await versions()).toEqual([{ version: 0, dirty: false }]);
  const both = { ...zero, '0001_add.sql': 'ALTER TABLE a ADD b text' };
  expect(await migrate(both)).toEqual({ code: 0, events: [{ event: 'applied', database, version: 1, name: 'add' }] });
  const changed = await migrate({ ...both, '0000_create.sql': 'CREATE TABLE b (id int)' });
  expect(changed.events).toMatchObject([{ event: 'failed', conflict: 'rewritten' }]);
});

test('a database that is further than the bundle is left alone', async () => {
  await migrate({ ...first, '2_more.up.sql': 'CREATE TABLE b ()' });
  expect(await migrate(first)).toEqual({ code: 0, events: [{ event: 'current', database, version: 2 }] });
});

test('a migration that fails says where, leaves nothing behind, and can be corrected', async () => {
  const broken = {
    ...first,
    '2_more.up.sql': "CREATE TABLE b ();\n-- ünïcode 🚢\nINSERT INTO a\n  VALUES ('🚢', missing);",
  };
  expect(await migrate(broken)).toEqual({
    code: 1,
    events: [
      { event: 'applied', database, version: 1, name: 'create' },
      {
        event: 'failed',
        database,
        file: 'app/migrations/2_more.up.sql',
        line: 4,
        column: 17,
        message: 'column "missing" does not exist',
        sqlstate: '42703',
      },
    ],
  });
  expect(await versions()).toEqual([{ version: 1, dirty: false }]);
  const corrected = await migrate({ ...first, '2_more.up.sql': 'CREATE TABLE b ()' });
  expect(corrected).toEqual({ code: 0, events: [{ event: 'applied', database, version: 2, name: 'more' }] });
});

test('where PostgreSQL names no place, the statement that failed is', async () => {
  const late =
    'CREATE TABLE b (n int CHECK (n > 0));\n\nINSERT INTO b VALUES (1);\n-- 🚢;\n  INSERT INTO b VALUES (-1);\nSELECT 1';
  expect((await migrate({ ...first, '2_more.up.sql': late })).events.at(-1)).toMatchObject({
    event: 'failed',
    line: 5,
    column: 3,
    sqlstate: '23514',
  });
});

test('a statement that refuses to run in a transaction runs alone', async () => {
  const index = { '2_index.up.sql': 'CREATE INDEX CONCURRENTLY a_id ON a (id);' };
  expect((await migrate({ ...first, ...index })).events.at(-1)).toMatchObject({ event: 'applied', version: 2 });
  expect(await postgres.run(database, "SELECT indexname FROM pg_indexes WHERE indexname = 'a_id'")).toHaveLength(1);
  expect(await versions()).toEqual([{ version: 2, dirty: false }]);
});

test('such a statement beside others is refused, with nothing done', async () => {
  const mixed = { '2_index.up.sql': 'CREATE TABLE b ();\nCREATE INDEX CONCURRENTLY a_id ON a (id);' };
  const { code, events } = await migrate({ ...first, ...mixed });
  expect([code, events.at(-1)]).toMatchObject([1, { event: 'failed', sqlstate: '25001' }]);
  expect(String(events.at(-1)?.message)).toMatch(/put the statement into a migration of its own$/);
  expect(await versions()).toEqual([{ version: 1, dirty: false }]);
});

test('such a statement that fails half-way may run again', async () => {
  const unique = { ...first, '2_index.up.sql': 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id)' };
  await migrate(first);
  await postgres.run(database, 'INSERT INTO a VALUES (1), (1)');
  expect((await migrate(unique)).events).toMatchObject([{ event: 'failed', sqlstate: '23505' }]);
  expect(await versions()).toEqual([{ version: 2, dirty: true }]);
  await postgres.run(database, 'DELETE FROM a');
  const { code, events } = await migrate(unique);
  expect([code, events]).toMatchObject([1, [{ event: 'failed', file: 'app/migrations/2_index.up.sql' }]]);
  expect(String(events[0]?.message)).toMatch(/left the index a_id unfinished: make this migration DROP INDEX CONCURR/);
  const dropped = { ...first, '2_index.up.sql': 'DROP INDEX CONCURRENTLY IF EXISTS a_id' };
  const result = await migrate({ ...dropped, '3_index.up.sql': 'CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)' });
  expect(result).toMatchObject({ code: 0, events: [{ version: 2 }, { version: 3 }] });
  expect(await versions()).toEqual([{ version: 3, dirty: false }]);
});

test('any other migration that stopped half-way stops later runs with an explanation', async () => {
  await migrate(first);
  await postgres.run(database, 'UPDATE schema_migrations SET version = 2, dirty = true');
  const { code, events } = await migrate({ ...first, '2_more.up.sql': 'CREATE TABLE b ()' });
  expect([code, events]).toMatchObject([1, [{ event: 'failed', file: 'app/migrations/2_more.up.sql' }]]);
  expect(String(events[0]?.message)).toMatch(/^version 2 was begun and not finished/);
  expect(await postgres.run(database, "SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
});

const second = { '2_more.up.sql': 'CREATE TABLE b ()' };
const fourth = { '4_last.up.sql': 'DROP TABLE b' };

test.each<[string, Record<string, string>, object]>([
  [
    'is changed',
    { ...first, '2_more.up.sql': 'CREATE TABLE b (id int)', ...fourth },
    { conflict: 'rewritten', file: 'app/migrations/2_more.up.sql', message: expect.stringMatching(/changed since$/) },
  ],
  [
    'is gone',
    { ...first, ...fourth },
    { conflict: 'rewritten', message: 'version 2, more, has been applied and is gone' },
  ],
  [
    'is newer than one that was not',
    { ...first, ...second, '3_late.up.sql': 'CREATE TABLE c ()', ...fourth },
    { conflict: 'rewritten', file: 'app/migrations/3_late.up.sql' },
  ],
  [
    'is newer than the release and breaks it',
    { ...first, ...second },
    { conflict: 'too new', message: "the schema is too new for this release: version 4, last, drops what's needed" },
  ],
])('when an applied migration %s, nothing is done', async (_, files, expected) => {
  await migrate({ ...first, ...second, ...fourth });
  expect(await migrate(files)).toMatchObject({ code: 1, events: [{ event: 'failed', ...expected }] });
  expect(await versions()).toEqual([{ version: 4, dirty: false }]);
});

test('what was applied before anyone remembered is taken as it is, and from then on not to be changed', async () => {
  await migrate({ ...first, ...second });
  await postgres.run(database, 'DROP TABLE fairlead_migrations');
  const edited = { ...first, '2_more.up.sql': 'CREATE TABLE b (id int)' };
  expect(await migrate(edited)).toMatchObject({ code: 0, events: [{ event: 'current', version: 2 }] });
  expect(await migrate({ ...first, ...second })).toMatchObject({ code: 1, events: [{ conflict: 'rewritten' }] });
});

test('a migration that golang-migrate took back may be changed', async () => {
  await migrate({ ...first, ...second });
  await postgres.run(database, 'DROP TABLE b');
  await postgres.run(database, 'UPDATE schema_migrations SET version = 1');
  const edited = { ...first, '2_more.up.sql': 'CREATE TABLE b (id int)' };
  for (const event of ['applied', 'current'])
    expect(await migrate(edited)).toMatchObject({ code: 0, events: [{ event, version: 2 }] });
});

test('a migration may change where names are looked up', async () => {
  const moved = {
    '1_move.up.sql': "SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.a ();",
  };
  expect((await migrate({ ...moved, '2_more.up.sql': 'CREATE TABLE public.b ()' })).code).toBe(0);
  expect(await versions()).toEqual([{ version: 2, dirty: false }]);
});

test('twenty at once apply everything once', async () => {
  layOut({ '1_slow.up.sql': 'CREATE TABLE a (); SELECT pg_sleep(0.3);' });
  const results = await Promise.all(Array.from({ length: 20 }, () => run()));
  expect(results.filter(({ code }) => code !== 0)).toEqual([]);
  const events = results.flatMap((result) => result.events.map(({ event }) => event)).sort();
  expect(events).toEqual(['applied', ...Array(19).fill('current')]);
});

test('one that is killed in the middle leaves all or nothing of it, and the next one goes on', async () => {
  const files = { ...first, '2_fill.up.sql': 'INSERT INTO a VALUES (1); SELECT pg_sleep(0.5); CREATE TABLE b ();' };
  layOut(files);
  const killed = spawnProcess('./migrate.ts', configOf(postgres, { databases: [database] }), { BUNDLE: bundle });
  await until(async () => {
    const rows = await postgres.run(database, `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    return rows.length === 1;
  });
  killed.kill('SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  // PostgreSQL goes on with what it was told, and lets go of the lock after it.
  const { code, events } = await run();
  expect([code, events.map(({ version }) => version)]).toEqual([0, [2]]);
  expect(await postgres.run(database, 'SELECT id FROM a')).toEqual([{ id: 1 }]);
  expect(await versions()).toEqual([{ version: 2, dirty: false }]);
});

test('a migration whose server goes away in the middle is as if it had not begun', async () => {
  const files = { ...first, '2_fill.up.sql': 'INSERT INTO a VALUES (1); SELECT pg_sleep(30); CREATE TABLE b ();' };
  const cut = migrate(files);
  const [{ pid }] = (await until(async () => {
    const rows = await postgres.run(database, `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    return rows.length === 1 && rows;
  })) as [{ pid: number }];
  await postgres.run(database, `SELECT pg_terminate_backend(${pid})`);
  expect((await cut).code).toBe(1);
  expect(await versions()).toEqual([{ version: 1, dirty: false }]);
  const { code, events } = await migrate({ ...files, '2_fill.up.sql': 'INSERT INTO a VALUES (2);' });
  expect([code, events]).toMatchObject([0, [{ event: 'applied', version: 2 }]]);
  expect(await postgres.run(database, 'SELECT id FROM a')).toEqual([{ id: 2 }]);
});

test.each([
  ['files', '7_add.up.sql', 7],
  ['drizzle', '0000_first.sql', 0],
  ['drizzle/v1', '20250102030405_add/migration.sql', 20250102030405],
  ['prisma', '20250102030405_add/migration.sql', 20250102030405],
])('the layout of %s is applied: %s', async (_, file, version) => {
  const event = { event: 'applied', database, version, name: expect.stringMatching(/^(add|first)/) };
  expect(await migrate({ [file]: 'CREATE TABLE a ();' })).toEqual({ code: 0, events: [event] });
  expect(await postgres.run(database, 'SELECT version, dirty FROM schema_migrations')).toEqual([
    { version: String(version), dirty: false },
  ]);
  expect(await run()).toMatchObject({ code: 0, events: [{ event: 'current', version }] });
});

test('another that migrates is not waited for beyond the time limit', async () => {
  const slow = migrate({ '1_slow.up.sql': 'SELECT pg_sleep(3); CREATE TABLE a ();' });
  await until(async () => {
    const rows = await postgres.run(database, `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted`);
    return rows.length === 1;
  });
  const { code, events } = await migrate(first, {}, { FAIRLEAD_MIGRATE_WAIT: '100' });
  const message = 'another process has been migrating this database for more than 0.1 seconds';
  expect([code, events]).toEqual([1, [{ event: 'failed', database, message, sqlstate: '55P03' }]]);
  expect((await slow).code).toBe(0);
});

test('the configuration may come as text, as containers get it', async () => {
  const text = JSON.stringify(configOf(postgres, { databases: [database] }));
  const result = await migrate(first, {}, { ENCORE_INFRA_CONFIG_PATH: '', FAIRLEAD_INFRA_CONFIG: text });
  expect(result).toMatchObject({ code: 0, events: [{ event: 'applied', version: 1 }] });
});

test('makes the queues of the broker, and again', async () => {
  expect((await migrate(first, { orders: ['mail', 'stock'] })).code).toBe(0);
  expect((await migrate(first, { orders: ['mail', 'stock', 'audit'] })).code).toBe(0);
  const tables = await postgres.run(
    'postgres',
    `SELECT tablename FROM pg_tables WHERE schemaname = 'Broker "1"' ORDER BY 1`,
  );
  expect(tables.map(({ tablename }) => tablename)).toEqual(['orders/audit', 'orders/mail', 'orders/stock']);
});

test('a database that is not there is an error', async () => {
  await postgres.run('postgres', `DROP DATABASE ${database}`);
  const { code, events } = await migrate(first);
  expect([code, events]).toMatchObject([1, [{ event: 'failed', database, sqlstate: '3D000' }]]);
});
