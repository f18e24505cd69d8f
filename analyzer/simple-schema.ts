import { ts } from '@ts-morph/common';
import type { JsonSchema } from './graph.ts';
import { templatePattern, wholePattern } from './template-patterns.ts';

/** The schema of a type that is neither made of others nor without a form in JSON; undefined for any other type. */
export function simpleSchema(type: ts.Type, checker: ts.TypeChecker): JsonSchema | undefined {
  const is = (flag: ts.TypeFlags) => (type.flags & flag) !== 0;
  if (is(ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
  if (is(ts.TypeFlags.Never)) return { not: {} };
  if (is(ts.TypeFlags.Null)) return { type: 'null' };
  if (is(ts.TypeFlags.Boolean)) return { type: 'boolean' };
  const literal = literalSchema(type, checker);
  if (literal) return literal;
  if (is(ts.TypeFlags.TemplateLiteral)) {
    return { type: 'string', pattern: wholePattern([templatePattern(type as ts.TemplateLiteralType)]) };
  }
  if (is(ts.TypeFlags.StringLike) && !type.isUnion()) return { type: 'string' };
  if (is(ts.TypeFlags.NumberLike) && !type.isUnion()) return { type: 'number' };
  if (is(ts.TypeFlags.BigIntLike)) return { type: 'string', 'x-type': 'bigint' };
  if (is(ts.TypeFlags.NonPrimitive)) return { type: 'object', additionalProperties: true };
  return undefined;
}

function literalSchema(type: ts.Type, checker: ts.TypeChecker): JsonSchema | undefined {
  if (type.flags & ts.TypeFlags.BooleanLiteral)
    return { type: 'boolean', const: checker.typeToString(type) === 'true' };
  if (!type.isLiteral()) return undefined;
  const { value } = type;
  if (typeof value !== 'object') return { type: typeof value, const: value };
  return { type: 'string', 'x-type': 'bigint', const: `${value.negative ? '-' : ''}${value.base10Value}` };
}
