import { ts } from '@ts-morph/common';
import type { JsonSchema } from './graph.ts';
import { compare } from './report.ts';
import { isStructure } from './type-facts.ts';

/** One schema for any of several: literals of one type become an `enum`, both booleans one; in an order of their own. */
export function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const booleans = schemas.filter((schema) => schema.type === 'boolean');
  const others = schemas.filter((schema) => schema.type !== 'boolean' && !isPlainLiteral(schema));
  const members = [
    ...others,
    ...(booleans.length > 1 ? [{ type: 'boolean' }] : booleans),
    ...enumOf(schemas, 'string'),
    ...enumOf(schemas, 'number'),
  ];
  const unique = new Map(members.map((member) => [JSON.stringify(member), member]));
  const sorted = [...unique].sort(([a], [b]) => compare(a, b)).map(([, member]) => member);
  return sorted.length === 1 && sorted[0] ? sorted[0] : { anyOf: sorted };
}

/** The property by whose literal the members of a union of objects can be told apart, the first by name. */
export function discriminatorOf(parts: readonly ts.Type[], checker: ts.TypeChecker): string | undefined {
  const [first] = parts;
  if (!first || !parts.every(isStructure)) return undefined;
  const literalOf = (part: ts.Type, name: string) => {
    const property = checker.getPropertyOfType(part, name);
    const type = property && !(property.flags & ts.SymbolFlags.Optional) && checker.getTypeOfSymbol(property);
    return type && (type.isStringLiteral() || type.isNumberLiteral()) ? type.value : undefined;
  };
  const names = checker.getPropertiesOfType(first).map(({ name }) => name);
  return names.sort(compare).find((name) => {
    if (literalOf(first, name) === undefined) return false;
    const values = parts.map((part) => literalOf(part, name));
    return !values.includes(undefined) && new Set(values).size === parts.length;
  });
}

function isPlainLiteral(schema: JsonSchema): boolean {
  return 'const' in schema && schema.type !== 'boolean' && Object.keys(schema).length === 2;
}

/** The literals of one type among the members of a union, as one schema. */
function enumOf(schemas: readonly JsonSchema[], type: 'string' | 'number'): JsonSchema[] {
  const values = schemas
    .filter((schema) => isPlainLiteral(schema) && schema.type === type)
    .map((schema) => schema.const);
  if (values.length < 2) return values.map((value) => ({ type, const: value }));
  const sorted = type === 'number' ? (values as number[]).sort((a, b) => a - b) : (values as string[]).sort(compare);
  return [{ type, enum: [...new Set<unknown>(sorted)] }];
}
