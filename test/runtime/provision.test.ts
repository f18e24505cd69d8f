import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { grantsOf } from '../../local/grants.ts';
import { scramVerifier } from '../../runtime/provision/scram.ts';
import type { ProvisionRequest } from '../../runtime/wire.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type AppProcess, killAll, spawnProcess, until } from './support/process.ts';

let postgres: TestPostgres;
let count = 0;
/** Of the environment of a test. */
let prefix: string;

/** As Amazon RDS makes the account of a server: it may do much, and is no superuser. */
const master = { name: 'master', password: 'm@ster' };

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.run(
    'postgres',
    `CREATE ROLE master LOGIN CREATEDB CREATEROLE PASSWORD 'm@ster'`,
    'ALTER DATABASE postgres OWNER TO master',
  );
});
afterAll(() => postgres.stop());
beforeEach(() => {
  prefix = `env${++count}`;
});
afterEach(killAll);

const name = (part: string) => `${prefix}_${part}`;
const login = (part: string) => ({ name: name(part), password: `p'${part}\\` });
const database = (part: string, users: string[], migrated = true) => ({
  name: part,
  physical: name(part),
  users: users.map(name),
  migrated,
});

function request(parts: Partial<ProvisionRequest> = {}): ProvisionRequest {
  const { host, port } = postgres;
  return {
    version: 1,
    action: 'create',
    server: { host: `${host}:${port}`, username: master.name, password: { $env: 'MASTER_PASSWORD' } },
    owner: login('owner'),
    roles: [login('orders'), login('mail')],
    databases: [database('orders', ['orders'])],
    ...parts,
  };
}

const start = (wanted: unknown): AppProcess =>
  spawnProcess(
    './provision.ts',
    {},
    {
      FAIRLEAD_PROVISION: typeof wanted === 'string' ? wanted : JSON.stringify(wanted),
      MASTER_PASSWORD: master.password,
    },
  );

async function provision(wanted: unknown) {
  const app = start(wanted);
  const code = await app.ended;
  return { code, events: app.lines.map(({ milliseconds: _, ...event }) => event) };
}

const done = (action = 'create', databases = ['orders']) => ({
  code: 0,
  events: [{ event: 'provisioned', action, databases }],
});

/** Runs statements as a role, with its password. */
async function as(part: string, where: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const { host, port } = postgres;
  const { name: user, password } = part === 'master' ? master : login(part);
  const client = new Client({ host, port, user, password, database: name(where) });
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

const exists = (kind: 'roles' | 'database') =>
  postgres
    .run('postgres', `SELECT ${kind === 'roles' ? 'rolname' : 'datname'} AS name FROM pg_${kind} ORDER BY 1`)
    .then((rows) => rows.map((row) => String(row.name)).filter((one) => one.startsWith(prefix)));

test('what migrations make after it is there for who uses the database, and for nobody else', async () => {
  expect(await provision(request())).toEqual(done());
  await as(
    'owner',
    'orders',
    'CREATE TABLE orders (id serial PRIMARY KEY, item text)',
    'CREATE SCHEMA more',
    'CREATE TABLE more.items (id int)',
  );
  await as(
    'orders',
    'orders',
    `INSERT INTO orders (item) VALUES ('a')`,
    'UPDATE more.items SET id = 1',
    'CREATE TEMP TABLE t (a int)',
  );
  expect(await as('orders', 'orders', 'SELECT * FROM orders')).toEqual([{ id: 1, item: 'a' }]);
  await expect(as('orders', 'orders', 'CREATE TABLE own (id int)')).rejects.toThrow(
    'permission denied for schema public',
  );
  await expect(as('orders', 'orders', 'TRUNCATE orders')).rejects.toThrow('permission denied for table orders');
  await expect(as('mail', 'orders', 'SELECT 1')).rejects.toThrow('permission denied for database');
});

test('no role may do more than log in, and none gets into the databases of others', async () => {
  await provision(request());
  const rows = await postgres.run(
    'postgres',
    `SELECT DISTINCT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolcanlogin FROM pg_roles WHERE rolname LIKE '${prefix}%'`,
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolbypassrls: false,
      rolreplication: false,
      rolcanlogin: true,
    },
  ]);
  const former = prefix;
  prefix = `${prefix}b`;
  await provision(request());
  const { host, port } = postgres;
  for (const other of [`${former}_orders`, 'postgres']) {
    const client = new Client({
      host,
      port,
      user: name('orders'),
      password: login('orders').password,
      database: other,
    });
    await expect(client.connect()).rejects.toThrow('permission denied for database');
  }
});

