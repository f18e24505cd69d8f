import type { Parser, SqlError, Statement } from './parser.ts';
import { strangeFunctions } from './safety/functions.ts';
import {
  type Content,
  contentsOf,
  isRelation,
  type Node,
  nameParts,
  nodesWithin,
  type Relation,
  relationName,
} from './tree.ts';

export interface Query {
  /**
   * `read`: nothing but SELECT, VALUES, SHOW, EXPLAIN of these, and what concerns the session alone, such as BEGIN or SET.
   * `unknown`: CALL, DO, EXECUTE and functions that are not known to leave everything as it is run code that is not in the text,
   * COPY may use files and programs of the server. `write`: everything else.
   */
  access: 'read' | 'write' | 'unknown';
  /** Sorted by name, each once. */
  tables: QueryTable[];
}

export interface QueryTable {
  /** As written: `users` or `auth.users`. */
  name: string;
  /** Sorted. */
  operations: ('read' | 'write')[];
}

/**
 * What a text of SQL does, all of its statements together, and to which tables and views.
 *
 * - INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY FROM, LOCK and DDL write the tables they name; `FOR UPDATE` and the like write what
 *   they lock. `WITH` counts with what it holds; its names are no tables.
 * - INSERT reads its own table when it has RETURNING or ON CONFLICT; UPDATE and DELETE when they mention any column they do not
 *   set, as WHERE and RETURNING do; MERGE always.
 * - `nextval` and `setval` write. Other functions of PostgreSQL's own that are known count as reading, and so do views, whatever
 *   is behind them, triggers, operators and casts.
 */
export function readQuery(sql: string, parser: Parser): Query | { error: SqlError } {
  const parsed = parser.parse(sql);
  if ('error' in parsed) return parsed;
  const reading = new Reading();
  for (const statement of parsed.statements) reading.statement(statement);
  return reading.query();
}

/** Names that WITH gives, where they hold. */
type Names = ReadonlySet<string>;

const nobody: Names = new Set();

