import { type Content, nameParts, relationName } from '../tree.ts';

/** A name as reasons show it. The schema `public` goes without saying. */
export function quoted(name: unknown): string {
  return `\`${String(name).replace(/^public\./, '')}\``;
}

export function tableName(relation: unknown): string {
  return quoted(relationName(relation));
}

/** `schema.name` of what a statement about any kind of object names. */
export function objectName(object: unknown): string {
  const { ObjectWithArgs, TypeName } = (object ?? {}) as Record<string, Content | undefined>;
  return nameParts(ObjectWithArgs?.objname ?? TypeName?.names ?? object).join('.');
}

/** `OBJECT_MATVIEW` in words. */
export function kindOf(objectType: unknown): string {
  const words = String(objectType ?? 'object')
    .replace(/^OBJECT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  return { matview: 'materialized view', tabconstraint: 'constraint', domconstraint: 'constraint' }[words] ?? words;
}
