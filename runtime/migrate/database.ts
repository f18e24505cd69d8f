import { createHash } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Client, QueryConfig } from 'pg';
import type { MigrateEvent, MigrationEntry } from '../wire.ts';
import { Account, unmigrated } from './account.ts';
import { lineAndColumn } from './position.ts';
import { statementStarts } from './statements.ts';

export interface Migration extends Omit<MigrationEntry, 'sql'> {
  /** Where it is now. */
  path: string;
}

/** What kept a migration from being applied, and where. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: string | undefined;
  readonly place: { file?: string; line?: number; column?: number };
  readonly conflict: MigrateFailure['conflict'];

  constructor(
    message: string,
    place: MigrationError['place'],
    { cause, conflict }: { cause?: { code: string } | undefined; conflict?: MigrateFailure['conflict'] } = {},
  ) {
    super(message, { cause });
    this.code = cause?.code;
    this.place = place;
    this.conflict = conflict;
  }
}

type MigrateFailure = Extract<MigrateEvent, { event: 'failed' }>;

/** Applies the migrations that the database has not seen, once it is sure that what it has seen is what the list says. */
export async function migrateDatabase(
  client: Client,
  database: string,
  migrations: Migration[],
  emit: (event: MigrateEvent) => void,
): Promise<void> {
  const account = await Account.open(client);
  const { version: head, dirty } = await account.head();
  const unfinished = dirty ? await requireRetriable(client, head, migrations) : undefined;
  const before = unfinished ? (migrations.findLast(({ version }) => version < head)?.version ?? unmigrated) : head;
  await compare(account, migrations, before);
  const pending = migrations.filter(({ version }) => version > before);
  for (const migration of pending) {
    const started = performance.now();
    await apply(client, account, migration, migration === unfinished);
    const milliseconds = Math.round(performance.now() - started);
    emit({ event: 'applied', database, version: migration.version, name: migration.name, milliseconds });
  }
  if (pending.length === 0) emit({ event: 'current', database, version: head });
}

/** What has been applied must be in the list as it was, or come after it and be something the list's code can live with. */
async function compare(account: Account, migrations: Migration[], head: number): Promise<void> {
  const recorded = await account.upTo(head);
  const newest = recorded.at(-1)?.version ?? unmigrated;
  const files = new Map(migrations.map((migration) => [migration.version, migration]));
  const last = migrations.at(-1)?.version ?? unmigrated;
  for (const { version, name, hash, breaks } of recorded) {
    const known = files.get(version);
    if (version > last && breaks !== null)
      throw conflict(`the schema is too new for this release: version ${version}, ${name}, ${breaks}`, 'too new');
    if (version < last && !known)
      throw conflict(`version ${version}, ${name}, has been applied and is gone`, 'rewritten');
    if (known && known.hash !== hash)
      throw conflict(`${known.file} has been applied and is changed since`, 'rewritten', known);
  }
  const seen = new Set(recorded.map(({ version }) => version));
  const late = migrations.find(({ version }) => version < newest && !seen.has(version));
  if (late) throw conflict(`${late.file} is older than version ${newest}, which has been applied`, 'rewritten', late);
  // Applied before there was a record, or by golang-migrate: from now on they are not to change either.
  for (const migration of migrations.filter(({ version }) => version > newest && version <= head))
    await account.record(migration);
}

function conflict(message: string, kind: MigrateFailure['conflict'], migration?: Migration): MigrationError {
  return new MigrationError(message, migration ? { file: migration.file } : {}, { conflict: kind });
}

/**
 * The migration that was begun and not finished, when it can simply run again: one statement that refuses to run in a
 * transaction, which PostgreSQL itself is asked, without doing anything.
 */
async function requireRetriable(client: Client, head: number, migrations: Migration[]): Promise<Migration> {
  const migration = migrations.find(({ version }) => version === head);
  if (migration && (await isLoneStatement(client, sqlOf(migration)))) return migration;
  throw new MigrationError(
    `version ${head} was begun and not finished, so how much of it was done is not known: bring the schema to that version by hand, then run UPDATE schema_migrations SET dirty = false`,
    migration ? { file: migration.file } : {},
  );
}

async function isLoneStatement(client: Client, sql: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    // The extended protocol takes one statement only.
    await client.query({ text: sql, queryMode: 'extended' } as QueryConfig);
    return false;
  } catch (error) {
    return refusesTransaction(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** What is applied is what was reviewed: a disk that lost a file's text must not make an empty migration of it. */
function sqlOf({ path, hash, file }: Migration): string {
  const bytes = readFileSync(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== hash) throw new MigrationError('the file in the image is not the one that was built', { file });
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** File and record are one query, which PostgreSQL runs as one transaction: both are there afterwards, or neither. */
async function apply(client: Client, account: Account, migration: Migration, again: boolean): Promise<void> {
  const sql = sqlOf(migration);
  const { connection } = client as unknown as { connection: EventEmitter };
  let done = 0;
  const count = () => (done += 1);
  connection.on('commandComplete', count);
  try {
    await client.query(`${sql}\n;${account.applied(migration)}`);
  } catch (error) {
    const at = placeOf(error, sql, done);
    await client.query('ROLLBACK');
    if (!refusesTransaction(error)) throw failure(error, at, migration);
    await applyAlone(client, account, migration, again);
  } finally {
    connection.off('commandComplete', count);
  }
}

/** For a statement that refuses to run in a transaction, such as `CREATE INDEX CONCURRENTLY`. */
async function applyAlone(client: Client, account: Account, migration: Migration, again: boolean): Promise<void> {
  const sql = sqlOf(migration);
  const { version: head } = await account.head();
  await account.begin(migration.version);
  try {
    await client.query(sql);
  } catch (error) {
    // It stands beside other statements and was refused again: nothing has been done.
    if (refusesTransaction(error)) await account.reset(head);
    throw failure(error, placeOf(error, sql), migration, again ? await unfinishedIndexes(client) : []);
  }
  const left = again ? await unfinishedIndexes(client) : [];
  // With IF NOT EXISTS the second run takes the remains of the first for the index.
  if (left.length > 0) throw new MigrationError(wayOut(left), { file: migration.file });
  await client.query(account.applied(migration));
}

async function unfinishedIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE NOT i.indisvalid AND c.relkind = 'i' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

function wayOut(indexes: string[]): string {
  return `the run before left the index ${indexes.join(', ')} unfinished: make this migration DROP INDEX CONCURRENTLY IF EXISTS ${indexes[0]}, and create the index in the next one`;
}

function refusesTransaction(error: unknown): boolean {
  return (error as { code?: string }).code === '25001';
}

type Place = { line: number; column: number } | undefined;

/** Where PostgreSQL says that the error is; where it does not, the statement after those that were `done`. */
function placeOf(error: unknown, sql: string, done?: number): Place {
  const { position } = error as { position?: string };
  if (position !== undefined) return lineAndColumn(sql, Number(position));
  const start = done === undefined ? undefined : statementStarts(sql)?.[done];
  return start === undefined ? undefined : lineAndColumn(sql, [...sql.slice(0, start)].length + 1);
}

function failure(error: unknown, at: Place, { file }: Migration, unfinished: string[] = []): MigrationError {
  const { message, code } = error as { message: string; code?: string };
  const lone = refusesTransaction(error) ? ': put the statement into a migration of its own' : '';
  const left = unfinished.length > 0 ? `; ${wayOut(unfinished)}` : '';
  return new MigrationError(
    `${message}${lone}${left}`,
    { file, ...at },
    { cause: code === undefined ? undefined : { code } },
  );
}
