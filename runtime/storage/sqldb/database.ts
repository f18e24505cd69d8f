/// <reference lib="esnext.disposable" preserve="true" />
import { isLost } from '../../postgres/lost.ts';
import { spans } from '../../tracing/spans.ts';
import type { StringLiteral } from '../../types/literal.ts';
import { reaching } from '../../unavailable.ts';
import type { Client } from './client.ts';
import { connectionString, openedPool, poolOf } from './pool.ts';
import { Queries, type Row } from './queries.ts';
import { toParameter } from './values.ts';

/** Where migrations are, and who writes them. */
export interface SQLMigrationsConfig {
  /** A directory, relative to the declaring file. */
  path: string;
  /** The tool whose layout the files have. @default `1_name.up.sql`, `2_other.up.sql` and so on */
  source?: 'prisma' | 'drizzle' | 'drizzle/v1';
}

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface SQLDatabaseConfig {
  /** The directory of the migrations, relative to the declaring file. Absent: the schema is made elsewhere. */
  migrations?: string | SQLMigrationsConfig;
}

/** A PostgreSQL database. Connects at the first query. */
export class SQLDatabase extends Queries {
  readonly name: string;

  constructor(name: string, _config?: SQLDatabaseConfig) {
    super();
    this.name = name;
  }

  /** A database that another module declares. */
  static named<Name extends string>(name: StringLiteral<Name>): SQLDatabase {
    return new SQLDatabase(name);
  }

  /** For libraries that bring their own driver. Holds the password. @throws Error when the process does not have the database */
  get connectionString(): string {
    return connectionString(this.name);
  }

  /** A connection of one's own, to be closed. Waits 30 s for one at most. */
  async acquire(): Promise<Connection> {
    return new Connection(await connect(this.name), this.name);
  }

  /** Starts a transaction. `await using tx = await db.begin()` rolls back what was not committed. */
  async begin(): Promise<Transaction> {
    const client = await connect(this.name);
    try {
      await told(this.name, 'BEGIN', () => client.query('BEGIN'));
    } catch (error) {
      client.release(true);
      throw error;
    }
    return new Transaction(client, this.name);
  }

  protected run(sql: string, params: unknown[]): Promise<Row[]> {
    const pool = openedPool(this.name);
    if (pool) return execute(this.name, pool, sql, params);
    return poolOf(this.name).then((made) => execute(this.name, made, sql, params));
  }
}

/** A connection that nobody else uses; every use after `close` fails with `connection closed`. */
export class Connection extends Queries {
  readonly #database: string;
  #client: Client | undefined;

  /** @internal */
  constructor(client: Client, database: string) {
    super();
    this.#client = client;
    this.#database = database;
  }

  /** Gives the connection back; once more does nothing. */
  async close(): Promise<void> {
    this.#client?.release();
    this.#client = undefined;
  }

  protected async run(sql: string, params: unknown[]): Promise<Row[]> {
    if (!this.#client) throw new Error('connection closed');
    return execute(this.#database, this.#client, sql, params);
  }
}

/** Ends by `commit` or `rollback`; every use after that fails with `transaction closed`. */
export class Transaction extends Queries implements AsyncDisposable {
  readonly #database: string;
  #client: Client | undefined;

  /** @internal */
  constructor(client: Client, database: string) {
    super();
    this.#client = client;
    this.#database = database;
  }

  /**
   * @throws Error `transaction closed` when it has ended already, `transaction rolled back` after a statement that failed, else that of
   * PostgreSQL
   */
  commit(): Promise<void> {
    return this.#end('COMMIT');
  }

  /** @throws Error `transaction closed` when it has ended already */
  rollback(): Promise<void> {
    return this.#end('ROLLBACK');
  }

  /** Rolls back, unless it has ended. Where the connection is lost, so is the transaction: that is no failure of its own. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#client) return;
    try {
      await this.rollback();
    } catch (error) {
      // PostgreSQL rolls back what loses its connection. To throw would hide what made the block end (in a SuppressedError), be it the same loss.
      if (!isLost(error)) throw error;
    }
  }

  protected async run(sql: string, params: unknown[]): Promise<Row[]> {
    return execute(this.#database, this.#open(), sql, params);
  }

  /** A connection whose transaction did not end well is closed rather than used again. */
  async #end(command: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const client = this.#open();
    this.#client = undefined;
    let rolledBack = false;
    try {
      const ended = await told(this.#database, command, () => client.query(command));
      client.release();
      rolledBack = command === 'COMMIT' && ended.command === 'ROLLBACK';
    } catch (error) {
      client.release(true);
      throw error;
    }
    // PostgreSQL says so, and calls it no error.
    if (rolledBack) throw new Error('transaction rolled back: one of its statements had failed');
  }

  #open(): Client {
    if (!this.#client) throw new Error('transaction closed');
    return this.#client;
  }
}

/** PostgreSQL counts them with 16 bits: more would be taken for others. */
const mostParams = 65_535;

async function connect(database: string): Promise<Client> {
  const pool = await poolOf(database);
  return reaching(`database ${database}`, () => pool.connect(), isLost);
}

/** By text and values: a query as an object is copied by the driver, property by property, which takes longer than all that is done here. */
function execute(database: string, on: Pick<Client, 'query'>, sql: string, params: unknown[]): Promise<Row[]> {
  if (typeof sql !== 'string')
    return Promise.reject(new TypeError(`a query is text, not a value of type ${typeof sql}`));
  if (params.length > mostParams)
    return Promise.reject(new RangeError(`a query has ${mostParams} parameters at most, and not ${params.length}`));
  return told(database, sql, () => on.query(sql, params.map(toParameter))).then(rowsOf);
}

/** Of several statements in one text there are none. */
function rowsOf({ rows }: { rows?: Row[] }): Row[] {
  return rows ?? [];
}

/** Runs a statement, with a span of its own where spans are exported. */
function told<T>(database: string, sql: string, run: () => Promise<T>): Promise<T> {
  return reaching(`database ${database}`, () => spans()?.queried(database, sql, run) ?? run(), isLost);
}
