import { startPostgres, type TestPostgres } from '../../../../support/postgres.ts';
import { type Door, openDatabaseDoor } from './door.ts';

export interface Master {
  username: string;
  password: string;
}

/** What stands behind a DB instance: a real PostgreSQL of its own, which starts when somebody connects for the first time. */
export interface DatabaseServer {
  host: string;
  port: number;
  setPassword(password: string): Promise<void>;
  /** Does something as who owns the machine, which no customer of RDS is. */
  run: TestPostgres['run'];
  stop(): Promise<void>;
}

export async function serveDatabase(
  master: Master,
  database: string | undefined,
  forceTls: () => boolean,
): Promise<DatabaseServer> {
  let started: Promise<TestPostgres> | undefined;
  let { password } = master;
  const open = () => {
    started ??= startPostgres().then(async (server) => {
      await prepare(server, { ...master, password }, database);
      return server;
    });
    return started;
  };
  const door: Door = await openDatabaseDoor({ open, forceTls });
  return {
    host: '127.0.0.1',
    port: door.port,
    async setPassword(next) {
      password = next;
      await (await started)?.run('postgres', `ALTER ROLE ${quoted(master.username)} PASSWORD ${literal(next)}`);
    },
    run: async (...statement) => (await open()).run(...statement),
    async stop() {
      door.close();
      await (await started)?.stop();
    },
  };
}

/**
 * Amazon RDS User Guide, "Understanding the rds_superuser role" and "Master user account privileges": the master user is no superuser;
 * it may create roles and databases, and owns the database `postgres`.
 */
async function prepare(
  server: TestPostgres,
  { username, password }: Master,
  database: string | undefined,
): Promise<void> {
  const master = quoted(username);
  await server.run(
    'postgres',
    'CREATE ROLE rds_superuser NOLOGIN',
    'GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION',
    `CREATE ROLE ${master} LOGIN CREATEDB CREATEROLE PASSWORD ${literal(password)} IN ROLE rds_superuser`,
    `ALTER DATABASE postgres OWNER TO ${master}`,
    ...(database ? [`CREATE DATABASE ${quoted(database)} OWNER ${master}`] : []),
  );
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
