import { setFlagsFromString } from 'node:v8';
import type { Position } from './diagnostic.ts';
import type { MigrationStatement } from './graph.ts';
import type { Report } from './report.ts';

/** A statement or a part of one, as PostgreSQL's parser gives it: one key, the kind, and its content. */
type Node = Record<string, Content>;
type Content = {
  [key: string]: unknown;
  location?: number;
};

interface Statement {
  stmt?: Node;
  stmt_location?: number;
  stmt_len?: number;
}

interface Breach {
  reason: string;
  /** In bytes. */
  offset: number;
}

/**
 * Judges whether code written for the schema before a migration still works after it. PostgreSQL's own grammar reads the
 * migration; what is not known to be harmless counts as breaking.
 */
export async function safetyOf(sql: string, file: string, report: Report): Promise<MigrationStatement[]> {
  const text = Buffer.from(sql);
  const statements = await parse(sql, file, report);
  const created = new Set<string>();
  const reasons = statements.flatMap((statement) => {
    const offset = startOf(statement, text);
    const breaches = breachesOf(statement.stmt ?? {}, offset, created);
    for (const name of createdBy(statement.stmt ?? {})) created.add(name);
    return breaches;
  });
  return reasons.map(({ reason, offset }) => ({
    safety: 'destructive',
    reason,
    position: positionAt(text, offset, file),
  }));
}

async function parse(sql: string, file: string, report: Report): Promise<Statement[]> {
  if (sql.trim() === '') return [];
  const { parse } = await loadParser();

  try {
    const { stmts } = (await parse(sql)) as unknown as { stmts?: Statement[] };
    return stmts ?? [];
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition?: number } };
    const characters = [...sql].slice(0, sqlDetails?.cursorPosition ?? 0).join('');
    const position = positionAt(Buffer.from(sql), Buffer.byteLength(characters), file);
    report.error('FL1404', position, `PostgreSQL cannot read this migration: ${message}`, 'Correct the SQL.');
    return [];
  }
}

/**
 * PostgreSQL's parser, compiled to WebAssembly; loaded only when there are migrations. Optimising its one huge function, which
 * the engine would do in the background, takes a second and half a gigabyte: far more than reading any migrations ever does.
 */
function loadParser(): Promise<typeof import('pgsql-parser')> {
  setFlagsFromString('--wasm-tiering-budget=1000000000');
  return import('pgsql-parser');
}

/** Kinds of statements that leave everything that was there as it was. */
const harmless = new Set([
  'AlterEnumStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateCastStmt',
  'CreateDomainStmt',
  'CreateEnumStmt',
  'CreateExtensionStmt',
  'CreateRangeStmt',
  'CreateSchemaStmt',
  'CreateSeqStmt',
  'CreateStatsStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'DefineStmt',
  'InsertStmt',
  'RefreshMatViewStmt',
  'SelectStmt',
  'TransactionStmt',
  'UpdateStmt',
  'VacuumStmt',
  'VariableSetStmt',
]);

const otherBreaking: Record<string, string> = {
  AlterDomainStmt: 'changes a domain',
  AlterObjectSchemaStmt: 'moves an object to another schema',
  AlterOwnerStmt: 'changes the owner of an object',
  AlterSeqStmt: 'changes a sequence',
  CallStmt: 'calls a procedure, which can do anything',
  DoStmt: 'runs a block of code, which can do anything',
  TruncateStmt: 'empties a table',
};

function breachesOf(node: Node, offset: number, created: ReadonlySet<string>): Breach[] {
  const [kind, content] = Object.entries(node)[0] ?? [];
  if (!kind || !content) return [];
  const one = (reason: string | undefined): Breach[] => (reason === undefined ? [] : [{ reason, offset }]);
  switch (kind) {
    case 'AlterTableStmt':
      return alterTable(content, offset, created);
    case 'AlterEnumStmt':
      return one(content.oldVal === undefined ? undefined : `renames the value ${quoted(content.oldVal)} of a type`);
    case 'CreateFunctionStmt':
      return one(content.replace ? 'may replace a function that earlier code calls' : undefined);
    case 'ViewStmt':
      return one(content.replace ? `may replace the view ${relation(content.view)}` : undefined);
    case 'CreateTrigStmt':
      return one(isCreated(content.relation, created) ? undefined : `adds a trigger to ${relation(content.relation)}`);
    case 'DeleteStmt':
      return one(isCreated(content.relation, created) ? undefined : `deletes rows of ${relation(content.relation)}`);
    case 'DropStmt':
      return one(drop(content, created));
    case 'GrantStmt':
      return one(content.is_grant ? undefined : 'takes permissions away');
    case 'IndexStmt':
      return one(
        content.unique && !isCreated(content.relation, created)
          ? `adds a unique index to ${relation(content.relation)}`
          : undefined,
      );
    case 'RenameStmt':
      return one(
        isCreated(content.relation, created)
          ? undefined
          : `renames ${content.subname ? `${quoted(content.subname)} of ` : ''}${relation(content.relation)}`,
      );
    case 'TruncateStmt':
      return one(
        (content.relations as Node[] | undefined)?.every((table) => isCreated(table.RangeVar, created))
          ? undefined
          : otherBreaking[kind],
      );
    default:
      return one(
        harmless.has(kind)
          ? undefined
          : (otherBreaking[kind] ?? `${kind.replace(/Stmt$/, '')} is not known to be harmless`),
      );
  }
}

