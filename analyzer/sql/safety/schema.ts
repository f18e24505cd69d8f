import type { Statement } from '../parser.ts';
import { type Content, contentsOf, listOf, nameParts, relationName } from '../tree.ts';
import { kindOf, objectName } from './names.ts';

/** What the migrations of a database have declared so far: the types of columns, and the domains that check their values. */
export class Schema {
  readonly #columns = new Map<string, Map<string, string>>();
  readonly #checked = new Set<string>();

  /** As `typeText` gives it; undefined when no migration says. */
  typeOf(relation: unknown, column: string): string | undefined {
    return this.#columns.get(plain(relationName(relation)))?.get(column);
  }

  isChecked(type: unknown): boolean {
    return this.#checked.has(plain(objectName({ TypeName: type })));
  }

  /** Takes in what a statement declares. */
  note({ kind, content }: Pick<Statement, 'kind' | 'content'>): void {
    if (kind === 'CreateStmt') this.#create(content);
    if (kind === 'AlterTableStmt')
      for (const command of contentsOf(content.cmds)) this.#alter(content.relation, command);
    if (kind === 'RenameStmt') this.#rename(content);
    if (kind === 'DropStmt' && content.removeType === 'OBJECT_TABLE') {
      for (const object of listOf(content.objects)) this.#columns.delete(plain(objectName(object)));
    }
    const checks = contentsOf(content.constraints).some(
      ({ contype }) => contype !== 'CONSTR_DEFAULT' && contype !== 'CONSTR_NULL',
    );
    if (kind === 'CreateDomainStmt' && checks) this.#checked.add(plain(objectName(content.domainname)));
    if (kind === 'AlterDomainStmt' && /^[CO]$/.test(String(content.subtype)))
      this.#checked.add(plain(objectName(content.typeName)));
  }

  #create({ relation, tableElts }: Content): void {
    const name = plain(relationName(relation));
    if (this.#columns.has(name)) return;
    const columns = listOf(tableElts).flatMap(({ ColumnDef }) => (ColumnDef ? [ColumnDef] : []));
    this.#columns.set(name, new Map(columns.map(({ colname, typeName }) => [String(colname), typeText(typeName)])));
  }

  #alter(relation: unknown, command: Content): void {
    const name = plain(relationName(relation));
    const columns = this.#columns.get(name) ?? new Map<string, string>();
    this.#columns.set(name, columns);
    const { ColumnDef } = (command.def ?? {}) as Record<string, Content | undefined>;
    const column = String(command.name ?? ColumnDef?.colname);
    if (command.subtype === 'AT_AddColumn' && !columns.has(column)) columns.set(column, typeText(ColumnDef?.typeName));
    if (command.subtype === 'AT_AlterColumnType') columns.set(column, typeText(ColumnDef?.typeName));
    if (command.subtype === 'AT_DropColumn') columns.delete(column);
  }

  #rename({ renameType, relation, subname, newname }: Content): void {
    const name = plain(relationName(relation));
    const columns = this.#columns.get(name);
    if (!columns) return;
    if (kindOf(renameType) === 'table') {
      this.#columns.delete(name);
      this.#columns.set(name.replace(/[^.]*$/, String(newname)), columns);
    } else if (kindOf(renameType) === 'column') {
      const type = columns.get(String(subname));
      columns.delete(String(subname));
      if (type !== undefined) columns.set(String(newname), type);
    }
  }
}

function plain(name: string): string {
  return name.replace(/^public\./, '');
}

/** `varchar(20)`, `int4`, `s.mood[]`. */
export function typeText(type: unknown): string {
  const { names, typmods, arrayBounds, setof } = (type ?? {}) as Content;
  const parts = nameParts(names);
  const name = (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.');
  const numbers = contentsOf(typmods).map(({ ival }) => (ival as { ival?: number } | undefined)?.ival ?? 0);
  const size = numbers.length > 0 ? `(${numbers.join(',')})` : '';
  return `${setof ? 'setof ' : ''}${name}${size}${arrayBounds ? '[]' : ''}`;
}

const wider: Record<string, readonly string[]> = {
  int2: ['int4', 'int8'],
  int4: ['int8'],
  float4: ['float8'],
  serial: ['int8'],
};

/**
 * Whether every value of a type is the same in another, so that former code does not notice: `free` when no row need be touched,
 * `rewrite` when each is written again. Undefined when values may change, or for all that is known.
 */
export function widening(from: string, to: string): 'free' | 'rewrite' | undefined {
  if (from === to) return 'free';
  if (wider[from]?.includes(to)) return 'rewrite';
  const [, kind = '', a] = /^(varchar|varbit|numeric)(?:\(([\d,]+)\))?$/.exec(from) ?? [];
  const [, target = '', b] = /^(varchar|varbit|numeric|text)(?:\(([\d,]+)\))?$/.exec(to) ?? [];
  if (kind === 'varchar' && target === 'text') return 'free';
  if (from === 'text' && to === 'varchar') return 'free';
  if (kind === '' || kind !== target) return undefined;
  if (b === undefined) return 'free';
  const [size = 0, scale = 0] = (a ?? '').split(',').map(Number);
  const [newSize = 0, newScale = 0] = b.split(',').map(Number);
  return a !== undefined && newSize >= size && newScale === scale ? 'free' : undefined;
}
