import type { Statement } from '../parser.ts';
import { type Content, contentsOf, hasOption, listOf, nameParts, relationName } from '../tree.ts';
import { alterTable } from './alter-table.ts';
import { createIndex } from './constraint.ts';
import { dataEffect } from './data.ts';
import {
  additive,
  destructive,
  type Effect,
  harmless,
  locking,
  merge,
  rewritten,
  scanned,
  scannedForReaders,
} from './effect.ts';
import { kindOf, objectName, quoted, tableName } from './names.ts';
import type { Scope } from './scope.ts';

/**
 * What a statement does to code and data that were there before its file; what is not known to leave them alone is destructive.
 * Notes in the scope what it makes. ALTER TABLE has one effect per command, any other statement has one.
 */
export function effectsOf(statement: Pick<Statement, 'kind' | 'content'>, scope: Scope): Effect[] {
  const effects = judge(statement, scope);
  scope.schema.note(statement);
  return effects;
}

function judge({ kind, content }: Pick<Statement, 'kind' | 'content'>, scope: Scope): Effect[] {
  if (kind === 'AlterTableStmt') return alterTable(content, scope);
  const known = Object.hasOwn(judges, kind) ? judges[kind] : undefined;
  if (known) return [known(content, scope)];
  const plain = plainly[kind];
  if (plain !== undefined) return [additive(plain)];
  const reason = opaquely[kind] ?? `does what is not known to be harmless: ${kind.replace(/Stmt$/, '')}`;
  return [destructive(reason)];
}

type Judge = (content: Content, scope: Scope) => Effect;

/** Kinds that leave everything as it was. */
const plainly: Record<string, string> = {
  AlterObjectDependsStmt: 'notes that an object depends on an extension',
  AlterStatsStmt: 'sets options of statistics',
  AlterTableSpaceOptionsStmt: 'sets options of a tablespace',
  CheckPointStmt: 'writes a checkpoint',
  ClosePortalStmt: 'closes a cursor',
  CommentStmt: 'comments',
  ConstraintsSetStmt: 'sets when constraints are checked',
  CreateAmStmt: 'creates an access method',
  CreateConversionStmt: 'creates a conversion',
  CreateFdwStmt: 'creates a foreign-data wrapper',
  CreateForeignServerStmt: 'creates a foreign server',
  CreateOpClassStmt: 'creates an operator class',
  CreateOpFamilyStmt: 'creates an operator family',
  CreateRoleStmt: 'creates a role',
  CreateStatsStmt: 'creates statistics',
  CreateTableSpaceStmt: 'creates a tablespace',
  CreateUserMappingStmt: 'creates a user mapping',
  CreatedbStmt: 'creates a database',
  DeallocateStmt: 'forgets a prepared statement',
  DiscardStmt: 'discards state of the session',
  FetchStmt: 'reads from a cursor',
  ImportForeignSchemaStmt: 'creates foreign tables',
  ListenStmt: 'listens',
  NotifyStmt: 'notifies listeners',
  PrepareStmt: 'prepares a statement',
  SecLabelStmt: 'labels an object',
  TransactionStmt: 'begins or ends a transaction',
  UnlistenStmt: 'no longer listens',
  VariableSetStmt: 'sets a variable of the session',
  VariableShowStmt: 'shows a variable',
};

/** Kinds that may do anything, or whose reason says more than their name. */
const opaquely: Record<string, string> = {
  AlterDatabaseSetStmt: 'changes a setting of all sessions of a database',
  AlterDatabaseStmt: 'changes a database',
  AlterExtensionContentsStmt: 'changes what belongs to an extension',
  AlterExtensionStmt: 'changes the version of an extension',
  AlterFunctionStmt: 'changes how a function is run',
  AlterOperatorStmt: 'changes an operator',
  AlterPolicyStmt: 'changes which rows roles see',
  AlterRoleSetStmt: 'changes a setting of all sessions of a role',
  AlterRoleStmt: 'changes a role',
  AlterSystemStmt: 'changes a setting of the whole server',
  AlterTypeStmt: 'changes a type',
  CallStmt: 'calls a procedure, which can do anything',
  CreateEventTrigStmt: 'adds an event trigger, which can refuse later changes of the schema',
  CreatePublicationStmt: 'publishes tables, whose rows can no longer be changed where they have no primary key',
  CreateSubscriptionStmt: 'lets another server write to tables',
  DropOwnedStmt: 'drops everything that a role owns',
  DropRoleStmt: 'drops a role',
  DropSubscriptionStmt: 'drops a subscription',
  DropTableSpaceStmt: 'drops a tablespace',
  DropUserMappingStmt: 'drops a user mapping',
  DropdbStmt: 'drops a database',
  ExecuteStmt: 'executes a prepared statement, which can do anything',
  LoadStmt: 'loads a library, which can do anything',
  ReassignOwnedStmt: 'changes the owner of objects',
};

