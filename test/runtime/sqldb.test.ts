import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { openPool } from '../../runtime/postgres/connect.ts';
import { Transaction } from '../../runtime/storage/sqldb/database.ts';
import { SQLDatabase } from '../../runtime/storage/sqldb/mod.ts';
import { closePools } from '../../runtime/storage/sqldb/pool.ts';
import { Decimal } from '../../runtime/types/mod.ts';
import { unavailableIn } from '../../runtime/unavailable.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { configOf } from './support/config.ts';

let postgres: TestPostgres;
let directory: string;
const db = new SQLDatabase('test', { migrations: './migrations' });

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.run('postgres', 'CREATE DATABASE test');
  await postgres.run('test', 'CREATE TABLE notes (id serial PRIMARY KEY, text text NOT NULL, data jsonb)');
  directory = mkdtempSync(join(tmpdir(), 'fairlead-sqldb-'));
  const config = configOf(postgres, { databases: ['test'] });
  writeFileSync(join(directory, 'infra.config.json'), JSON.stringify(config));
  Object.assign(process.env, { ENCORE_INFRA_CONFIG_PATH: join(directory, 'infra.config.json'), TZ: 'Asia/Tokyo' });
});

afterAll(async () => {
  await closePools();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

const epoch = new Date('2026-01-31T10:00:00.123Z');

test.each([
  ['int8', 5n, '$1::int8', 5],
  ['int4', 5, '$1::int4', 5],
  ['float8', 0.5, '$1::float8', 0.5],
  ['numeric', new Decimal('1.50'), '$1::numeric', new Decimal('1.5')],
  ['a numeric that is no number', 'NaN', '$1::numeric', Number.NaN],
  ['bool', true, '$1::bool', true],
  ['json', { a: [1] }, '$1::json', { a: [1] }],
  ['a list of objects as jsonb', [{ a: 1 }], '$1::jsonb', [{ a: 1 }]],
  ['timestamptz', epoch, '$1::timestamptz', epoch],
  ['timestamp, in UTC', epoch, '$1::timestamp', epoch],
  ['timestamp before our era', '0044-03-15 12:00:00 BC', '$1::timestamp', new Date('-000043-03-15T12:00:00Z')],
  ['timestamp without an end', '-infinity', '$1::timestamp', Number.NEGATIVE_INFINITY],
  ['date before our era', '0044-03-15 BC', '$1::date', new Date('-000043-03-15T00:00:00Z')],
  ['date of a year with five digits', '12026-01-31', '$1::date', new Date('+012026-01-31T00:00:00Z')],
  ['date without an end', 'infinity', '$1::date', Number.POSITIVE_INFINITY],
  ['date, in UTC', epoch, '$1::date', new Date('2026-01-31T00:00:00Z')],
  ['bytea', Buffer.from([0, 255]), '$1::bytea', new Uint8Array([0, 255]).buffer],
  ['bytea from an ArrayBuffer', new Uint8Array([1, 2]).buffer, '$1::bytea', new Uint8Array([1, 2]).buffer],
  ['uuid', '0af76519-16cd-43dd-8448-eb211c80319c', '$1::uuid', '0af76519-16cd-43dd-8448-eb211c80319c'],
  ['inet', '10.0.0.1', '$1::inet', '10.0.0.1'],
  ['undefined as NULL', undefined, '$1::text', null],
  ['text[]', ['a', 'b,"c'], '$1::text[]', ['a', 'b,"c']],
  ['int8[]', [1n, 2n], '$1::int8[]', [1, 2]],
  ['timestamptz[]', [epoch], '$1::timestamptz[]', [epoch]],
  ['date[]', [epoch], '$1::date[]', [new Date('2026-01-31T00:00:00Z')]],
  ['numeric[]', ['1.5', null], '$1::numeric[]', [new Decimal('1.5'), null]],
])('%s', async (_, value, sql, expected) => {
  const row = await db.rawQueryRow(`SELECT ${sql} AS value`, value as never);
  expect(row?.value).toEqual(expected);
  if (expected instanceof ArrayBuffer) expect(new Uint8Array(row?.value)).toEqual(new Uint8Array(expected));
});

test('every form of a query', async () => {
  await db.exec`INSERT INTO notes (text, data) VALUES (${'a'}, ${{ x: 1 }})`;
  await db.rawExec('INSERT INTO notes (text) VALUES ($1), ($2)', 'b', 'c');
  expect(await db.queryAll<{ text: string }>`SELECT text FROM notes ORDER BY id`).toEqual([
    { text: 'a' },
    { text: 'b' },
    { text: 'c' },
  ]);
  expect(await db.rawQueryAll('SELECT text FROM notes WHERE text = ANY($1) ORDER BY id', ['a', 'c'])).toEqual([
    { text: 'a' },
    { text: 'c' },
  ]);
  expect(await db.queryRow`SELECT data FROM notes WHERE text = ${'a'}`).toEqual({ data: { x: 1 } });
  expect(await db.queryRow`SELECT 1 FROM notes WHERE text = ${'none'}`).toBeNull();
  const seen: string[] = [];
  for await (const { text } of db.query<{ text: string }>`SELECT text FROM notes WHERE id > ${0} ORDER BY id`) {
    seen.push(text);
    if (seen.length === 2) break;
  }
  for await (const { text } of db.rawQuery<{ text: string }>('SELECT text FROM notes WHERE text = $1', 'c'))
    seen.push(text);
  expect(seen).toEqual(['a', 'b', 'c']);
});

const texts = async () =>
  (await db.queryAll`SELECT text FROM notes WHERE text LIKE 'tx%' ORDER BY text`).map(({ text }) => text);

test('a transaction commits or rolls back, and is then closed', async () => {
  const kept = await db.begin();
  await kept.exec`INSERT INTO notes (text) VALUES ('tx kept')`;
  expect(await texts()).toEqual([]);
  for await (const _ of kept.query`SELECT generate_series(1, 2)`) await kept.exec`SELECT 1`;
  await kept.commit();
  await expect(kept.exec`SELECT 1`).rejects.toThrow('transaction closed');
  await expect(kept.rollback()).rejects.toThrow('transaction closed');
  const dropped = await db.begin();
  await dropped.exec`INSERT INTO notes (text) VALUES ('tx dropped')`;
  await dropped.rollback();
  {
    await using left = await db.begin();
    await left.exec`INSERT INTO notes (text) VALUES ('tx left')`;
  }
  expect(await texts()).toEqual(['tx kept']);
});

test('a transaction whose statement failed is rolled back, and `commit` says so', async () => {
  const tx = await db.begin();
  await tx.exec`INSERT INTO notes (text) VALUES ('tx lost')`;
  await expect(tx.exec`INSERT INTO notes (text) VALUES (${null})`).rejects.toThrow('null value');
  await expect(tx.commit()).rejects.toThrow('transaction rolled back: one of its statements had failed');
  await expect(tx.rollback()).rejects.toThrow('transaction closed');
  expect(await texts()).not.toContain('tx lost');
});

const wrong = (value: unknown) => value as never;

test.each<[string, () => unknown, string]>([
  ['text for a template', () => db.queryAll(wrong('SELECT 1')), 'a query is a template, as in queryAll`SELECT …`'],
  ['no template', () => db.query(wrong(undefined)).next(), 'a query is a template, as in queryAll`SELECT …`'],
  ['a template for text', () => db.rawExec(wrong(['SELECT 1'])), 'a query is text, not a value of type object'],
  [
    'a function for text',
    () => db.rawQueryRow(wrong(() => 'SELECT 1')),
    'a query is text, not a value of type function',
  ],
  ['no text', () => db.rawQuery(wrong(undefined)).next(), 'a query is text, not a value of type undefined'],
  ['a function', () => db.exec`SELECT ${wrong(() => 1)}::text`, 'a parameter of a query is a value, not a function'],
  [
    'a symbol in a list',
    () => db.exec`SELECT ${[Symbol('s')]}::text[]`,
    'a parameter of a query is a value, not a symbol',
  ],
  ['a date that is none', () => db.exec`SELECT ${new Date(Number.NaN)}::date`, 'Invalid time value'],
  [
    'more parameters than PostgreSQL counts',
    () => db.rawExec('SELECT $1::int', ...Array.from({ length: 65_537 }, () => 1)),
    'a query has 65535 parameters at most, and not 65537',
  ],
])('%s is refused, and the connection is of use after it', async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message);
  expect(await db.queryRow`SELECT 1 AS one`).toEqual({ one: 1 });
});

