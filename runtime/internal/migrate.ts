import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Client } from 'pg';
import { infra, resolveEnv } from '../infra/config.ts';
import { StartError } from '../infra/error.ts';
import log from '../log/mod.ts';
import { type Migration, MigrationError, migrateDatabase } from '../migrate/database.ts';
import { brokerSchema } from '../postgres/broker-schema.ts';
import { openClient, type Server, splitHost } from '../postgres/connect.ts';
import { serverOf } from '../storage/sqldb/pool.ts';
import type { MigrateEvent, Migrations } from '../wire.ts';

/** How long another process that migrates is waited for, unless `FAIRLEAD_MIGRATE_WAIT` says another time. Milliseconds. */
const longestWait = 600_000;

/** The advisory lock that one migration at a time holds: begins with `FL` in ASCII. */
const lock = 0x464c_0001;

/**
 * Brings every database of `migrations.json`, beside the running program, and the broker's queues up to date; run with the
 * owner's credentials. Writes `MigrateEvent`s on the standard output; the process exits with 1 when one failed.
 */
export async function migrate(): Promise<void> {
  try {
    const directory = dirname(resolve(process.argv[1] ?? '.'));
    const { databases } = readMigrations(resolve(directory, 'migrations.json'));
    await createQueues();
    for (const [name, files] of Object.entries(databases)) {
      const migrations = files.map(({ sql, ...rest }) => ({ ...rest, path: resolve(directory, sql) }));
      if (!(await upgrade(name, migrations))) process.exit(1);
    }
  } catch (error) {
    if (error instanceof StartError) log.error(error.message, { code: error.code, help: error.help });
    else log.error(error, 'the migrations could not be run');
    process.exit(1);
  }
}

function readMigrations(path: string): Migrations {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Migrations;
  } catch (error) {
    throw new StartError(
      'FL6006',
      `the list of migrations ${path} cannot be read: ${(error as Error).message}`,
      'Build the release again: the file belongs beside the program.',
    );
  }
}

async function upgrade(database: string, migrations: Migration[]): Promise<boolean> {
  const emit = (event: MigrateEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
  try {
    await connected(serverOf(database).server, (client) =>
      locked(client, () => migrateDatabase(client, database, migrations, emit)),
    );
    return true;
  } catch (error) {
    const known =
      error instanceof MigrationError
        ? { ...error.place, ...(error.conflict !== undefined && { conflict: error.conflict }) }
        : {};
    const { cause = error } = error as Error;
    const sqlstate = (cause as { code?: unknown }).code;
    const state = typeof sqlstate === 'string' && /^[0-9A-Z]{5}$/.test(sqlstate) ? { sqlstate } : {};
    emit({ event: 'failed', database, message: (error as Error).message, ...state, ...known });
    return false;
  }
}

async function createQueues(): Promise<void> {
  const broker = infra().fairlead?.broker;
  if (!broker) return;
  const { host, database, username: user } = broker;
  const password = resolveEnv(broker.password, 'the password of the broker');
  await connected({ ...splitHost(host), database, user, password, ssl: false }, (client) =>
    locked(client, async () => {
      for (const statement of brokerSchema(broker)) await client.query(statement);
    }),
  );
}

async function connected(server: Server, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await openClient(server);
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(
      'FL6007',
      `database ${server.database} on ${server.host}:${server.port} cannot be reached: ${(error as Error).message}`,
      'See that the server runs and that the configured user and password are let in.',
      { cause: error },
    );
  }
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Another process that migrates the same database is waited for, but not for ever. */
async function locked(client: Client, work: () => Promise<void>): Promise<void> {
  const wait = Number(process.env.FAIRLEAD_MIGRATE_WAIT) || longestWait;
  try {
    await client.query(`SET lock_timeout = ${wait}`);
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    throw new MigrationError(
      `another process has been migrating this database for more than ${wait / 1000} seconds`,
      {},
      { cause: { code: '55P03' } },
    );
  }
  await client.query('RESET lock_timeout');
  await work();
}
