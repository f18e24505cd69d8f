/** A statement or a part of one, as PostgreSQL's parser gives it: one key, the kind, and its content. */
export type Node = Record<string, Content>;

/** What is false, zero or empty is left out of it. */
export interface Content {
  [key: string]: unknown;
  /** In bytes. */
  location?: number;
}

/** The name of a table or of what stands in its place, as the parser gives it. */
export interface Relation {
  catalogname?: string;
  schemaname?: string;
  relname?: string;
  alias?: { aliasname?: string };
}

/** `schema.table`, the schema only when it is written. */
export function relationName(relation: unknown): string {
  const { schemaname, relname = '' } = (relation ?? {}) as Relation;
  return schemaname === undefined ? relname : `${schemaname}.${relname}`;
}

export function isRelation(value: unknown): value is Relation {
  return typeof value === 'object' && value !== null && 'relname' in value && 'relpersistence' in value;
}

/** The contents of a list of nodes, whatever their kinds. */
export function contentsOf(nodes: unknown): Content[] {
  return listOf(nodes).flatMap((node) => Object.values(node));
}

export function listOf(nodes: unknown): Node[] {
  return Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'object' && node !== null) : [];
}

/** The parts of a name in any of the shapes the parser gives it: `["schema", "table"]`. */
export function nameParts(object: unknown): string[] {
  const parts: string[] = [];
  for (const [kind, content] of nodesWithin(object)) {
    if (kind === 'String' && typeof content.sval === 'string') parts.push(content.sval);
  }
  return parts;
}

/** Every node in a tree, in the order of the text, the outer ones first. A tree may be deeper than calls can be. */
export function* nodesWithin(tree: unknown): Generator<[kind: string, content: Content]> {
  const pending: [key: string, value: unknown][] = [['', tree]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [key, value] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (/^[A-Z]/.test(key)) yield [key, value as Content];
    pending.push(...Object.entries(value).reverse());
  }
}

/** Whether an option is given, and not switched off. */
export function hasOption(options: unknown, name: string): boolean {
  const option = contentsOf(options).find(({ defname }) => defname === name);
  if (!option) return false;
  const { String: text, Integer: number, Boolean: truth } = (option.arg ?? {}) as Record<string, Content | undefined>;
  if (number) return number.ival === 1;
  if (truth) return truth.boolval === true;
  return !text || !/^(false|off|0)$/i.test(String(text.sval));
}
