import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { identifier } from '../postgres/broker-schema.ts';
import { openClient } from '../postgres/connect.ts';
import type { Login, Wanted } from './request.ts';
import { scramVerifier } from './scram.ts';
import { disown, giveDatabase, literal, makeRole, markOf, takeDatabase } from './statements.ts';

/** The advisory lock that one provisioning of a server at a time holds: begins with `FL` in ASCII. */
const lock = 0x464c_0002;

/** How long others are waited for, and how long a statement may take. Milliseconds. */
const [longestWait, longestStatement] = [300_000, 120_000];

/** How long a server is asked that does not answer: it may just be starting. Milliseconds. */
const [patience, firstPause, longestPause] = [60_000, 200, 5_000];

/** A failure, and the database that it was in. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
  readonly database: string | undefined;

  constructor(message: string, database: string | undefined, cause: unknown) {
    super(message, { cause });
    this.database = database;
  }
}

/** Brings a server to what is wanted. Each step looks at what is there, so that a run that was killed is continued by the next. */
export async function provisionServer(wanted: Wanted): Promise<void> {
  const work = { create, settle, drop }[wanted.action];
  await connected(wanted, undefined, async (client) => {
    await client.query(`SET lock_timeout = ${longestWait}`);
    await client.query('SELECT pg_catalog.pg_advisory_lock($1)', [lock]);
    await client.query('SET lock_timeout = 0');
    await client.query(`SET statement_timeout = ${longestStatement}`);
    await requireVersion(client);
    await work(client, wanted);
  });
}

async function create(client: Client, wanted: Wanted): Promise<void> {
  const { owner, roles, databases } = wanted;
  for (const { name, password } of [owner, ...roles])
    await inTransaction(client, makeRole(name, scramVerifier(password), markOf(owner.name)));
  await closeToPublic(client, 'postgres');
  const existing = await databasesOf(client, owner.name);
  for (const { name, physical } of databases) {
    if (!existing.includes(physical))
      await client.query(`CREATE DATABASE ${identifier(physical)} OWNER ${identifier(owner.name)}`);
    await client.query(`REVOKE ALL ON DATABASE ${identifier(physical)} FROM PUBLIC`);
    await client.query(`COMMENT ON DATABASE ${identifier(physical)} IS ${literal(name)}`);
  }
  for (const database of databases) await inDatabase(wanted, database.physical, giveDatabase(database, owner.name));
}

async function settle(client: Client, wanted: Wanted): Promise<void> {
  await create(client, wanted);
  const { owner, roles, databases } = wanted;
  const existing = await databasesOf(client, owner.name);
  const leaving = (await rolesOf(client, owner)).filter((role) => ![owner, ...roles].some(({ name }) => name === role));
  const staying = roles.map(({ name }) => name);
  for (const physical of existing) {
    // A database that nothing uses any more stays with what is in it.
    const known = databases.find((database) => database.physical === physical);
    const database = known ?? { name: physical, physical, users: [], migrated: true };
    await inDatabase(wanted, physical, [
      ...leaving.flatMap((role) => disown(role, owner.name)),
      ...takeDatabase(physical, staying),
      ...giveDatabase(database, owner.name),
    ]);
  }
  for (const role of leaving) await client.query(`DROP ROLE ${identifier(role)}`);
}

/** First nobody can come in any more, then those inside are sent away. */
async function drop(client: Client, { owner, roles, databases }: Wanted): Promise<void> {
  const marked = await rolesOf(client, owner);
  const wanted = [owner, ...roles].map(({ name }) => name);
  const leaving = (await existingRoles(client, [...new Set([...marked, ...wanted])])).filter(Boolean);
  for (const role of leaving) await client.query(`ALTER ROLE ${identifier(role)} NOLOGIN`);
  await client.query(
    'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = ANY($1)',
    [leaving],
  );
  const owned = await databasesOf(client, owner.name);
  for (const physical of new Set([...owned, ...databases.map((database) => database.physical)]))
    await client.query(`DROP DATABASE IF EXISTS ${identifier(physical)} WITH (FORCE)`);
  for (const role of leaving)
    await inTransaction(client, [`DROP OWNED BY ${identifier(role)}`, `DROP ROLE ${identifier(role)}`]);
}

/** Membership with options is what makes this work without a superuser. */
async function requireVersion(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT pg_catalog.current_setting('server_version_num')::int AS version`,
  );
  const version = Math.floor((rows[0]?.version ?? 0) / 10_000);
  if (version < 16) throw new Error(`the server is PostgreSQL ${version}: 16 is the oldest that this works with`);
}

/** No way in for anyone who was not given one; on servers of others the database may not be ours to close. */
async function closeToPublic(client: Client, database: string): Promise<void> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT pg_catalog.has_database_privilege('public', oid, 'CONNECT') AND pg_catalog.pg_has_role(datdba, 'USAGE') AS open
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [database],
  );
  if (rows[0]?.open) await client.query(`REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC`);
}

async function databasesOf(client: Client, owner: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.pg_get_userbyid(datdba) = $1 ORDER BY datname',
    [owner],
  );
  return rows.map(({ datname }) => datname);
}

/** All that were ever made with this owner, and the owner itself. */
async function rolesOf(client: Client, { name }: Login): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(
    `SELECT rolname FROM pg_catalog.pg_roles WHERE pg_catalog.shobj_description(oid, 'pg_authid') = $1 ORDER BY rolname`,
    [markOf(name)],
  );
  return rows.map(({ rolname }) => rolname);
}

async function existingRoles(client: Client, names: string[]): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY($1) ORDER BY rolname',
    [names],
  );
  return rows.map(({ rolname }) => rolname);
}

async function inDatabase(wanted: Wanted, physical: string, statements: string[]): Promise<void> {
  if (statements.length === 0) return;
  await connected(wanted, physical, (client) => inTransaction(client, statements));
}

async function inTransaction(client: Client, statements: string[]): Promise<void> {
  await client.query('BEGIN');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    // What went wrong matters more, and a connection that is lost has rolled back by itself.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function connected(
  { server }: Wanted,
  database: string | undefined,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  try {
    const client = await connect({ ...server, ...(database !== undefined && { database }) });
    try {
      await work(client);
    } finally {
      // A connection that is already broken is closed.
      await client.end().catch(() => {});
    }
  } catch (error) {
    if (error instanceof ProvisionError) throw error;
    throw new ProvisionError((error as Error).message, database, error);
  }
}

async function connect(server: Wanted['server']): Promise<Client> {
  const end = Date.now() + patience;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const client = await openClient(server);
    client.on('error', () => {});
    try {
      await client.connect();
      // Who dies without a word lets go of the lock within a minute.
      await client.query(
        'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3',
      );
      return client;
    } catch (error) {
      // It never got as far as a connection; the error says why.
      await client.end().catch(() => {});
      if (!mayPass(error) || Date.now() + pause > end) throw error;
      await sleep(pause);
    }
  }
}

/** Not there yet, starting, or full: by the code of the system or the SQLSTATE. */
function mayPass(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  const passing = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', '57P03', '53300'];
  return passing.includes(code ?? '') || /^(timeout expired|Connection terminated)/.test(message ?? '');
}
