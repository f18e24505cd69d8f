import { relationName } from '../tree.ts';
import type { Schema } from './schema.ts';

/** A column that the file adds to a table that was there: former code never mentions it. */
export interface FreshColumn {
  /** Rows of former code get a value. */
  filled: boolean;
  required: boolean;
}

/**
 * What the statements of one file so far have made. Nothing that was there before depends on it, and the file is one transaction,
 * so nobody else sees it. `IF NOT EXISTS` counts as making it: a new migration has no reason to name what is there.
 */
export class Scope {
  readonly #created = new Set<string>();
  readonly #fresh = new Map<string, FreshColumn>();
  readonly #held = new Set<string>();
  /** Of the files before, and of this one as far as it has been judged. */
  readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** @param kind such as `table`: see `namespaceOf` */
  create(kind: string, name: string): void {
    this.#created.add(`${namespaceOf(kind)} ${plain(name)}`);
  }

  has(kind: string, name: string): boolean {
    return this.#created.has(`${namespaceOf(kind)} ${plain(name)}`);
  }

  hasRelation(relation: unknown): boolean {
    return this.has('table', relationName(relation));
  }

  rename(kind: string, name: string, to: string): void {
    const qualified = name.includes('.') ? name.replace(/[^.]*$/, to) : to;
    if (this.#created.delete(`${namespaceOf(kind)} ${plain(name)}`)) this.create(kind, qualified);
  }

  fresh(relation: unknown, column: unknown): FreshColumn | undefined {
    return this.#fresh.get(keyOf(relation, column));
  }

  setFresh(relation: unknown, column: unknown, facts: FreshColumn | undefined): void {
    if (facts) this.#fresh.set(keyOf(relation, column), facts);
    else this.#fresh.delete(keyOf(relation, column));
  }

  /** Until the file ends, others wait for the table. */
  hold(relation: unknown): void {
    this.#held.add(plain(relationName(relation)));
  }

  isHeld(relation: unknown): boolean {
    return this.#held.has(plain(relationName(relation)));
  }
}

/** Tables, views, indexes and sequences share their names; so do functions and what is like them; the rest has names of its own. */
function namespaceOf(kind: string): string {
  if (/^(table|view|materialized view|index|sequence|foreign table)$/.test(kind)) return 'relation';
  if (/^(function|procedure|routine|aggregate)$/.test(kind)) return 'routine';
  return kind === 'domain' ? 'type' : kind;
}

function keyOf(relation: unknown, column: unknown): string {
  return `${plain(relationName(relation))} ${String(column)}`;
}

function plain(name: string): string {
  return name.replace(/^public\./, '');
}
