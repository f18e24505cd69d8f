import type { Client } from 'pg';
import type { MigrationEntry } from '../wire.ts';

/** The version of a database without migrations, as golang-migrate counts: the first one of some tools is 0. */
export const unmigrated = -1;

type Applied = Pick<MigrationEntry, 'version' | 'name' | 'hash' | 'breaks'>;

/**
 * What has been applied to a database. `schema_migrations` is golang-migrate's: one row, the newest version, `dirty` while one
 * is under way that cannot be undone. It decides; `fairlead_migrations` beside it remembers what each migration was.
 */
export class Account {
  readonly #client: Client;
  readonly #newest: string;
  readonly #each: string;

  private constructor(client: Client, schema: string) {
    this.#client = client;
    this.#newest = `${schema}.schema_migrations`;
    this.#each = `${schema}.fairlead_migrations`;
  }

  /** The tables are named with their schema, since a migration may change where names are looked up. */
  static async open(client: Client): Promise<Account> {
    const { rows } = await client.query<{ schema: string }>('SELECT quote_ident(current_schema()) AS schema');
    const account = new Account(client, rows[0]?.schema ?? 'public');
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${account.#newest} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)`,
    );
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${account.#each} (version bigint NOT NULL PRIMARY KEY, name text NOT NULL, hash text NOT NULL, breaks text)`,
    );
    return account;
  }

  async head(): Promise<{ version: number; dirty: boolean }> {
    const { rows } = await this.#client.query<{ version: number; dirty: boolean }>(
      `SELECT version, dirty FROM ${this.#newest} ORDER BY version DESC LIMIT 1`,
    );
    return rows[0] ?? { version: unmigrated, dirty: false };
  }

  /** What is remembered of the versions up to `head`: golang-migrate may have gone back behind others. */
  async upTo(head: number): Promise<{ version: number; name: string; hash: string; breaks: string | null }[]> {
    const { rows } = await this.#client.query(
      `SELECT version, name, hash, breaks FROM ${this.#each} WHERE version <= $1 ORDER BY version`,
      [head],
    );
    return rows;
  }

  async record(migration: Applied): Promise<void> {
    await this.#client.query(this.#remember(migration));
  }

  async begin(version: number): Promise<void> {
    await this.#client.query(this.#set(version, true));
  }

  async reset(version: number): Promise<void> {
    await this.#client.query(this.#set(version, false));
  }

  /** SQL that says so: sent together with the migration it holds with it or not at all. */
  applied(migration: Applied): string {
    return `${this.#set(migration.version, false)} ${this.#remember(migration)}`;
  }

  #set(version: number, dirty: boolean): string {
    const insert =
      version > unmigrated ? `INSERT INTO ${this.#newest} (version, dirty) VALUES (${version}, ${dirty});` : '';
    return `DELETE FROM ${this.#newest}; ${insert}`;
  }

  #remember({ version, name, hash, breaks }: Applied): string {
    const [title, digest] = [name, hash].map((text) => this.#client.escapeLiteral(text));
    const reason = breaks === undefined ? 'NULL' : this.#client.escapeLiteral(breaks);
    return `INSERT INTO ${this.#each} (version, name, hash, breaks) VALUES (${version}, ${title}, ${digest}, ${reason})
      ON CONFLICT (version) DO UPDATE SET name = excluded.name, hash = excluded.hash, breaks = excluded.breaks;`;
  }
}
