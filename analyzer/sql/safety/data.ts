import { type Content, contentsOf, isRelation, listOf, nameParts, nodesWithin, relationName } from '../tree.ts';
import { additive, destructive, type Effect, harmless, locking, merge } from './effect.ts';
import { strangeFunctions } from './functions.ts';
import { quoted, tableName } from './names.ts';
import type { Scope } from './scope.ts';

/** What SELECT, INSERT, UPDATE, DELETE or MERGE does, and everything that its WITH does before. */
export function dataEffect(kind: string, content: Content, scope: Scope): Effect {
  const changes = [...nodesWithin({ [kind]: content })].flatMap(([inner, node]) => changeEffect(inner, node, scope));
  if (changes.length > 0) return merge(changes);
  const into = (content.intoClause as Content | undefined)?.rel;
  if (into) {
    scope.create('table', relationName(into));
    return additive(`creates the table ${tableName(into)}`);
  }
  return selectEffect(content, scope);
}

function changeEffect(kind: string, node: Content, scope: Scope): Effect[] {
  const table = tableName(node.relation);
  const judge = { InsertStmt: insert, UpdateStmt: update, DeleteStmt: remove, MergeStmt: mergeRows }[kind];
  if (!judge || !isRelation(node.relation)) return [];
  const effect = judge(node, table, scope);
  return [scope.hasRelation(node.relation) ? harmless(effect) : effect];
}

function insert(node: Content, table: string): Effect {
  const conflict = node.onConflictClause as Content | undefined;
  return conflict?.action === 'ONCONFLICT_UPDATE'
    ? destructive(`inserts rows into ${table} or overwrites those there`)
    : additive(`inserts rows into ${table}`);
}

function remove(_: Content, table: string): Effect {
  return destructive(`deletes rows of ${table}`);
}

/** Columns that the file itself adds, and nulls, are filled; anything else is overwritten. */
function update(node: Content, table: string, scope: Scope): Effect {
  const columns = contentsOf(node.targetList).map(({ name }) => name);
  const nulls = nullTests(node.whereClause);
  const lost = columns.filter((name) => !scope.fresh(node.relation, name) && !nulls.has(String(name)));
  if (lost.length > 0) return destructive(`overwrites ${lost.map(quoted).join(', ')} of ${table}`);
  return locking(`fills ${columns.map(quoted).join(', ')} of ${table}`, 'while nobody else can change the same rows');
}

/** The columns that must be null for a condition to hold. */
function nullTests(condition: unknown): ReadonlySet<string> {
  const { BoolExpr, NullTest } = (condition ?? {}) as Record<string, Content | undefined>;
  if (BoolExpr?.boolop === 'AND_EXPR') {
    return new Set(listOf(BoolExpr.args).flatMap((part) => [...nullTests(part)]));
  }
  if (NullTest?.nulltesttype !== 'IS_NULL') return new Set();
  return new Set(nameParts((NullTest.arg as Record<string, Content>).ColumnRef?.fields).slice(-1));
}

function mergeRows(node: Content, table: string): Effect {
  const commands = contentsOf(node.mergeWhenClauses).map(({ commandType }) => commandType);
  const keeps = commands.every((command) => command === 'CMD_INSERT' || command === 'CMD_NOTHING');
  return keeps
    ? additive(`merges new rows into ${table}`)
    : destructive(`merges rows into ${table}, in place of others`);
}

/** A migration that selects does so for what the functions do. */
function selectEffect(content: Content, scope: Scope): Effect {
  const strange = strangeFunctions(content).map(({ name, call }): Effect => {
    if (name !== 'setval') return destructive(`calls ${quoted(name)}, which can do anything`);
    const effect = destructive('sets a sequence, which may give numbers that are taken');
    return isOwnSequence(call, scope) ? harmless({ does: 'sets a sequence' }) : effect;
  });
  return strange.length > 0 ? merge(strange) : additive('reads');
}

function isOwnSequence(call: Content, scope: Scope): boolean {
  const [first] = listOf(call.args);
  const inner = first?.FuncCall ?? (first?.TypeCast?.arg as Record<string, Content> | undefined)?.FuncCall;
  if (inner && nameParts(inner.funcname).at(-1) === 'pg_get_serial_sequence') {
    return scope.has('table', textOf(listOf(inner.args)[0]));
  }
  const name = textOf(first);
  return scope.has('sequence', name) || scope.has('serial', name);
}

/** The name in a text such as `'public."T"'`. */
function textOf(node: Record<string, Content> | undefined): string {
  const constant = node?.A_Const ?? (node?.TypeCast?.arg as Record<string, Content> | undefined)?.A_Const;
  const { sval } = (constant?.sval ?? {}) as { sval?: string };
  return (sval ?? '').replaceAll('"', '');
}
