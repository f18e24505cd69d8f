import type { Client } from 'pg';
import { type Environment, unmigrated } from '../../pipeline/mod.ts';
import { ensureRole, type Grants, grantsOf, identifier, literal } from '../grants.ts';
import { brokerDatabase, type DatabaseLayout } from '../layout.ts';
import { physicalName } from '../names.ts';
import type { Server } from './server.ts';

/** Makes the roles, databases and the broker's schema that are missing, and takes away what is public by default. */
export async function ensureDatabases(server: Server, environment: Environment, layout: DatabaseLayout): Promise<void> {
  const owner = identifier(layout.owner.name);
  await server.connect('postgres', async (client) => {
    await prepare(client);
    for (const { name, password } of [layout.owner, ...layout.roles])
      await inTransaction(client, ensureRole(name, password, mark(environment)));
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_catalog.pg_database');
    for (const { name, physical } of layout.databases) {
      // On a quiet server copying the small template is several times quicker than logging each of its pages.
      if (!rows.some(({ datname }) => datname === physical))
        await client.query(`CREATE DATABASE ${identifier(physical)} OWNER ${owner} STRATEGY file_copy`);
      await client.query(`REVOKE ALL ON DATABASE ${identifier(physical)} FROM PUBLIC`);
      await client.query(`COMMENT ON DATABASE ${identifier(physical)} IS ${literal(name)}`);
    }
  });
  // What a process made at run time is its own, and the owner's, too.
  const roles = (await rolesOf(server, environment)).filter((role) => role !== layout.owner.name);
  if (roles.length > 0)
    await server.connect('postgres', (client) =>
      client.query(`GRANT ${roles.map(identifier).join(', ')} TO ${owner} WITH INHERIT TRUE`),
    );
  if (!layout.broker) return;
  const { schema } = layout.broker;
  await server.connect(brokerDatabase, (client) =>
    inTransaction(client, [
      `GRANT CONNECT, CREATE ON DATABASE ${identifier(brokerDatabase)} TO ${owner}`,
      `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)} AUTHORIZATION ${owner}`,
    ]),
  );
}