test('without migrations the users make the tables, each of them for all', async () => {
  await provision(request({ databases: [database('orders', ['orders', 'mail'], false)] }));
  await as('orders', 'orders', 'CREATE TABLE of_orders (id serial)');
  await as(
    'mail',
    'orders',
    'INSERT INTO of_orders DEFAULT VALUES',
    'CREATE SCHEMA mail',
    'CREATE TABLE mail.mails (id int)',
  );
  expect(await as('orders', 'orders', 'SELECT * FROM mail.mails')).toEqual([]);
});

test('what an extension brought is left as it is', async () => {
  await provision(request());
  await postgres.run(
    name('orders'),
    'CREATE TABLE of_the_superuser (id int)',
    'CREATE SCHEMA of_the_superuser',
    'CREATE SEQUENCE of_the_superuser.numbers',
  );
  expect(await provision(request())).toEqual(done());
  expect(await provision(request({ action: 'settle' }))).toEqual(done('settle'));
  await expect(as('orders', 'orders', 'SELECT * FROM of_the_superuser')).rejects.toThrow('permission denied');
});

describe('when databases go to other processes', () => {
  const before = () =>
    request({ roles: [login('app')], databases: [database('orders', ['app']), database('notes', ['app'], false)] });
  const next = (action: 'create' | 'settle') =>
    request({ action, databases: [database('orders', ['orders']), database('notes', ['mail'], false)] });

  beforeEach(async () => {
    await provision(before());
    await as('owner', 'orders', 'CREATE TABLE orders (id serial)');
    await as('app', 'orders', 'INSERT INTO orders DEFAULT VALUES');
    await as('app', 'notes', 'CREATE TABLE notes (id serial)', 'INSERT INTO notes DEFAULT VALUES');
  });

  test('both releases work at first', async () => {
    expect(await provision(next('create'))).toEqual(done('create', ['orders', 'notes']));
    expect(await as('orders', 'orders', 'SELECT * FROM orders')).toEqual([{ id: 1 }]);
    await as('app', 'orders', 'INSERT INTO orders DEFAULT VALUES');
  });

  test('and then the new one alone, with all that there is', async () => {
    await provision(next('create'));
    expect(await provision(next('settle'))).toEqual(done('settle', ['orders', 'notes']));
    expect(await exists('roles')).toEqual(['mail', 'orders', 'owner'].map(name).sort());
    expect(await as('orders', 'orders', 'INSERT INTO orders DEFAULT VALUES RETURNING id')).toEqual([{ id: 2 }]);
    expect(await as('mail', 'notes', 'INSERT INTO notes DEFAULT VALUES RETURNING id')).toEqual([{ id: 2 }]);
    await expect(as('mail', 'orders', 'SELECT 1')).rejects.toThrow('permission denied for database');
  });

  test('a process that stays loses what it no longer uses', async () => {
    const both = { roles: [login('app'), login('mail')] };
    await provision(request({ ...both, databases: [database('orders', ['app', 'mail'])] }));
    expect(await as('mail', 'orders', 'SELECT * FROM orders')).toEqual([{ id: 1 }]);
    await provision(request({ ...both, action: 'settle', databases: [database('orders', ['app'])] }));
    await expect(as('mail', 'orders', 'SELECT 1')).rejects.toThrow('permission denied for database');
    const left = await postgres.run(
      name('orders'),
      `SELECT count(*)::int FROM pg_default_acl, aclexplode(defaclacl) WHERE grantee = '${name('mail')}'::regrole`,
    );
    expect(left).toEqual([{ count: 0 }]);
    // What is not in the request stays, with nobody who may use it.
    expect(await exists('database')).toEqual(['notes', 'orders'].map(name));
    await expect(as('app', 'notes', 'SELECT 1')).rejects.toThrow('permission denied for database');
  });
});