test('a statement with the wrong number of parameters is no database that cannot be reached', async () => {
  const error = await db.rawExec('SELECT $1::int', 1, 2).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: '08P01' });
  expect(unavailableIn(error)).toBeUndefined();
});

test('an acquired connection is the same one until it is closed', async () => {
  const connection = await db.acquire();
  await connection.exec`CREATE TEMPORARY TABLE mine (a int)`;
  expect(await connection.queryAll`SELECT * FROM mine`).toEqual([]);
  await connection.close();
  await connection.close();
  await expect(connection.exec`SELECT 1`).rejects.toThrow('connection closed');
});

test('an error carries the code of PostgreSQL and leads to the query', async () => {
  const error = await db.exec`INSERT INTO notes (text) VALUES (${null})`.catch((e: Error & { code: string }) => e);
  expect(error).toMatchObject({ code: '23502', message: expect.stringContaining('null value in column "text"') });
  expect((error as Error).stack).toContain('sqldb.test.ts');
});

test('a lost connection fails its query and no other', async () => {
  const pid = await db.queryRow`SELECT pg_backend_pid() AS pid`;
  await postgres.run('postgres', `SELECT pg_terminate_backend(${pid?.pid})`);
  const tx = await db.begin().catch(() => db.begin());
  const own = await tx.queryRow`SELECT pg_backend_pid() AS pid`;
  await postgres.run('postgres', `SELECT pg_terminate_backend(${own?.pid})`);
  await expect(tx.exec`SELECT 1`).rejects.toThrow();
  await expect(tx.rollback()).rejects.toThrow();
  expect(await db.queryRow`SELECT 1 AS one`).toEqual({ one: 1 });
});