const data =
  (kind: string): Judge =>
  (content, scope) =>
    dataEffect(kind, content, scope);

const creates =
  (kind: string, name: (content: Content) => string): Judge =>
  (content, scope) => {
    const called = name(content);
    const before = scope.has(kind, called);
    scope.create(kind, called);
    if (!content.replace || before) return additive(`creates the ${kind} ${quoted(called)}`);
    return destructive(`may replace the ${kind} ${quoted(called)}`);
  };

const judges: Record<string, Judge> = {
  DeleteStmt: data('DeleteStmt'),
  InsertStmt: data('InsertStmt'),
  MergeStmt: data('MergeStmt'),
  SelectStmt: data('SelectStmt'),
  UpdateStmt: data('UpdateStmt'),

  CompositeTypeStmt: creates('type', ({ typevar }) => relationName(typevar)),
  CreateDomainStmt: creates('domain', ({ domainname }) => objectName(domainname)),
  CreateEnumStmt: creates('type', ({ typeName }) => objectName(typeName)),
  CreateExtensionStmt: creates('extension', ({ extname }) => String(extname)),
  CreateForeignTableStmt: creates('foreign table', ({ base }) => relationName((base as Content | undefined)?.relation)),
  CreatePLangStmt: creates('language', ({ plname }) => String(plname)),
  CreateRangeStmt: creates('type', ({ typeName }) => objectName(typeName)),
  CreateSeqStmt: creates('sequence', ({ sequence }) => relationName(sequence)),
  CreateTransformStmt: creates('transform for', ({ type_name }) => objectName({ TypeName: type_name })),
  ViewStmt: creates('view', ({ view }) => relationName(view)),
  CreateStmt: createTable,
  CreateFunctionStmt: (content, scope) =>
    creates(content.is_procedure ? 'procedure' : 'function', ({ funcname }) => objectName(funcname))(content, scope),
  DefineStmt: (content, scope) => creates(kindOf(content.kind), ({ defnames }) => objectName(defnames))(content, scope),
  CreateTableAsStmt(content, scope) {
    const kind = kindOf(content.objtype);
    const name = relationName((content.into as Content | undefined)?.rel);
    scope.create(kind, name);
    return additive(`creates the ${kind} ${quoted(name)}`);
  },
  CreateSchemaStmt(content, scope) {
    const schema = String(content.schemaname ?? 'of a role');
    scope.create('schema', schema);
    for (const element of listOf(content.schemaElts)) {
      const table = element.CreateStmt ?? element.ViewStmt;
      if (table) scope.create('table', `${schema}.${relationName(table.relation ?? table.view).replace(/^.*\./, '')}`);
    }
    return additive(`creates the schema ${quoted(schema)}`);
  },
  CreateCastStmt: ({ context }) =>
    context === 'COERCION_EXPLICIT'
      ? additive('creates a cast')
      : destructive('creates a cast that applies by itself, so that queries may mean something else'),
  CreateTrigStmt: (content, scope) =>
    onTable(
      destructive(`adds the trigger ${quoted(content.trigname)} to ${tableName(content.relation)}`),
      content.relation,
      scope,
    ),
  RuleStmt: (content, scope) =>
    onTable(
      destructive(`adds the rule ${quoted(content.rulename)} to ${tableName(content.relation)}`),
      content.relation,
      scope,
    ),
  CreatePolicyStmt(content, scope) {
    const does = `adds the policy ${quoted(content.policy_name)} to ${tableName(content.table)}`;
    return onTable(content.permissive ? additive(does) : destructive(does), content.table, scope);
  },
  IndexStmt(content, scope) {
    const { schemaname } = content.relation as { schemaname?: string };
    if (content.idxname) scope.create('index', `${schemaname === undefined ? '' : `${schemaname}.`}${content.idxname}`);
    return onTable(createIndex(content, scope), content.relation, scope);
  },

  AlterDefaultPrivilegesStmt: ({ action }) =>
    (action as Content | undefined)?.is_grant
      ? additive('grants permissions on what is to come')
      : destructive('takes away permissions on what is to come'),
  AlterDomainStmt: alterDomain,
  AlterEnumStmt: ({ oldVal, newVal, typeName }) =>
    oldVal === undefined
      ? additive(`adds the value ${quoted(newVal)} to the type ${quoted(objectName(typeName))}`)
      : destructive(`renames the value ${quoted(oldVal)} of the type ${quoted(objectName(typeName))}`),
  AlterObjectSchemaStmt: (content, scope) =>
    onObject(
      destructive(`moves the ${kindOf(content.objectType)} ${quoted(nameOf(content))} to another schema`),
      content,
      scope,
    ),
  AlterOwnerStmt: (content, scope) =>
    onObject(
      destructive(`changes the owner of the ${kindOf(content.objectType)} ${quoted(nameOf(content))}`),
      content,
      scope,
    ),
  AlterSeqStmt(content, scope) {
    const changed = contentsOf(content.options).some(({ defname }) => !['owned_by', 'cache'].includes(String(defname)));
    const does = `changes the sequence ${tableName(content.sequence)}`;
    return onTable(changed ? destructive(does) : additive(does), content.sequence, scope);
  },
  AlterTableMoveAllStmt: () => locking('moves tables to another tablespace', rewritten('each of them')),
  RenameStmt: rename,
  DropStmt: drop,

  GrantRoleStmt: ({ is_grant }) => (is_grant ? additive('grants roles') : destructive('takes roles away')),
  GrantStmt(content, scope) {
    if (content.is_grant) return additive('grants permissions');
    const ownTables = listOf(content.objects).every(({ RangeVar }) => RangeVar && scope.hasRelation(RangeVar));
    const effect = destructive('takes permissions away');
    return ownTables ? harmless(effect) : effect;
  },

  ClusterStmt: ({ relation }) =>
    locking(
      relation ? `sorts ${tableName(relation)}` : 'sorts tables',
      rewritten(relation ? tableName(relation) : 'each of them'),
    ),
  CopyStmt: copy,
  DeclareCursorStmt: held,
  DoStmt: () => destructive('runs a block of code, which can do anything'),
  ExplainStmt: (content, scope) =>
    runs(content) ? merge(effectsOf(inner(content), scope)) : additive('explains a statement'),
  LockStmt(content, scope) {
    const tables = listOf(content.relations).map(({ RangeVar }) => RangeVar);
    const effect = locking(`locks ${tables.map(tableName).join(', ')}`, 'while others wait until the file ends');
    return tables.every((table) => scope.hasRelation(table)) ? harmless(effect) : effect;
  },
  RefreshMatViewStmt(content, scope) {
    const view = tableName(content.relation);
    if (content.skipData) return onTable(destructive(`empties ${view}`), content.relation, scope);
    const does = `refreshes ${view}`;
    return onTable(
      content.concurrent ? additive(does) : locking(does, `while nobody can read ${view}`),
      content.relation,
      scope,
    );
  },
  ReindexStmt(content, scope) {
    const name = content.relation ? tableName(content.relation) : content.name ? quoted(content.name) : 'the database';
    const does = `builds indexes of ${name} again`;
    if (hasOption(content.params, 'concurrently')) return additive(does);
    const tables = { REINDEX_OBJECT_TABLE: name, REINDEX_OBJECT_INDEX: 'its table' }[String(content.kind)];
    const locks = scannedForReaders(tables ?? 'the table of each');
    return onTable(locking(does, locks), content.relation, scope);
  },
  TruncateStmt(content, scope) {
    const tables = listOf(content.relations).map(({ RangeVar }) => RangeVar);
    const effect = destructive(`empties ${tables.map(tableName).join(', ')}`);
    return tables.every((table) => scope.hasRelation(table)) ? harmless(effect) : effect;
  },
  VacuumStmt({ options, rels, is_vacuumcmd }) {
    const tables = contentsOf(rels).map(({ relation }) => tableName(relation));
    const names = tables.length > 0 ? tables.join(', ') : 'all tables';
    if (!hasOption(options, 'full')) return additive(`${is_vacuumcmd ? 'vacuums' : 'analyzes'} ${names}`);
    return locking(`vacuums ${names} in full`, rewritten(tables.length > 0 ? tables.join(' or ') : 'each of them'));
  },
};