/** The tables that a statement creates: nothing that came before can depend on them. */
function createdBy(node: Node): string[] {
  const table = node.CreateStmt?.relation ?? (node.CreateTableAsStmt?.into as Content | undefined)?.rel;
  return table ? [relation(table)] : [];
}

function isCreated(table: unknown, created: ReadonlySet<string>): boolean {
  return created.has(relation(table));
}

/** `"schema.table"` of a RangeVar. */
function relation(table: unknown): string {
  const { schemaname, relname } = (table ?? {}) as { schemaname?: string; relname?: string };
  if (relname === undefined) return 'an object';
  return quoted(schemaname === undefined || schemaname === 'public' ? relname : `${schemaname}.${relname}`);
}

function quoted(name: unknown): string {
  return `"${String(name)}"`;
}

function drop(content: Content, created: ReadonlySet<string>): string | undefined {
  const names = ((content.objects as unknown[]) ?? []).map(objectName);
  if (content.removeType === 'OBJECT_TABLE' && names.every((name) => created.has(name))) return undefined;
  const type = String(content.removeType ?? 'object')
    .replace(/^OBJECT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  return `drops the ${type} ${names.join(', ')}`;
}

/** A name in one of the shapes the parser gives it: a list of parts, or an object that holds one. */
function objectName(object: unknown): string {
  const parts: string[] = [];
  JSON.stringify(object, (key, value) => {
    if (key === 'sval' && typeof value === 'string') parts.push(value);
    return value;
  });
  return quoted((parts[0] === 'public' && parts.length > 1 ? parts.slice(1) : parts).join('.'));
}

interface TableCommand extends Content {
  subtype?: string;
  name?: string;
  def?: Node;
}

const harmlessCommands = new Set([
  'AT_ClusterOn',
  'AT_DropNotNull',
  'AT_ReplaceRelOptions',
  'AT_ResetOptions',
  'AT_ResetRelOptions',
  'AT_SetCompression',
  'AT_SetOptions',
  'AT_SetRelOptions',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_ValidateConstraint',
]);

const breakingCommands: Record<string, string> = {
  AT_AddConstraint: 'adds a constraint to',
  AT_AlterColumnType: 'changes the type of a column of',
  AT_AttachPartition: 'attaches a partition to',
  AT_ChangeOwner: 'changes the owner of',
  AT_DetachPartition: 'detaches a partition from',
  AT_DropColumn: 'drops a column of',
  AT_DropConstraint: 'drops a constraint of',
  AT_DropIdentity: 'drops the identity of a column of',
  AT_EnableRowSecurity: 'enables row security on',
  AT_SetNotNull: 'forbids null in a column of',
};

function alterTable(content: Content, offset: number, created: ReadonlySet<string>): Breach[] {
  if (isCreated(content.relation, created)) return [];
  const table = relation(content.relation);
  return ((content.cmds as Node[]) ?? []).flatMap((node) => {
    const command = (node.AlterTableCmd ?? {}) as TableCommand;
    const reason = tableCommand(command, table);
    return reason === undefined
      ? []
      : [{ reason, offset: command.def?.ColumnDef?.location ?? command.def?.Constraint?.location ?? offset }];
  });
}

function tableCommand(command: TableCommand, table: string): string | undefined {
  const { subtype = '', name, def } = command;
  if (subtype === 'AT_AddColumn') return addColumn(def?.ColumnDef ?? {}, table);
  if (subtype === 'AT_ColumnDefault') return def ? undefined : `drops the default of ${quoted(name)} of ${table}`;
  if (harmlessCommands.has(subtype)) return undefined;
  const what = breakingCommands[subtype];
  if (what === undefined) return `${subtype.replace(/^AT_/, '')} on ${table} is not known to be harmless`;
  return `${what} ${table}${name === undefined ? '' : `: ${quoted(name)}`}`;
}

function addColumn(column: Content, table: string): string | undefined {
  const constraints = ((column.constraints as Node[]) ?? []).map((node) => node.Constraint ?? {});
  const find = (...types: string[]) => constraints.find(({ contype }) => types.includes(String(contype)));
  const byDefault = find('CONSTR_DEFAULT');
  const filled = byDefault || find('CONSTR_IDENTITY', 'CONSTR_GENERATED') || isSerial(column);
  const name = `${quoted(column.colname)} to ${table}`;
  if (find('CONSTR_NOTNULL', 'CONSTR_PRIMARY') && !filled)
    return `adds the column ${name}, which must not be null and has no default`;
  if (find('CONSTR_UNIQUE', 'CONSTR_PRIMARY') && byDefault && isConstant(byDefault.raw_expr as Node)) {
    return `adds the unique column ${name} with one default for all rows`;
  }
  return undefined;
}

function isSerial(column: Content): boolean {
  return /"(small|big)?serial[248]?"/.test(JSON.stringify(column.typeName ?? ''));
}

function isConstant(expression: Node | undefined): boolean {
  if (!expression) return false;
  return 'A_Const' in expression || ('TypeCast' in expression && isConstant(expression.TypeCast?.arg as Node));
}

/** Where the statement itself begins, after white space and comments. */
function startOf({ stmt_location = 0, stmt_len }: Statement, text: Buffer): number {
  const statement = text.subarray(stmt_location, stmt_len ? stmt_location + stmt_len : undefined).toString('utf8');
  const blank = /^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/.exec(statement)?.[0] ?? '';
  return stmt_location + Buffer.byteLength(blank);
}

function positionAt(text: Buffer, offset: number, file: string): Position {
  const lines = text.subarray(0, offset).toString('utf8').split('\n');
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
