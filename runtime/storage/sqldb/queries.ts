import { Rows } from './rows.ts';

/** What a query can be given: objects travel as JSON, `undefined` as NULL. */
export type Primitive =
  | string
  | string[]
  | number
  | number[]
  | boolean
  | boolean[]
  | Uint8Array
  | Date
  | Date[]
  | bigint
  | bigint[]
  | Record<string, unknown>
  | Record<string, unknown>[]
  | object
  | null
  | undefined;

/**
 * A row by its columns' names: `int8` as a number, `numeric` as a `Decimal`, times as dates, `bytea` as an `ArrayBuffer`, JSON as what it
 * holds, all others as text.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a column holds is for the caller to say
export type Row = Record<string, any>;

/** Every form of a query; the values of a template become `$1 … $n`. Failures are Errors with PostgreSQL's code as `code`. */
export abstract class Queries {
  /** Runs one statement and answers its rows. */
  protected abstract run(sql: string, params: unknown[]): Promise<Row[]>;

  /** The rows one by one. */
  query<T extends Row = Row>(
    strings: TemplateStringsArray,
    ...params: Primitive[]
  ): AsyncGenerator<T, void, undefined> {
    return new Rows(() => this.run(statement(strings), params) as Promise<T[]>);
  }

  /** The rows one by one, of text with `$1 … $n`. */
  rawQuery<T extends Row = Row>(sql: string, ...params: Primitive[]): AsyncGenerator<T, void, undefined> {
    return new Rows(() => this.run(sql, params) as Promise<T[]>);
  }

  /** All rows. */
  async queryAll<T extends Row = Row>(strings: TemplateStringsArray, ...params: Primitive[]): Promise<T[]> {
    return (await this.run(statement(strings), params)) as T[];
  }

  /** All rows, of text with `$1 … $n`. */
  async rawQueryAll<T extends Row = Row>(sql: string, ...params: Primitive[]): Promise<T[]> {
    return (await this.run(sql, params)) as T[];
  }

  /** The first row, or null. */
  async queryRow<T extends Row = Row>(strings: TemplateStringsArray, ...params: Primitive[]): Promise<T | null> {
    const [row] = await this.run(statement(strings), params);
    return (row as T | undefined) ?? null;
  }

  /** The first row, or null, of text with `$1 … $n`. */
  async rawQueryRow<T extends Row = Row>(sql: string, ...params: Primitive[]): Promise<T | null> {
    const [row] = await this.run(sql, params);
    return (row as T | undefined) ?? null;
  }

  /** Runs the statement and gives nothing. */
  async exec(strings: TemplateStringsArray, ...params: Primitive[]): Promise<void> {
    await this.run(statement(strings), params);
  }

  /** Runs text with `$1 … $n` and gives nothing. */
  async rawExec(sql: string, ...params: Primitive[]): Promise<void> {
    await this.run(sql, params);
  }
}

/** By template, which is the same object each time that a place in the code is run. */
const statements = new WeakMap<TemplateStringsArray, string>();

function statement(strings: TemplateStringsArray): string {
  const known = statements.get(strings);
  if (known !== undefined) return known;
  if (!Array.isArray(strings) || strings.length === 0)
    throw new TypeError('a query is a template, as in queryAll`SELECT …`: for text there are rawQueryAll and its like');
  const sql = strings.reduce((sql, part, i) => `${sql}$${i}${part}`);
  // An array that somebody made may be changed.
  if (Object.isFrozen(strings)) statements.set(strings, sql);
  return sql;
}