function onTable(effect: Effect, relation: unknown, scope: Scope): Effect {
  return relation !== undefined && scope.hasRelation(relation) ? harmless(effect) : effect;
}

function onObject(effect: Effect, content: Content, scope: Scope): Effect {
  return scope.has(kindOf(content.objectType), nameOf(content)) ? harmless(effect) : effect;
}

function nameOf({ relation, object }: Content): string {
  return relation ? relationName(relation) : objectName(object);
}

function inner(content: Content): Pick<Statement, 'kind' | 'content'> {
  const [entry] = Object.entries((content.query ?? {}) as Record<string, Content>);
  return { kind: entry?.[0] ?? '', content: entry?.[1] ?? {} };
}

function runs({ options }: Content): boolean {
  return hasOption(options, 'analyze');
}

function held(content: Content, scope: Scope): Effect {
  return merge(effectsOf(inner(content), scope));
}

function createTable(content: Content, scope: Scope): Effect {
  const { relation, partbound, inhRelations } = content;
  const name = relationName(relation);
  scope.create('table', name);
  for (const { ColumnDef } of listOf(content.tableElts))
    if (ColumnDef) scope.create('serial', `${name}_${ColumnDef.colname}_seq`);
  const does = `creates the table ${quoted(name)}`;
  const [parent] = contentsOf(inhRelations);
  if (!partbound || (partbound as Content).is_default || scope.hasRelation(parent)) return additive(does);
  const whole = tableName(parent);
  return locking(
    `${does}, a partition of ${whole}`,
    `while a default partition of ${whole} is scanned and nobody can use ${whole}`,
  );
}