test('a new password counts from then on', async () => {
  await provision(request());
  const roles = [{ ...login('orders'), password: 'changed' }, login('mail')];
  await provision(request({ roles }));
  await expect(as('orders', 'orders', 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('twenty at once make everything once', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => provision(request())));
  expect(results).toEqual(Array(20).fill(done()));
  await as('owner', 'orders', 'CREATE TABLE orders (id serial)');
  expect(await as('orders', 'orders', 'SELECT * FROM orders')).toEqual([]);
});

test('killed anywhere, it is continued by the next', async () => {
  const databases = ['a', 'b', 'c'].map((part) => database(part, ['orders'], part !== 'c'));
  for (let delay = 0; delay < 20; delay++) {
    const app = start(request({ databases }));
    await sleep(150 + delay * 15);
    app.kill('SIGKILL');
    await app.ended;
  }
  expect(await provision(request({ databases }))).toEqual(done('create', ['a', 'b', 'c']));
  for (const part of ['a', 'b']) {
    await as('owner', part, 'CREATE TABLE t (id int)');
    expect(await as('orders', part, 'SELECT * FROM t')).toEqual([]);
  }
  await as('orders', 'c', 'CREATE TABLE t (id int)');
});

test('drop sends everybody away and leaves nothing, also of what the request does not know', async () => {
  await provision(request({ databases: [database('orders', ['orders']), database('old', ['mail'])] }));
  await as('owner', 'old', 'CREATE TABLE t (id int)');
  const { host, port } = postgres;
  const client = new Client({
    host,
    port,
    user: name('orders'),
    password: login('orders').password,
    database: name('orders'),
  });
  let cut = false;
  client.on('error', () => {
    cut = true;
  });
  await client.connect();
  const dropping = request({ action: 'drop', roles: [login('orders')] });
  expect(await provision(dropping)).toEqual(done('drop'));
  await until(() => cut);
  expect([await exists('roles'), await exists('database')]).toEqual([[], []]);
  expect(await provision(dropping)).toEqual(done('drop'));
});

test('whose wait for another is ended says so', async () => {
  const client = new Client({ ...postgres, database: 'postgres' });
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [0x464c_0002]);
  const app = start(request());
  await until(async () => {
    const rows = await postgres.run('postgres', `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
    return rows.length === 1;
  });
  await postgres.run(
    'postgres',
    `SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
  );
  expect(await app.ended).toBe(1);
  expect(app.lines).toMatchObject([{ event: 'failed', sqlstate: '57014' }]);
  await client.end();
});

test.each([
  ['nothing', '', /FAIRLEAD_PROVISION is not set/],
  ['no JSON', '{"password": "secret', /^FAIRLEAD_PROVISION is not valid: it is not JSON$/],
  ['too little', '{"version": 1}', /^FAIRLEAD_PROVISION is not valid: missing field action/],
])('%s is refused', async (_, text, message) => {
  expect(await provision(text)).toEqual({
    code: 1,
    events: [{ event: 'failed', message: expect.stringMatching(message) }],
  });
});

test('a user that is no role, a variable that is missing and a wrong password are refused', async () => {
  const [stranger, missing, wrong] = await Promise.all([
    provision(request({ databases: [database('orders', ['stranger'])] })),
    provision(request({ owner: { name: name('owner'), password: { $env: 'NOT_SET' } } })),
    provision(request({ server: { ...request().server, password: 'wrong' } })),
  ]);
  expect(stranger.events).toMatchObject([
    { message: `FAIRLEAD_PROVISION is not valid: ${name('stranger')} is no role of it` },
  ]);
  expect(missing.events).toMatchObject([{ message: expect.stringContaining('NOT_SET, which is not set') }]);
  expect(wrong.events).toMatchObject([{ event: 'failed', sqlstate: '28P01' }]);
  expect(await exists('roles')).toEqual([]);
});

test('what PostgreSQL keeps of a password is what RFC 7677 says', () => {
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test.each([true, false])('roles may do what they may on a machine of their own (migrated: %p)', async (migrated) => {
  const tables = async (run: (statement: string) => Promise<unknown>) => {
    await run('CREATE TABLE t (id serial)');
    await run('CREATE SCHEMA s');
    await run('CREATE TABLE s.t (id serial)');
  };
  const matrix = (where: string) =>
    postgres.run(
      where,
      `SELECT replace(role, split_part(role, '_', 1), '') AS role, object, privilege,
         CASE kind WHEN 'd' THEN has_database_privilege(role, current_database(), privilege) WHEN 'n' THEN has_schema_privilege(role, object, privilege)
           WHEN 't' THEN has_table_privilege(role, object, privilege) ELSE has_sequence_privilege(role, object, privilege) END AS may
       FROM (VALUES ('d', 'database'), ('n', 'public'), ('n', 's'), ('t', 'public.t'), ('t', 's.t'), ('q', 'public.t_id_seq'), ('q', 's.t_id_seq')) AS objects (kind, object)
       JOIN (VALUES ('d', 'CONNECT'), ('d', 'CREATE'), ('d', 'TEMPORARY'), ('n', 'USAGE'), ('n', 'CREATE'), ('t', 'SELECT'), ('t', 'INSERT'), ('t', 'UPDATE'),
         ('t', 'DELETE'), ('t', 'TRUNCATE'), ('t', 'REFERENCES'), ('t', 'TRIGGER'), ('q', 'USAGE'), ('q', 'SELECT'), ('q', 'UPDATE')) AS privileges (of, privilege) ON of = kind
       CROSS JOIN unnest(ARRAY['orders', 'mail', 'other']) AS part CROSS JOIN LATERAL (SELECT split_part(current_database(), '_', 1) || '_' || part AS role) AS roles
       ORDER BY 1, 2, 3`,
    );
  const wanted = (one: string) => {
    prefix = `${one}${migrated ? 'm' : 'u'}`;
    return request({
      roles: [login('orders'), login('mail'), login('other')],
      databases: [database('orders', ['orders', 'mail'], migrated)],
    });
  };
  const ours = wanted('like');
  await provision(ours);
  const maker = migrated ? 'owner' : 'orders';
  await tables((statement) => as(maker, 'orders', statement));
  const seen = await matrix(name('orders'));
  await provision({ ...ours, action: 'settle' });
  expect(await matrix(name('orders'))).toEqual(seen);

  const { owner, roles, databases } = wanted('local');
  const login_ = [owner, ...roles].map(({ name }) => `CREATE ROLE ${name} LOGIN`);
  await postgres.run('postgres', ...login_, `CREATE DATABASE ${name('orders')} OWNER ${owner.name}`);
  await postgres.run('postgres', `REVOKE ALL ON DATABASE ${name('orders')} FROM PUBLIC`);
  const layout = {
    owner: { name: owner.name, password: '' },
    roles: roles.map((role) => ({ name: role.name, password: '', process: role.name })),
    databases,
  };
  const statements = grantsOf(layout).flatMap(({ grant }) => grant);
  await postgres.run(name('orders'), ...statements);
  await tables((statement) => postgres.run(name('orders'), `SET ROLE ${name(maker)}`, statement));
  expect(seen).toEqual(await matrix(name('orders')));
  expect(seen.filter(({ may }) => may).length).toBeGreaterThan(20);
});
