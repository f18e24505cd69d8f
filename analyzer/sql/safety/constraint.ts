import { type Content, nameParts, relationName } from '../tree.ts';
import { additive, destructive, type Effect, locking, scanned, scannedForReaders } from './effect.ts';
import { quoted, tableName } from './names.ts';
import type { Scope } from './scope.ts';

/** ADD CONSTRAINT: rows of former code may not meet it. NOT VALID spares the scan, NOT ENFORCED (since PostgreSQL 18) the check. */
export function addConstraint(constraint: Content, relation: unknown, scope: Scope): Effect {
  const table = tableName(relation);
  const name = constraint.conname === undefined ? '' : ` ${quoted(constraint.conname)}`;
  const kind = String(constraint.contype);
  const does = `adds ${names[kind] ?? 'the constraint'}${name} to ${table}`;
  const unscanned = Boolean(constraint.skip_validation);
  switch (kind) {
    case 'CONSTR_FOREIGN':
      if (!constraint.is_enforced) return additive(does);
      return classify(
        does,
        !areUnused(constraint.fk_attrs, relation, scope),
        unscanned ? undefined : foreignLocks(constraint, table),
      );
    case 'CONSTR_UNIQUE':
      // The index has been unique for a while.
      if (constraint.indexname !== undefined) return additive(does);
      return classify(
        does,
        constraint.nulls_not_distinct || !areUnused(constraint.keys, relation, scope),
        scanned(table),
      );
    case 'CONSTR_CHECK':
      if (!constraint.is_enforced) return additive(does);
      return destructive(does, unscanned ? undefined : scanned(table));
    default:
      return destructive(does, unscanned ? undefined : scanned(table));
  }
}

const names: Record<string, string> = {
  CONSTR_CHECK: 'the check',
  CONSTR_EXCLUSION: 'the exclusion constraint',
  CONSTR_FOREIGN: 'the foreign key',
  CONSTR_NOTNULL: 'the constraint against null',
  CONSTR_PRIMARY: 'the primary key',
  CONSTR_UNIQUE: 'the unique constraint',
};

function classify(does: string, breaks: unknown, locks: string | undefined): Effect {
  if (breaks) return destructive(does, locks);
  return locks === undefined ? additive(does) : locking(does, locks);
}

/** Whether rows of former code have null in one of the columns: then neither uniqueness nor a reference is asked of them. */
function areUnused(columns: unknown, relation: unknown, scope: Scope): boolean {
  return nameParts(columns).some((column) => scope.fresh(relation, column)?.filled === false);
}

/** The rows that refer are read; nobody may write to either table. */
function foreignLocks({ pktable }: Content, table: string): string {
  const target = relationName(pktable);
  return `${scannedForReaders(table)} or ${target === '' ? 'to the table it refers to' : quoted(target)}`;
}

/** CREATE INDEX. */
export function createIndex(content: Content, scope: Scope): Effect {
  const { relation, concurrent, unique, idxname } = content;
  const table = tableName(relation);
  const does = `creates the ${unique ? 'unique ' : ''}index ${idxname === undefined ? '' : `${quoted(idxname)} `}on ${table}`;
  const parts = (content.indexParams as Record<string, Content>[] | undefined) ?? [];
  const columns = parts.map(({ IndexElem }) => ({ String: { sval: IndexElem?.name } }));
  const breaks = unique && (content.nulls_not_distinct || !areUnused(columns, relation, scope));
  return classify(does, breaks, concurrent ? undefined : scannedForReaders(table));
}
