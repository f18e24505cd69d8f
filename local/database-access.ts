import { existsSync } from 'node:fs';
import type { Environment, Reporter } from '../pipeline/mod.ts';
import { readRecord } from './environments.ts';
import { identifier } from './grants.ts';
import { openKeys } from './keys.ts';
import type { DatabaseLayout } from './layout.ts';
import { Locks } from './lock.ts';
import { physicalName } from './names.ts';
import { databasesOf, grant, rolesOf } from './postgres/databases.ts';
import { ensureServer, type Server } from './postgres/server.ts';
import { type PrepareRequest, prepareEnvironment } from './prepare.ts';
import { openState } from './state.ts';

/** How a database is reached as its owner, who may change its schema. */
export interface DatabaseAddress {
  /** In the application. */
  name: string;
  host: string;
  port: number;
  user: string;
  password: string;
  /** On the server. */
  database: string;
}

/** The databases that an environment of this machine has, by name; starts the server when it has any. */
export async function databaseAddresses(stateDirectory: string, environment: Environment): Promise<DatabaseAddress[]> {
  if (!existsSync(stateDirectory)) return [];
  const state = openState(stateDirectory);
  if (!readRecord(state, environment)?.postgres) return [];
  const keys = openKeys(state);
  const server = await ensureServer(state, keys, new Locks(stateDirectory));
  const user = ownerOf(environment);
  return (await databasesOf(server, environment)).flatMap(({ name, physical }) =>
    name === null
      ? []
      : [{ name, host: '127.0.0.1', port: server.port, user, password: keys('password', user), database: physical }],
  );
}

/** As libraries take it. Holds the password. */
export function uriOf({ host, port, user, password, database }: DatabaseAddress): string {
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}?sslmode=disable`;
}

/**
 * Removes databases with all that is in them, and makes them anew by the migrations of the sources. What runs goes on: it is
 * disconnected, and may do afterwards what it could before.
 */
export async function resetDatabases(
  request: PrepareRequest,
  names: readonly string[],
  report: Reporter,
): Promise<{ migrations: Awaited<ReturnType<typeof prepareEnvironment>>['migrations'] }> {
  const { stateDirectory, plan } = request;
  const { environment } = plan;
  const state = openState(stateDirectory);
  const locks = new Locks(stateDirectory);
  const server = await report.step('Start PostgreSQL', () => ensureServer(state, openKeys(state), locks));
  const there = (await databasesOf(server, environment)).filter(({ name }) => name !== null && names.includes(name));
  const databases: DatabaseLayout['databases'] = [];
  for (const { name, physical } of there) {
    const migrated = plan.release.content.graph.databases.some(
      (one) => one.name === name && one.migrations !== undefined,
    );
    databases.push({ name: name ?? '', physical, migrated, users: await usersOf(server, environment, physical) });
  }
  await report.step('Remove databases', () =>
    locks.hold('postgres-catalog', () =>
      server.connect('postgres', async (client) => {
        for (const { physical } of databases)
          await client.query(`DROP DATABASE IF EXISTS ${identifier(physical)} WITH (FORCE)`);
      }),
    ),
  );
  const prepared = await prepareEnvironment(request, report);
  prepared.release();
  const roles = [...new Set(databases.flatMap(({ users }) => users))];
  const layout = {
    owner: { name: ownerOf(environment), password: '' },
    roles: roles.map((name) => ({ name, password: '', process: '' })),
    databases,
  };
  await locks.hold('postgres-catalog', () => grant(server, layout));
  return { migrations: prepared.migrations };
}

/** The roles of processes that may connect. */
async function usersOf(server: Server, environment: Environment, physical: string): Promise<string[]> {
  const roles = (await rolesOf(server, environment)).filter((role) => role !== ownerOf(environment));
  const { rows } = await server.connect('postgres', (client) =>
    client.query<{ role: string }>(
      `SELECT role FROM pg_catalog.unnest($1::text[]) AS role WHERE pg_catalog.has_database_privilege(role, $2, 'CONNECT')`,
      [roles, physical],
    ),
  );
  return rows.map(({ role }) => role);
}

function ownerOf({ application, name }: Environment): string {
  return physicalName('owner', application, name);
}
