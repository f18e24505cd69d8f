import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import type { MigrateEvent } from '../wire.ts';
import { lineAndColumn } from './position.ts';

export interface Migration {
  version: number;
  name: string;
  /** As the user knows it. */
  file: string;
  /** Where it is now. */
  path: string;
}

/** A migration that PostgreSQL refused, and where. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: string | undefined;
  readonly place: { file?: string; line?: number; column?: number };

  constructor(message: string, place: MigrationError['place'], cause?: { code?: string }) {
    super(message, { cause });
    this.code = cause?.code;
    this.place = place;
  }
}

/**
 * Applies the migrations that the database has not seen, keeping account in `schema_migrations` the way golang-migrate does:
 * one row, the newest version, `dirty` while one is under way that cannot be undone.
 */
export async function migrateDatabase(
  client: Client,
  database: string,
  migrations: Migration[],
  emit: (event: MigrateEvent) => void,
): Promise<void> {
  const account = await openAccount(client);
  let head = await readHead(client, account, migrations);
  const pending = migrations.filter(({ version }) => version > head);
  for (const migration of pending) {
    const started = performance.now();
    await apply(client, account, migration, head);
    head = migration.version;
    const milliseconds = Math.round(performance.now() - started);
    emit({ event: 'applied', database, version: head, name: migration.name, milliseconds });
  }
  if (pending.length === 0) emit({ event: 'current', database, version: head });
}

/** The quoted name of the table; with its schema, since a migration may change where names are looked up. */
async function openAccount(client: Client): Promise<string> {
  const { rows } = await client.query<{ schema: string }>('SELECT quote_ident(current_schema()) AS schema');
  const account = `${rows[0]?.schema ?? 'public'}.schema_migrations`;
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${account} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)`,
  );
  return account;
}

/** @throws MigrationError when an earlier migration stopped half-way */
async function readHead(client: Client, account: string, migrations: Migration[]): Promise<number> {
  const { rows } = await client.query<{ version: number; dirty: boolean }>(
    `SELECT version, dirty FROM ${account} ORDER BY version DESC LIMIT 1`,
  );
  const [head] = rows;
  if (head?.dirty) {
    const file = migrations.find(({ version }) => version === head.version)?.file;
    throw new MigrationError(
      `version ${head.version} was begun and not finished, so how much of it was done is not known: bring the schema to that version by hand, then run UPDATE schema_migrations SET dirty = false`,
      file === undefined ? {} : { file },
    );
  }
  return head?.version ?? 0;
}

/** File and version are one query, which PostgreSQL runs as one transaction: both are there afterwards, or neither. */
async function apply(client: Client, account: string, migration: Migration, head: number): Promise<void> {
  const sql = readFileSync(migration.path, 'utf8').replace(/^\uFEFF/, '');
  try {
    await client.query(`${sql}\n;${setVersion(account, migration.version, false)}`);
  } catch (error) {
    await client.query('ROLLBACK');
    if (!refusesTransaction(error)) throw failure(error, sql, migration);
    await applyAlone(client, account, sql, migration, head);
  }
}

/** For a statement that refuses to run in a transaction, such as `CREATE INDEX CONCURRENTLY`. */
async function applyAlone(
  client: Client,
  account: string,
  sql: string,
  migration: Migration,
  head: number,
): Promise<void> {
  await client.query(setVersion(account, migration.version, true));
  try {
    await client.query(sql);
  } catch (error) {
    // It stands beside other statements and was refused again: nothing has been done.
    if (refusesTransaction(error)) await client.query(setVersion(account, head, false));
    throw failure(error, sql, migration);
  }
  await client.query(setVersion(account, migration.version, false));
}

function refusesTransaction(error: unknown): boolean {
  return (error as { code?: string }).code === '25001';
}

function setVersion(account: string, version: number, dirty: boolean): string {
  const insert = version > 0 ? `INSERT INTO ${account} (version, dirty) VALUES (${version}, ${dirty});` : '';
  return `DELETE FROM ${account}; ${insert}`;
}

function failure(error: unknown, sql: string, { file }: Migration): MigrationError {
  const { message, code, position } = error as { message: string; code?: string; position?: string };
  const hint = refusesTransaction(error) ? ': put the statement into a migration of its own' : '';
  const at = position === undefined ? {} : lineAndColumn(sql, Number(position));
  return new MigrationError(`${message}${hint}`, { file, ...at }, code === undefined ? undefined : { code });
}
