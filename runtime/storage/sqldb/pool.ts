import type { Pool } from 'pg';
import { infra, resolveEnv } from '../../infra/config.ts';
import { openPool, type Server, splitHost, tlsOf } from '../../postgres/connect.ts';
import type { SqlDatabase } from '../../wire.ts';
import { shareOf, workerRole } from '../../workers/role.ts';

const pools = new Map<string, Promise<Pool>>();

/** Those of them that are there already. */
const opened = new Map<string, Pool>();

/** The pool of a database, made at its first use. */
export async function poolOf(database: string): Promise<Pool> {
  let pool = pools.get(database);
  if (!pool) {
    const { server, config } = serverOf(database);
    const opening = openPool(server, limitsOf(config));
    pools.set(database, opening);
    opening.then(
      (made) => pools.get(database) === opening && opened.set(database, made),
      // Whoever waits for it is told.
      () => {},
    );
    pool = opening;
  }
  return pool;
}

/** The pool of a database that has been used, for whom a promise for each statement is too slow. */
export function openedPool(database: string): Pool | undefined {
  return opened.get(database);
}

/** Of this process: its workers have a part of it each. */
function limitsOf({ max_connections = 100, min_connections = 0 }: SqlDatabase): { max: number; min: number } {
  const role = workerRole();
  if (!role) return { max: max_connections, min: min_connections };
  return { max: Math.max(1, shareOf(max_connections, role)), min: shareOf(min_connections, role) };
}

/** Closes every pool once its connections are back. */
export async function closePools(): Promise<void> {
  const open = [...pools.values()];
  pools.clear();
  opened.clear();
  await Promise.all(open.map(async (pool) => (await pool).end()));
}

export function connectionString(database: string): string {
  const { host, port, user, password, database: name, ssl } = serverOf(database).server;
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const mode = ssl ? (ssl.rejectUnauthorized ? 'verify-full' : 'require') : 'disable';
  if (host.startsWith('/')) {
    const query = new URLSearchParams({ host, port: String(port), sslmode: mode });
    return `postgresql://${credentials}@localhost/${encodeURIComponent(name)}?${query}`;
  }
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return `postgresql://${credentials}@${authority}/${encodeURIComponent(name)}?sslmode=${mode}`;
}

/** Where a database of the application is. @throws Error when the configuration does not say */
export function serverOf(database: string): { server: Server; config: SqlDatabase } {
  for (const { host, tls_config, databases } of infra().sql_servers ?? []) {
    const config = Object.hasOwn(databases, database) ? databases[database] : undefined;
    if (!config) continue;
    const server = {
      ...splitHost(host),
      user: resolveEnv(config.username, `the user of database ${database}`),
      password: resolveEnv(config.password, `the password of database ${database}`),
      database: config.name ?? database,
      ssl: tlsOf(tls_config, config.client_cert),
    };
    return { server, config };
  }
  throw new Error(`database ${database}: this database is not configured for use by this process`);
}
