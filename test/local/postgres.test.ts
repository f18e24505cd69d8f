import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type Keys, openKeys } from '../../local/keys.ts';
import type { DatabaseLayout } from '../../local/layout.ts';
import { Locks } from '../../local/lock.ts';
import { physicalName } from '../../local/names.ts';
import { accountFrom, barrier } from '../../local/postgres/account.ts';
import { dropDatabases, ensureDatabases, grant, migrationsSeen, settle } from '../../local/postgres/databases.ts';
import { ensureServer, findServer, removeServer, type Server } from '../../local/postgres/server.ts';
import { openState, type State } from '../../local/state.ts';
import { environmentOf, until } from '../conformance/tiny-app.ts';
import { processesUnder } from './support/harness.ts';

let root: string;
let state: State;
let keys: Keys;
let locks: Locks;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-postgres-'));
  chmodSync(root, 0o711);
  state = openState(join(root, 'state'));
  keys = openKeys(state);
  locks = new Locks(state.directory);
});
afterAll(async () => {
  await removeServer(state, locks, () => false);
  expect(existsSync(state.postgres)).toBe(false);
  await until(() => processesUnder(root).length === 0);
  rmSync(root, { recursive: true });
});

const ensure = () => ensureServer(state, keys, locks);
const postmaster = () => Number.parseInt(readFileSync(join(state.postgres, 'data', 'postmaster.pid'), 'utf8'), 10);

const program = fileURLToPath(new URL('support/server.ts', import.meta.url));

test('processes that ask at once get one server', async () => {
  const ports = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, state.directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return (await text(child.stdout)).trim();
    }),
  );
  const server = await ensure();
  expect(ports).toEqual(Array(3).fill(String(server.port)));
  expect(processesUnder(join(state.postgres, 'data')).filter((line) => line.includes('-D'))).toHaveLength(1);
});

test('listens on the loopback interface alone and lets nobody in without a password', async () => {
  const { port, connect } = await ensure();
  expect(await connect('postgres', async (client) => (await client.query('SHOW listen_addresses')).rows)).toEqual([
    { listen_addresses: '127.0.0.1' },
  ]);
  const stranger = new Client({
    host: '127.0.0.1',
    port,
    user: 'fairlead_admin',
    database: 'postgres',
    password: 'guess',
  });
  await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
});

test('a server that was killed starts again on its port with its data', async () => {
  const { port, connect } = await ensure();
  await connect('postgres', (client) => client.query('CREATE TABLE public.kept AS SELECT 1 AS one'));
  const pid = postmaster();
  process.kill(pid, 'SIGKILL');
  await until(async () => (await findServer(state, keys)) === undefined);
  const again = await ensure();
  expect(again.port).toBe(port);
  expect(postmaster()).not.toBe(pid);
  expect(
    await again.connect('postgres', async (client) => (await client.query('SELECT * FROM public.kept')).rows),
  ).toEqual([{ one: 1 }]);
});

test('a stale file of a crash that names a stranger stops nothing, least of all the stranger', async () => {
  await ensure();
  process.kill(postmaster(), 'SIGKILL');
  await until(async () => (await findServer(state, keys)) === undefined);
  const file = join(state.postgres, 'data', 'postmaster.pid');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
  await ensure();
  expect(postmaster()).not.toBe(process.pid);
});

test('takes another port when its own was taken meanwhile', async () => {
  const { port } = await ensure();
  process.kill(postmaster(), 'SIGKILL');
  await until(async () => (await findServer(state, keys)) === undefined);
  const thief = createServer().listen(port, '127.0.0.1');
  await once(thief, 'listening');
  try {
    expect((await ensure()).port).not.toBe(port);
  } finally {
    thief.close();
  }
});

test('stays when an environment came to need it meanwhile', async () => {
  await ensure();
  expect(await removeServer(state, locks, () => true)).toBe(false);
  expect(await findServer(state, keys)).toBeDefined();
});

const environment = environmentOf('pr-1');