/** What every server has: the broker's database, and no way in for anyone who was not given one. */
async function prepare(client: Client): Promise<void> {
  await client.query('REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC');
  const { rowCount } = await client.query('SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1', [brokerDatabase]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${identifier(brokerDatabase)}`);
  await client.query(`REVOKE ALL ON DATABASE ${identifier(brokerDatabase)} FROM PUBLIC`);
}

/** Gives every role what the plan says, and leaves what it had: the former release may still run on it. */
export function grant(server: Server, layout: DatabaseLayout): Promise<void> {
  return perDatabase(server, grantsOf(layout), (grants) => grants.grant);
}

/** Brings every role to exactly what the plan says, and removes the roles of processes that are no more. */
export async function settle(server: Server, environment: Environment, layout: DatabaseLayout): Promise<void> {
  await perDatabase(server, grantsOf(layout), (grants) => [...grants.revoke, ...grants.grant]);
  const databases = (await databasesOf(server, environment)).map(({ physical }) => physical);
  await perDatabase(server, grantsOf(withoutPlan(layout, databases)), (grants) => grants.revoke);
  const wanted = [layout.owner, ...layout.roles].map(({ name }) => name);
  const leaving = (await rolesOf(server, environment)).filter((role) => !wanted.includes(role));
  if (leaving.length === 0) return;
  for (const database of [...databases, brokerDatabase])
    await server.connect(database, (client) =>
      inTransaction(
        client,
        leaving.flatMap((role) => disown(role, layout.owner.name)),
      ),
    );
  await server.connect('postgres', (client) =>
    inTransaction(
      client,
      leaving.map((role) => `DROP ROLE ${identifier(role)}`),
    ),
  );
}

/** The databases that the plan has left behind, which stay with what is in them, as if every role had used them. */
function withoutPlan({ owner, roles, databases }: DatabaseLayout, existing: string[]): DatabaseLayout {
  const users = roles.map(({ name }) => name);
  return {
    owner,
    roles,
    databases: existing
      .filter((physical) => !databases.some((one) => one.physical === physical))
      .map((physical) => ({ name: physical, physical, users, migrated: true })),
  };
}

/** Removes everything of the environment on the server, whoever made it; says what that was. */
export async function dropDatabases(server: Server, environment: Environment): Promise<string[]> {
  const roles = await rolesOf(server, environment);
  const databases = (await databasesOf(server, environment)).map(({ physical }) => physical);
  const schema = physicalName('schema', environment.application, environment.name);
  const removed: string[] = [];
  // First nobody can come in any more, then those inside are sent away.
  await server.connect('postgres', async (client) => {
    for (const role of roles) await client.query(`ALTER ROLE ${identifier(role)} NOLOGIN`);
    await client.query(
      'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = ANY($1)',
      [roles],
    );
    for (const database of databases) {
      await client.query(`DROP DATABASE IF EXISTS ${identifier(database)} WITH (FORCE)`);
      removed.push(`database ${database}`);
    }
  });
  await server.connect(brokerDatabase, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
    await inTransaction(client, [
      `DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`,
      ...roles.flatMap((role) => [`DROP OWNED BY ${identifier(role)} CASCADE`, `DROP ROLE ${identifier(role)}`]),
    ]);
    if (rowCount) removed.push(`queues ${schema}`);
  });
  return [...removed, ...roles.map((role) => `role ${role}`)];
}

/**
 * Per database, by its name in the application, what it has really seen of migrations. A database that cannot tell is left out.
 * Read as the owner: what a migration has made may be code, and shall not be the superuser's.
 */
export async function migrationsSeen(server: Server, environment: Environment): Promise<Map<string, Seen>> {
  const seen = (await databasesOf(server, environment)).map(async ({ physical, name }): Promise<[string, Seen][]> => {
    if (name === null) return [];
    try {
      return [[name, await server.connect(physical, seenBy, ownerOf(environment))]];
    } catch {
      return [];
    }
  });
  return new Map((await Promise.all(seen)).flat());
}

/** What a database has seen of migrations. */
export interface Seen {
  /** The version of the newest. */
  head: number;
  /** The SHA-256 of the files in hex, by version, of those that are remembered. */
  hashes: Record<number, string>;
}

/** Looks where migrations keep account. An application may have a table of that name for itself: ours has our columns. */
async function seenBy(client: Client): Promise<Seen> {
  await client.query("SET statement_timeout = '5s'");
  const newest = await tableOf(client, 'schema_migrations', { version: 'int8', dirty: 'bool' });
  if (newest === undefined) return { head: unmigrated, hashes: {} };
  const { rows } = await client.query<{ version: string | null }>(
    `SELECT pg_catalog.max(version) AS version FROM ${newest}`,
  );
  const head = Number(rows[0]?.version ?? unmigrated);
  const each = await tableOf(client, 'fairlead_migrations', { version: 'int8', hash: 'text' });
  if (each === undefined) return { head, hashes: {} };
  const remembered = await client.query<{ version: string; hash: string }>(
    `SELECT version, hash FROM ${each} WHERE version OPERATOR(pg_catalog.<=) $1`,
    [head],
  );
  return { head, hashes: Object.fromEntries(remembered.rows.map(({ version, hash }) => [version, hash])) };
}

/** A table of the current schema with these columns, as SQL names it. */
async function tableOf(client: Client, name: string, columns: Record<string, string>): Promise<string | undefined> {
  const typed = Object.entries(columns).map(
    ([column, type]) => `(${literal(column)}, ${literal(`pg_catalog.${type}`)}::pg_catalog.regtype)`,
  );
  const { rows } = await client.query<{ table: string }>(
    `SELECT pg_catalog.format('%I.%I', nspname, relname) AS table
     FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = pg_catalog.current_schema() AND relname = ${literal(name)} AND relkind = 'r' AND ${typed.length} = (
       SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_class.oid AND NOT attisdropped
       AND (attname, atttypid) IN (${typed.join(', ')}))`,
  );
  return rows[0]?.table;
}

/** Whose a role is, said by the server itself: nothing else has to remember it. */
function mark({ application, name }: Pick<Environment, 'application' | 'name'>): string {
  return JSON.stringify(['fairlead', application, name]);
}

export async function rolesOf(server: Server, environment: Environment): Promise<string[]> {
  const { rows } = await server.connect('postgres', (client) =>
    client.query<{ rolname: string }>(
      `SELECT rolname FROM pg_catalog.pg_roles WHERE pg_catalog.shobj_description(oid, 'pg_authid') = ${literal(mark(environment))} ORDER BY rolname`,
    ),
  );
  return rows.map(({ rolname }) => rolname);
}

export async function databasesOf(
  server: Server,
  environment: Environment,
): Promise<{ physical: string /** In the application. */; name: string | null }[]> {
  const { rows } = await server.connect('postgres', (client) =>
    client.query<{ physical: string; name: string | null }>(
      `SELECT datname AS physical, pg_catalog.shobj_description(pg_database.oid, 'pg_database') AS name
       FROM pg_catalog.pg_database JOIN pg_catalog.pg_roles ON pg_roles.oid = datdba WHERE rolname = $1 ORDER BY datname`,
      [ownerOf(environment)],
    ),
  );
  return rows;
}

function ownerOf({ application, name }: Environment): string {
  return physicalName('owner', application, name);
}

/** What a role made stays, with the owner; what it was allowed to do goes. */
function disown(role: string, owner: string): string[] {
  return [`REASSIGN OWNED BY ${identifier(role)} TO ${identifier(owner)}`, `DROP OWNED BY ${identifier(role)}`];
}

async function perDatabase(server: Server, all: Grants[], statements: (grants: Grants) => string[]): Promise<void> {
  for (const [database, grants] of Map.groupBy(all, (one) => one.database)) {
    const wanted = grants.flatMap(statements);
    if (wanted.length > 0) await server.connect(database, (client) => inTransaction(client, wanted));
  }
}

async function inTransaction(client: Client, statements: string[]): Promise<void> {
  await client.query('BEGIN');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