/** Statements that concern the session alone. */
const neutral = new Set([
  'CheckPointStmt',
  'ClosePortalStmt',
  'ConstraintsSetStmt',
  'DeallocateStmt',
  'DiscardStmt',
  'FetchStmt',
  'ListenStmt',
  'NotifyStmt',
  'TransactionStmt',
  'UnlistenStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);

/** Statements that hold another. */
const holders = new Set(['DeclareCursorStmt', 'ExplainStmt', 'PrepareStmt']);

const opaque = new Set(['CallStmt', 'DoStmt', 'ExecuteStmt']);

const dropsTables = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE']);

class Reading {
  readonly #tables = new Map<string, Set<'read' | 'write'>>();
  #access: Query['access'] = 'read';

  query(): Query {
    const tables = [...this.#tables].map(([name, operations]) => ({ name, operations: [...operations].sort() }));
    return { access: this.#access, tables: tables.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  statement({ kind, content }: Pick<Statement, 'kind' | 'content'>): void {
    if (strangeFunctions(content).some(({ name }) => name !== 'setval')) this.#access = 'unknown';
    if (this.#query(kind, content, nobody)) return;
    const [inner] = holders.has(kind) ? Object.entries((content.query ?? {}) as Node) : [];
    if (opaque.has(kind)) this.#access = 'unknown';
    if (inner) this.statement({ kind: inner[0], content: inner[1] });
    else if (opaque.has(kind) || neutral.has(kind)) this.#visit(content, nobody);
    else if (kind === 'CopyStmt') this.#copy(content);
    else this.#definition(kind, content);
  }

  /** What SELECT, INSERT, UPDATE, DELETE and MERGE do, wherever they stand; false for other kinds. */
  #query(kind: string, content: Content, outer: Names): boolean {
    switch (kind) {
      case 'SelectStmt':
        this.#select(content, outer);
        return true;
      case 'InsertStmt':
        this.#change(
          content,
          outer,
          Boolean(content.returningClause || content.returningList || content.onConflictClause),
        );
        return true;
      case 'UpdateStmt':
      case 'DeleteStmt':
        this.#change(content, outer, mentionsColumns(content));
        return true;
      case 'MergeStmt':
        this.#change(content, outer, true);
        return true;
      default:
        return false;
    }
  }

  /** A chain of UNIONs may be deeper than calls can be. */
  #select(query: Content, outer: Names): void {
    const pending: [Content, Names][] = [[query, outer]];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [content, around] = next;
      const names = this.#with(content, around);
      const { withClause: _, intoClause, larg, rarg, ...rest } = content;
      const into = (intoClause as Content | undefined)?.rel;
      if (into) this.#note(into, 'write');
      this.#visit(rest, names);
      for (const clause of contentsOf(content.lockingClause)) this.#lock(clause, content.fromClause, names);
      for (const side of [larg, rarg]) if (side) pending.push([side as Content, names]);
    }
  }

  #change(content: Content, outer: Names, readsItself: boolean): void {
    const names = this.#with(content, outer);
    const { withClause: _, relation, ...rest } = content;
    this.#note(relation, 'write');
    if (readsItself) this.#note(relation, 'read');
    this.#visit(rest, names);
  }

  /** Reads the queries of a WITH clause; gives the names that hold behind it. Without RECURSIVE, one knows those before it. */
  #with(content: Content, outer: Names): Names {
    const clause = content.withClause as { ctes?: unknown; recursive?: boolean } | undefined;
    if (!clause) return outer;
    const all = contentsOf(clause.ctes);
    const names = new Set(outer);
    if (clause.recursive) for (const { ctename } of all) names.add(String(ctename));
    for (const { ctename, ctequery } of all) {
      this.#visit(ctequery, new Set(names));
      names.add(String(ctename));
    }
    return names;
  }

  /** `FOR UPDATE OF a`: the tables that FROM calls so; without OF, all of them. */
  #lock(clause: Content, from: unknown, names: Names): void {
    this.#write();
    const locked = contentsOf(clause.lockedRels).map((relation) => String((relation as Relation).relname));
    for (const { called, tables } of fromItems(from)) {
      if (locked.length > 0 && !(called !== undefined && locked.includes(called))) continue;
      for (const table of tables) if (!isName(table, names)) this.#note(table, 'write');
    }
  }

  #copy(content: Content): void {
    if (content.relation) this.#note(content.relation, content.is_from ? 'write' : 'read');
    // Into a file or a program of the server, too.
    if (content.is_program || content.filename !== undefined) this.#access = 'unknown';
    this.#visit(content.query, nobody);
  }

  /** Everything else defines something: the tables it names itself are written, those of queries in it as these say. */
  #definition(kind: string, content: Content): void {
    this.#write();
    if (kind === 'DropStmt' && dropsTables.has(String(content.removeType))) {
      for (const object of content.objects as unknown[]) this.#noteName(nameParts(object).join('.'), 'write');
    }
    this.#define(content);
  }

  #define(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (this.#query(key, child, nobody)) continue;
      if (isRelation(child)) {
        if (key !== 'sequence') this.#note(child, key === 'pktable' ? 'read' : 'write');
      } else if (key === 'TableLikeClause') this.#note(child.relation, 'read');
      else this.#define(child);
    }
  }

  #visit(value: unknown, names: Names): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) this.#visit(item, names);
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      if (key === 'lockingClause' || this.#query(key, child, names)) continue;
      if (key === 'RangeVar') {
        if (!isName(child, names)) this.#note(child, 'read');
        continue;
      }
      if (key === 'FuncCall' && /^(nextval|setval)$/.test(nameParts(child.funcname).at(-1) ?? '')) this.#write();
      this.#visit(child, names);
    }
  }

  #note(relation: unknown, operation: 'read' | 'write'): void {
    this.#noteName(relationName(relation), operation);
  }

  #noteName(name: string, operation: 'read' | 'write'): void {
    if (operation === 'write') this.#write();
    this.#tables.set(name, (this.#tables.get(name) ?? new Set()).add(operation));
  }

  #write(): void {
    if (this.#access === 'read') this.#access = 'write';
  }
}

function isName({ schemaname, relname = '' }: Relation, names: Names): boolean {
  return schemaname === undefined && names.has(relname);
}

/** Whether an UPDATE or DELETE uses values of columns, of its own table as far as that can be told without the schema. */
function mentionsColumns({ withClause: _, ...content }: Content): boolean {
  for (const [kind] of nodesWithin(content)) if (kind === 'ColumnRef' || kind === 'CurrentOfExpr') return true;
  return false;
}

interface FromItem {
  /** Its alias or its table's name. */
  called: string | undefined;
  tables: Relation[];
}

function fromItems(from: unknown): FromItem[] {
  return (Array.isArray(from) ? from : [from]).flatMap((node): FromItem[] => {
    const [kind, content] = Object.entries((node ?? {}) as Record<string, Content>)[0] ?? [];
    if (!content) return [];
    if (kind === 'JoinExpr') return fromItems([content.larg, content.rarg]);
    const alias = (content.alias as { aliasname?: string } | undefined)?.aliasname;
    if (kind === 'RangeVar') return [{ called: alias ?? (content as Relation).relname, tables: [content as Relation] }];
    const tables = [...nodesWithin(content)].flatMap(([inner, table]) =>
      inner === 'RangeVar' ? [table as Relation] : [],
    );
    return [{ called: alias, tables }];
  });
}