function layout(processes: string[], change: Partial<DatabaseLayout> = {}): DatabaseLayout {
  const role = (name: string) => ({ name, password: keys('password', name) });
  const named = (process: string) => physicalName('role', 'tiny', 'pr-1', process);
  return {
    owner: role(physicalName('owner', 'tiny', 'pr-1')),
    roles: processes.map((process) => ({ process, ...role(named(process)) })),
    databases: [
      {
        name: 'notes',
        physical: physicalName('database', 'tiny', 'pr-1', 'notes'),
        users: [named('web')],
        migrated: true,
      },
      {
        name: 'free',
        physical: physicalName('database', 'tiny', 'pr-1', 'free'),
        users: [named('web'), named('back')],
        migrated: false,
      },
    ],
    broker: {
      schema: physicalName('schema', 'tiny', 'pr-1'),
      queues: [{ table: 'noted', publishers: [named('web')], subscriber: named('back') }],
    },
    ...change,
  };
}

/** What happens when the role runs the statement: its rows, or the server's message. */
async function as(
  server: Server,
  role: { name: string; password: string },
  database: string,
  statement: string,
): Promise<unknown> {
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: role.name,
    password: role.password,
    database,
  });
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

test('a role may do what the plan says, and nothing else', async () => {
  const server = await ensure();
  const wanted = layout(['web', 'back']);
  const [web, back] = wanted.roles as [DatabaseLayout['roles'][number], DatabaseLayout['roles'][number]];
  const [notes, free] = wanted.databases.map(({ physical }) => physical) as [string, string];
  const queue = `"${wanted.broker!.schema}".noted`;
  // Twice, as every step may be.
  for (let time = 0; time < 2; time++) await ensureDatabases(server, environment, wanted);
  await as(server, wanted.owner, notes, 'CREATE SCHEMA extra');
  await as(server, wanted.owner, notes, 'CREATE TABLE extra.t (id serial, text text)');
  expect(await as(server, wanted.owner, 'fairlead', `CREATE SCHEMA IF NOT EXISTS "${wanted.broker!.schema}"`)).toEqual(
    [],
  );
  await as(
    server,
    wanted.owner,
    'fairlead',
    `CREATE TABLE ${queue} (id bigint GENERATED ALWAYS AS IDENTITY, body text)`,
  );
  await grant(server, wanted);
  await settle(server, environment, wanted);

  const denied = expect.stringContaining('permission denied');
  expect(await as(server, web, notes, `INSERT INTO extra.t (text) VALUES ('a') RETURNING text`)).toEqual([
    { text: 'a' },
  ]);
  expect(await as(server, web, notes, 'CREATE TABLE public.mine ()')).toEqual(denied);
  expect(await as(server, web, notes, 'DROP TABLE extra.t')).toEqual(expect.stringContaining('must be owner'));
  expect(await as(server, back, notes, 'SELECT 1')).toEqual(denied);
  for (const database of ['postgres', 'template1']) expect(await as(server, web, database, 'SELECT 1')).toEqual(denied);

  expect(await as(server, web, 'fairlead', `INSERT INTO ${queue} (body) VALUES ('x')`)).toEqual([]);
  expect(await as(server, web, 'fairlead', `SELECT * FROM ${queue}`)).toEqual(denied);
  expect(await as(server, back, 'fairlead', `INSERT INTO ${queue} (body) VALUES ('x')`)).toEqual(denied);
  expect(await as(server, back, 'fairlead', `DELETE FROM ${queue} RETURNING body`)).toEqual([{ body: 'x' }]);

  // A table of a later migration.
  await as(server, wanted.owner, notes, 'CREATE TABLE later (id serial, text text)');
  expect(await as(server, web, notes, `INSERT INTO later (text) VALUES ('b') RETURNING id`)).toEqual([{ id: 1 }]);

  // An application that brings its own schema makes tables, and its other processes use them.
  expect(await as(server, web, free, 'CREATE TABLE own (text text)')).toEqual([]);
  expect(await as(server, back, free, `INSERT INTO own VALUES ('c') RETURNING text`)).toEqual([{ text: 'c' }]);
});