test('a transaction that loses its connection tells of that, and not of its end', async () => {
  const lose = async () => {
    await using tx = await db.begin();
    const own = await tx.queryRow`SELECT pg_backend_pid() AS pid`;
    await postgres.run('postgres', `SELECT pg_terminate_backend(${own?.pid})`);
    await tx.exec`SELECT 1`;
  };
  const error = await lose().catch((reason: unknown) => reason);
  expect(unavailableIn(error)?.message).toBe('database test cannot be reached');
});

test('a transaction whose connection is lost unseen ends as its block does', async () => {
  const leave = async () => {
    await using tx = await db.begin();
    const own = await tx.queryRow`SELECT pg_backend_pid() AS pid`;
    await postgres.run('postgres', `SELECT pg_terminate_backend(${own?.pid})`);
    throw new Error('of the block');
  };
  await expect(leave()).rejects.toThrow('of the block');
});

test('a rollback that fails otherwise is told of at the end of the block', async () => {
  const field = (text: string) => Buffer.from(`${text}\0`);
  const fields = Buffer.concat([field('SERROR'), field('CXX000'), field('Mnot now'), Buffer.from([0])]);
  const message = (type: string, body: Buffer) => {
    const head = Buffer.from(`${type}....`);
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };
  const failure = Buffer.concat([message('E', fields), message('Z', Buffer.from('T'))]);
  const proxy = createServer((socket) => {
    const server = connect(postgres.port, '127.0.0.1').on('error', () => socket.destroy());
    socket.on('error', () => server.destroy()).on('close', () => server.destroy());
    server.pipe(socket);
    socket.on('data', (bytes) => (bytes.includes('ROLLBACK') ? socket.write(failure) : server.write(bytes)));
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  const pool = await openPool(
    { ...postgres, host: '127.0.0.1', port, database: 'test', ssl: false },
    { max: 1, min: 0 },
  );
  const leave = async () => {
    const client = await pool.connect();
    await using tx = new Transaction(client, 'test');
    await tx.exec`BEGIN`;
  };
  await expect(leave()).rejects.toThrow('not now');
  await pool.end();
  proxy.close();
});

test('a connection string works with any driver', async () => {
  const client = new Client({ connectionString: SQLDatabase.named('test').connectionString });
  await client.connect();
  expect((await client.query('SELECT current_database() AS name')).rows).toEqual([{ name: 'test' }]);
  await client.end();
});

test('a database that this process does not have', async () => {
  await expect(new SQLDatabase('other').exec`SELECT 1`).rejects.toThrow(
    'this database is not configured for use by this process',
  );
  expect(() => new SQLDatabase('toString').connectionString).toThrow('not configured');
});
