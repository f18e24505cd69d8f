import { type Content, contentsOf, relationName } from '../tree.ts';
import { addColumn } from './column.ts';
import { addConstraint } from './constraint.ts';
import { additive, destructive, type Effect, harmless, locking, rewritten, scanned } from './effect.ts';
import { kindOf, quoted, tableName } from './names.ts';
import { typeText, widening } from './schema.ts';
import type { Scope } from './scope.ts';

interface Command extends Content {
  subtype?: string;
  /** Of a column or constraint. */
  name?: string;
  def?: Record<string, Content>;
}

/** ALTER TABLE, and ALTER of indexes, views, sequences and composite types: one effect per command, in their order. */
export function alterTable(content: Content, scope: Scope): Effect[] {
  const { relation } = content;
  const kind = kindOf(content.objtype);
  const isNew = scope.has(kind, relationName(relation));
  return contentsOf(content.cmds).map((command) => {
    const effect = commandEffect(command, relation, kind, scope);
    if (!validates(command)) scope.hold(relation);
    return isNew ? harmless(effect) : effect;
  });
}

/** Runs beside readers and writers, unless the file has locked the table before. */
function validates({ subtype }: Command): boolean {
  return subtype === 'AT_ValidateConstraint';
}

function commandEffect(command: Command, relation: unknown, kind: string, scope: Scope): Effect {
  const { subtype = '', name = '', def = {} } = command;
  const table = tableName(relation);
  if (kind === 'type') return destructive(`changes the attributes of the type ${table}`);
  if (kind === 'view' && subtype.endsWith('RelOptions')) return destructive(`changes the options of the view ${table}`);
  const known = commands[subtype];
  if (known) return known({ name, column: `${quoted(name)} of ${table}`, table, relation, def, kind, scope });
  const what = subtype.replace(/^AT_/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return destructive(`changes ${table} in a way that is not known to be harmless: ${what.toLowerCase()}`);
}

interface Case {
  name: string;
  /** `column` of `table`, as reasons show it. */
  column: string;
  table: string;
  relation: unknown;
  def: Record<string, Content>;
  kind: string;
  scope: Scope;
}

const options = ({ table }: Case) => additive(`sets options of ${table}`);
const columnOptions = ({ column }: Case) => additive(`sets options of ${column}`);
const rewrites =
  (what: string) =>
  ({ table }: Case) =>
    locking(`changes ${what} of ${table}`, rewritten(table));
const triggers = ({ table, name }: Case) =>
  destructive(`switches ${name === '' ? 'triggers' : `the trigger ${quoted(name)}`} of ${table} on or off`);
const rules = ({ table, name }: Case) => destructive(`switches the rule ${quoted(name)} of ${table} on or off`);
const rowSecurity = ({ table }: Case) => destructive(`changes which rows of ${table} roles see`);

const commands: Record<string, (of: Case) => Effect> = {
  AT_AddColumn({ def, relation, scope }) {
    const { effect, facts } = addColumn(def.ColumnDef ?? {}, relation, scope.schema);
    scope.setFresh(relation, def.ColumnDef?.colname, facts);
    return effect;
  },
  AT_ColumnDefault({ name, column, relation, def, scope }) {
    const fresh = scope.fresh(relation, name);
    const dropped = Object.keys(def).length === 0;
    if (fresh) scope.setFresh(relation, name, { ...fresh, filled: !dropped });
    if (!dropped) return additive(`sets the default of ${column}`);
    return fresh && !fresh.required
      ? additive(`drops the default of ${column}`)
      : destructive(`drops the default of ${column}`);
  },
  AT_DropNotNull: ({ column }) => additive(`allows null in ${column}`),
  AT_SetNotNull({ name, column, table, relation, scope }) {
    const fresh = scope.fresh(relation, name);
    if (fresh) scope.setFresh(relation, name, { ...fresh, required: true });
    const does = `forbids null in ${column}`;
    return fresh?.filled ? locking(does, scanned(table)) : destructive(does, scanned(table));
  },
  AT_DropColumn({ name, column, relation, scope }) {
    const fresh = scope.fresh(relation, name);
    scope.setFresh(relation, name, undefined);
    return fresh ? additive(`drops the column ${column}`) : destructive(`drops the column ${column}`);
  },
  AT_AlterColumnType({ name, column, table, relation, def, scope }) {
    const { typeName, raw_default, collClause } = def.ColumnDef ?? {};
    const from = scope.schema.typeOf(relation, name);
    const change = raw_default || collClause || from === undefined ? undefined : widening(from, typeText(typeName));
    if (change === 'free') return additive(`widens the type of ${column}`);
    if (change === 'rewrite') return locking(`widens the type of ${column}`, rewritten(table));
    const does = `changes the type of ${column}`;
    return scope.fresh(relation, name) ? locking(does, rewritten(table)) : destructive(does, rewritten(table));
  },
  AT_SetExpression: ({ column, table }) => destructive(`changes what ${column} is computed from`, rewritten(table)),
  AT_DropExpression: ({ column }) => destructive(`no longer computes ${column}`),
  AT_AddIdentity: ({ column, def }) =>
    def.Constraint?.generated_when === 'a'
      ? destructive(`numbers ${column} always, so that others may not`)
      : additive(`numbers ${column} by default`),
  AT_SetIdentity: ({ column }) => destructive(`changes the numbering of ${column}`),
  AT_DropIdentity: ({ column }) => destructive(`no longer numbers ${column}`),
  AT_AddConstraint: ({ def, relation, scope }) => addConstraint(def.Constraint ?? {}, relation, scope),
  AT_AlterConstraint: ({ table, def }) =>
    destructive(`changes the constraint ${quoted(def.ATAlterConstraint?.conname)} of ${table}`),
  AT_DropConstraint: ({ name, table }) => destructive(`drops the constraint ${quoted(name)} of ${table}`),
  AT_ValidateConstraint({ name, table, relation, scope }) {
    const does = `validates the constraint ${quoted(name)} of ${table}`;
    return scope.isHeld(relation)
      ? locking(does, `${scanned(table)}: an earlier statement of the file has locked it`)
      : additive(does);
  },
  AT_ChangeOwner: ({ table }) => destructive(`changes the owner of ${table}`),
  AT_AttachPartition({ table, def, kind, scope }) {
    const name = def.PartitionCmd?.name;
    const does = `attaches the partition ${tableName(name)} to ${table}`;
    if (kind === 'index') return additive(does);
    return scope.hasRelation(name)
      ? locking(does, `while a default partition of ${table} is scanned and nobody can use it`)
      : destructive(does, scanned(tableName(name)));
  },
  AT_DetachPartition: ({ table, def }) =>
    destructive(`detaches the partition ${tableName(def.PartitionCmd?.name)} from ${table}`),
  AT_DetachPartitionFinalize: ({ table, def }) =>
    destructive(`detaches the partition ${tableName(def.PartitionCmd?.name)} from ${table}`),
  AT_AddInherit: ({ table, def }) => destructive(`shows the rows of ${table} in ${tableName(def.RangeVar)}`),
  AT_DropInherit: ({ table, def }) => destructive(`no longer shows the rows of ${table} in ${tableName(def.RangeVar)}`),
  AT_ReplicaIdentity: ({ table, def }) =>
    def.ReplicaIdentityStmt?.identity_type === 'n'
      ? destructive(`lets replicas of ${table} not tell its rows apart, so that changes may fail`)
      : additive(`sets what replicas of ${table} tell its rows apart by`),
  AT_SetLogged: rewrites('the durability'),
  AT_SetUnLogged: ({ table }) => destructive(`lets a crash empty ${table}`, rewritten(table)),
  AT_SetAccessMethod: rewrites('the storage'),
  AT_SetTableSpace: rewrites('the place'),
  AT_AddOf: options,
  AT_ClusterOn: options,
  AT_DropCluster: options,
  AT_DropOf: options,
  AT_DropOids: options,
  AT_ReplaceRelOptions: options,
  AT_ResetRelOptions: options,
  AT_SetRelOptions: options,
  AT_ResetOptions: columnOptions,
  AT_SetCompression: columnOptions,
  AT_SetOptions: columnOptions,
  AT_SetStatistics: columnOptions,
  AT_SetStorage: columnOptions,
  AT_DisableTrig: triggers,
  AT_DisableTrigAll: triggers,
  AT_DisableTrigUser: triggers,
  AT_EnableAlwaysTrig: triggers,
  AT_EnableReplicaTrig: triggers,
  AT_EnableTrig: triggers,
  AT_EnableTrigAll: triggers,
  AT_EnableTrigUser: triggers,
  AT_DisableRule: rules,
  AT_EnableAlwaysRule: rules,
  AT_EnableReplicaRule: rules,
  AT_EnableRule: rules,
  AT_DisableRowSecurity: rowSecurity,
  AT_EnableRowSecurity: rowSecurity,
  AT_ForceRowSecurity: rowSecurity,
  AT_NoForceRowSecurity: rowSecurity,
};