test('nothing that a migration makes or sets is run by the superuser', async () => {
  const server = await ensure();
  const { owner, databases } = layout(['web', 'back']);
  const [notes] = databases.map(({ physical }) => physical) as [string];
  const made = await as(
    server,
    owner,
    notes,
    `CREATE SCHEMA fairlead_admin;
     CREATE TABLE fairlead_admin.runs (who text);
     GRANT ALL ON SCHEMA fairlead_admin TO PUBLIC;
     GRANT ALL ON fairlead_admin.runs TO PUBLIC;
     CREATE FUNCTION fairlead_admin.evil() RETURNS bigint LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO fairlead_admin.runs VALUES (session_user); RETURN 99; END $$;
     CREATE FUNCTION fairlead_admin.evil(name, text) RETURNS boolean LANGUAGE sql AS
       $$ SELECT fairlead_admin.evil() IS NOT NULL $$;
     CREATE OPERATOR fairlead_admin.<> (LEFTARG = name, RIGHTARG = text, FUNCTION = fairlead_admin.evil);
     CREATE VIEW fairlead_admin.schema_migrations AS SELECT fairlead_admin.evil() AS version, false AS dirty;
     CREATE VIEW public.schema_migrations AS SELECT fairlead_admin.evil() AS version, false AS dirty;
     ALTER DATABASE "${notes}" SET search_path = fairlead_admin, pg_catalog`,
  );
  // A single statement would answer rows; an error would be its message.
  expect(typeof made).not.toBe('string');
  await grant(server, layout(['web', 'back']));
  await settle(server, environment, layout(['web', 'back']));
  expect((await migrationsSeen(server, environment)).get('notes')).toEqual({ head: -1, hashes: {} });
  expect(await as(server, owner, notes, 'SELECT who FROM fairlead_admin.runs')).toEqual([]);
  await as(server, owner, notes, `DROP SCHEMA fairlead_admin CASCADE; ALTER DATABASE "${notes}" RESET search_path`);
});

test('says which migrations a database has seen, whatever the application calls its own tables', async () => {
  const server = await ensure();
  const { owner, databases } = layout(['web', 'back']);
  const [notes, free] = databases.map(({ physical }) => physical) as [string, string];
  await as(
    server,
    owner,
    notes,
    'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false), (7, false)',
  );
  await as(server, owner, free, 'CREATE TABLE schema_migrations (id text PRIMARY KEY)');
  const none = { head: -1, hashes: {} };
  const found = async () => Object.fromEntries(await migrationsSeen(server, environment));
  expect(await found()).toEqual({ notes: { head: 7, hashes: {} }, free: none });
  await as(
    server,
    owner,
    notes,
    `CREATE TABLE fairlead_migrations (version bigint PRIMARY KEY, name text NOT NULL, hash text NOT NULL, breaks text);
     INSERT INTO fairlead_migrations VALUES (1, 'one', 'aa'), (7, 'seven', 'bb'), (8, 'gone back behind', 'cc')`,
  );
  expect(await found()).toEqual({ notes: { head: 7, hashes: { 1: 'aa', 7: 'bb' } }, free: none });
  // One that cannot be asked does not keep the others.
  await server.connect('postgres', (client) => client.query(`ALTER DATABASE "${free}" CONNECTION LIMIT 0`));
  expect(Object.keys(await found())).toEqual(['notes']);
  await server.connect('postgres', (client) => client.query(`ALTER DATABASE "${free}" CONNECTION LIMIT -1`));
});

