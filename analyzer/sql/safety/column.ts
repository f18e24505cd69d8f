import { type Content, contentsOf, nameParts, nodesWithin } from '../tree.ts';
import { additive, destructive, type Effect, locking, rewritten, scanned } from './effect.ts';
import { isVolatile } from './functions.ts';
import { quoted, tableName } from './names.ts';
import type { Schema } from './schema.ts';
import type { FreshColumn } from './scope.ts';

/**
 * ADD COLUMN. Since PostgreSQL 11 a default that is the same for all rows is kept beside the table, and no row is touched.
 * A domain that checks its values makes PostgreSQL write every row.
 */
export function addColumn(column: Content, relation: unknown, schema: Schema): { effect: Effect; facts: FreshColumn } {
  const table = tableName(relation);
  const constraints = new Constraints(column);
  const breach = breachOf(column, constraints);
  const does = `adds the column ${quoted(column.colname)} to ${table}`;
  const locks = schema.isChecked(column.typeName) ? rewritten(table) : locksOf(table, constraints);
  const facts = { filled: constraints.filled, required: constraints.has('CONSTR_NOTNULL', 'CONSTR_PRIMARY') };
  if (breach !== undefined) return { effect: destructive(`${does}, ${breach}`, locks), facts };
  return { effect: locks === undefined ? additive(does) : locking(does, locks), facts };
}

class Constraints {
  readonly #all: Content[];
  /** The expression of DEFAULT. */
  readonly byDefault: unknown;
  readonly #serial: boolean;

  constructor(column: Content) {
    this.#all = contentsOf(column.constraints);
    this.byDefault = this.find('CONSTR_DEFAULT')?.raw_expr;
    this.#serial = isSerial(column);
  }

  find(...types: string[]): Content | undefined {
    return this.#all.find(({ contype }) => types.includes(String(contype)));
  }

  has(...types: string[]): boolean {
    return this.find(...types) !== undefined;
  }

  /** Whether every row gets a value of its own. */
  get numbered(): boolean {
    return this.#serial || this.has('CONSTR_IDENTITY') || (this.byDefault !== undefined && isVolatile(this.byDefault));
  }

  get filled(): boolean {
    const empty = isNull(this.byDefault);
    return this.numbered || this.has('CONSTR_GENERATED') || (this.byDefault !== undefined && !empty);
  }

  get stored(): boolean {
    return this.find('CONSTR_GENERATED')?.generated_kind === 's';
  }
}

/** What rows of former code may run against. */
function breachOf({ colname }: Content, constraints: Constraints): string | undefined {
  if (constraints.has('CONSTR_NOTNULL', 'CONSTR_PRIMARY') && !constraints.filled) {
    return 'which must not be null and has no default';
  }
  const constant = constraints.byDefault !== undefined && constraints.filled && !constraints.numbered;
  if (constraints.has('CONSTR_UNIQUE', 'CONSTR_PRIMARY') && constant) {
    return 'which is unique and has one default for all rows';
  }
  const check = constraints.find('CONSTR_CHECK');
  if (check?.is_enforced && !holdsForNull(check.raw_expr, colname, constraints.filled)) {
    return 'with a check that rows of former code may not pass';
  }
  if (constraints.has('CONSTR_FOREIGN') && constant) return 'with a default that refers to another table';
  return undefined;
}

/** Whether a check looks at nothing but its own column; one that is left null passes, unless it must not be null. */
function holdsForNull(expression: unknown, column: unknown, filled: boolean): boolean {
  for (const [kind, content] of nodesWithin(expression)) {
    if (kind === 'ColumnRef' && nameParts(content.fields).at(-1) !== column) return false;
    if (kind === 'NullTest' && content.nulltesttype === 'IS_NOT_NULL' && !filled) return false;
  }
  return true;
}

function locksOf(table: string, constraints: Constraints): string | undefined {
  if (constraints.numbered || constraints.stored) return rewritten(table);
  const checked = constraints.find('CONSTR_CHECK')?.is_enforced;
  const indexed = constraints.has('CONSTR_UNIQUE', 'CONSTR_PRIMARY');
  const unfilled = constraints.has('CONSTR_NOTNULL') && (!constraints.filled || constraints.has('CONSTR_GENERATED'));
  // Without a default, PostgreSQL knows that no row refers to anything.
  const referring = constraints.find('CONSTR_FOREIGN')?.is_enforced && constraints.byDefault !== undefined;
  return checked || indexed || unfilled || referring ? scanned(table) : undefined;
}

function isSerial(column: Content): boolean {
  const type = nameParts((column.typeName as Content | undefined)?.names).at(-1) ?? '';
  return /^((small|big)?serial|serial[248])$/.test(type);
}

function isNull(expression: unknown): boolean {
  const { A_Const, TypeCast } = (expression ?? {}) as Record<string, Content | undefined>;
  return A_Const ? A_Const.isnull === true : TypeCast !== undefined && isNull(TypeCast.arg);
}