/** Every table with a column of the domain is looked through. */
function alterDomain(content: Content, scope: Scope): Effect {
  const name = objectName(content.typeName);
  const domain = `the domain ${quoted(name)}`;
  const scan = scanned('each table that uses it');
  const { skip_validation } = ((content.def as Record<string, Content> | undefined)?.Constraint ?? {}) as Content;
  const effect = {
    T: content.def ? additive(`sets the default of ${domain}`) : destructive(`drops the default of ${domain}`),
    N: additive(`allows null in ${domain}`),
    O: destructive(`forbids null in ${domain}`, scan),
    C: destructive(`adds a constraint to ${domain}`, skip_validation ? undefined : scan),
    X: destructive(`drops the constraint ${quoted(content.name)} of ${domain}`),
    V: locking(
      `validates the constraint ${quoted(content.name)} of ${domain}`,
      scannedForReaders('each table that uses it'),
    ),
  }[String(content.subtype)];
  return onNamed(effect ?? destructive(`changes ${domain}`), 'domain', name, scope);
}

function onNamed(effect: Effect, kind: string, name: string, scope: Scope): Effect {
  return scope.has(kind, name) ? harmless(effect) : effect;
}

function rename(content: Content, scope: Scope): Effect {
  const { renameType, relation, subname, newname, object } = content;
  const part = subname !== undefined && (relation !== undefined || object !== undefined);
  const whole = relation ? relationName(relation) : objectName(object);
  if (part) {
    const effect = destructive(`renames ${quoted(subname)} of ${quoted(whole)} to ${quoted(newname)}`);
    const fresh = renameType === 'OBJECT_COLUMN' ? scope.fresh(relation, subname) : undefined;
    if (fresh) scope.setFresh(relation, newname, fresh);
    return fresh ? harmless(effect) : onTable(effect, relation, scope);
  }
  const kind = kindOf(renameType);
  const name = whole === '' ? String(subname) : whole;
  const effect = onNamed(destructive(`renames the ${kind} ${quoted(name)} to ${quoted(newname)}`), kind, name, scope);
  scope.rename(kind, name, String(newname));
  return effect;
}

/** What hangs on a table is new when the table is. */
const ofTables = new Set(['policy', 'rule', 'trigger']);

function drop(content: Content, scope: Scope): Effect {
  const kind = kindOf(content.removeType);
  const objects = (content.objects as unknown[] | undefined) ?? [];
  const names = objects.map(objectName);
  const effect = destructive(`drops the ${kind} ${shown(kind, objects, names)}`);
  const own = ofTables.has(kind)
    ? objects.every((object) => scope.has('table', nameParts(object).slice(0, -1).join('.')))
    : names.every((name) => scope.has(kind, name));
  return own && names.length > 0 ? harmless(effect) : effect;
}

function shown(kind: string, objects: unknown[], names: string[]): string {
  if (!ofTables.has(kind)) return names.map(quoted).join(', ');
  return objects
    .map((object) => {
      const parts = nameParts(object);
      return `${quoted(parts.at(-1))} of ${quoted(parts.slice(0, -1).join('.'))}`;
    })
    .join(', ');
}

function copy(content: Content, scope: Scope): Effect {
  if (content.is_program) return destructive('runs a program on the server, which can do anything');
  if (content.is_from) return additive(`inserts rows into ${tableName(content.relation)}`);
  return content.query ? merge(effectsOf(inner(content), scope)) : additive(`reads ${tableName(content.relation)}`);
}