test('a database that has left the plan is closed to the roles that used it', async () => {
  const server = await ensure();
  const former = layout(['web', 'back']);
  const [web] = former.roles as [DatabaseLayout['roles'][number]];
  const [notes, free] = former.databases as [DatabaseLayout['databases'][number], DatabaseLayout['databases'][number]];
  expect(await as(server, web, free.physical, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await settle(server, environment, { ...former, databases: [notes] });
  expect(await as(server, web, free.physical, 'SELECT 1')).toEqual(expect.stringContaining('permission denied'));
  expect(await as(server, web, notes.physical, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await settle(server, environment, former);
  expect(await as(server, web, free.physical, 'SELECT text FROM own')).toEqual([{ text: 'c' }]);
});

test('what the plan no longer says is taken away, and what a leaving role made stays', async () => {
  const server = await ensure();
  const former = layout(['web', 'back']);
  const back = former.roles[1]!;
  const [notes, free] = former.databases as [DatabaseLayout['databases'][number], DatabaseLayout['databases'][number]];
  await as(server, back, free.physical, 'CREATE TABLE of_back AS SELECT 1 AS one');

  const users = former.roles.map(({ name }) => name);
  await settle(server, environment, {
    ...former,
    databases: [
      { ...notes, users: [back.name] },
      { ...free, users },
    ],
  });
  expect(await as(server, back, notes.physical, 'SELECT text FROM later')).toEqual([{ text: 'b' }]);
  expect(await as(server, former.roles[0]!, notes.physical, 'SELECT 1')).toEqual(
    expect.stringContaining('permission denied'),
  );

  const web = former.roles[0]!;
  await settle(server, environment, {
    ...former,
    roles: [web],
    databases: [
      { ...notes, users: [] },
      { ...free, users: [web.name] },
    ],
  });
  expect(await as(server, back, free.physical, 'SELECT 1')).toEqual(expect.stringContaining('authentication failed'));
  expect(await as(server, web, free.physical, 'SELECT one FROM of_back')).toEqual([{ one: 1 }]);
});

test('drops everything of one environment though people are inside, and nothing of another', async () => {
  const server = await ensure();
  const other = environmentOf('pr-2');
  const owner = { name: physicalName('owner', 'tiny', 'pr-2'), password: 'x' };
  await ensureDatabases(server, other, {
    owner,
    roles: [],
    databases: [{ name: 'notes', physical: 'other_notes', users: [], migrated: true }],
  });
  const inside = layout(['web']);
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: inside.roles[0]!.name,
    password: inside.roles[0]!.password,
    database: inside.databases[1]!.physical,
  });
  client.on('error', () => {});
  await client.connect();
  const removed = await dropDatabases(server, environment);
  expect(removed).toEqual([
    `database ${inside.databases[1]!.physical}`,
    `database ${inside.databases[0]!.physical}`,
    `queues ${inside.broker!.schema}`,
    ...[inside.owner.name, inside.roles[0]!.name].sort().map((name) => `role ${name}`),
  ]);
  expect(await dropDatabases(server, environment)).toEqual([]);
  expect(await dropDatabases(server, other)).toEqual(['database other_notes', `role ${owner.name}`]);
});

test.each([
  [
    'root:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\nnobody:x:65534:65533::/:/bin/sh',
    { name: 'postgres', uid: 101, gid: 104 },
  ],
  ['root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/sh\n', { name: 'nobody', uid: 65534, gid: 65533 }],
  ['root:x:0:0::/root:/bin/sh\nnobody:x:0:0::/:/bin/sh', undefined],
])('as root it runs as a user that is no one', (passwd, account) => {
  expect(accountFrom(passwd)).toEqual(account);
});

test('finds the directory that keeps the user out', () => {
  const account = { name: 'nobody', uid: 65534, gid: 65533 };
  const closed = join(root, 'closed');
  mkdirSync(join(closed, 'open', 'inner'), { recursive: true });
  chmodSync(closed, 0o700);
  expect(barrier(join(closed, 'open', 'inner'), account)).toBe(closed);
  expect(barrier(join(root, 'state'), account)).toBeUndefined();
});

// The other half runs when the tests do not run as root.
(process.getuid?.() === 0 ? test : test.skip)('works for an ordinary user as well', async () => {
  const nobody = accountFrom(readFileSync('/etc/passwd', 'utf8'))!;
  const own = mkdtempSync(join(tmpdir(), 'fairlead-user-'));
  chownSync(own, nobody.uid, nobody.gid);
  const directory = join(own, 'state');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, directory], {
    uid: nobody.uid,
    gid: nobody.gid,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(Number(await text(child.stdout))).toBeGreaterThan(0);
  const theirs = openState(directory);
  expect(await findServer(theirs, openKeys(theirs))).toBeDefined();
  await removeServer(theirs, new Locks(directory), () => false);
  rmSync(own, { recursive: true });
});
