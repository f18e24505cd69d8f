import { ts } from '@ts-morph/common';
import { memberOf, skipAlias, symbolOf, unwrap } from './references.ts';

/** What the declaration of a property says about how it travels. */
export interface Location {
  /** `attribute`: of a message of a topic; such a field is in the message, too. */
  in: 'header' | 'query' | 'cookie' | 'status' | 'attribute';
  /** The name on the wire, when it differs from the property's. */
  wire?: string;
  /** The type of the value; absent: text, or a status. */
  value?: ts.TypeNode;
}

const locating: Record<string, Location['in']> = {
  'encore.dev/api#Header': 'header',
  'encore.dev/api#Query': 'query',
  'encore.dev/api#Cookie': 'cookie',
  'encore.dev/api#HttpStatus': 'status',
  'encore.dev/pubsub#Attribute': 'attribute',
};

/** Longer ways from a value to what says where it travels are not followed. */
const maximumSteps = 10;

type Exports = ReadonlyMap<ts.Symbol, string>;

/**
 * Finds `Header<…>`, `Query<…>`, `Cookie<…>`, `HttpStatus` and `Attribute<…>` in the declaration of a property. They are aliases
 * that leave no trace in the property's type, so it is the declaration that is read: through unions, intersections and aliases, and
 * of an inferred property through what its value says of itself.
 */
export function locationOf(property: ts.Symbol, checker: ts.TypeChecker, exports: Exports): Location | undefined {
  for (const declaration of property.declarations ?? []) {
    const location = declared(declaration, checker, exports, 0);
    if (location) return location;
  }
  return undefined;
}

/** Whether the declaration of a property says that it is an `Attribute<…>` of a message. */
export function isAttribute(property: ts.Symbol, checker: ts.TypeChecker, exports: Exports): boolean {
  return locationOf(property, checker, exports)?.in === 'attribute';
}

function declared(at: ts.Node, checker: ts.TypeChecker, exports: Exports, steps: number): Location | undefined {
  if (ts.isPropertySignature(at)) return at.type && inType(at.type, checker, exports, 0);
  if (ts.isPropertyDeclaration(at) || ts.isVariableDeclaration(at) || ts.isParameter(at)) {
    if (at.type) return inType(at.type, checker, exports, 0);
    return at.initializer && inValue(at.initializer, checker, exports, steps + 1);
  }
  if (ts.isPropertyAssignment(at)) return inValue(at.initializer, checker, exports, steps);
  if (ts.isShorthandPropertyAssignment(at)) return inValue(at.name, checker, exports, steps);
  return undefined;
}

/** Of `HttpStatus.Created`, a variable, the result of a function or a cast; of a condition, when both of its sides agree. */
function inValue(
  expression: ts.Expression,
  checker: ts.TypeChecker,
  exports: Exports,
  steps: number,
): Location | undefined {
  if (steps > maximumSteps) return undefined;
  const said = ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) ? expression.type : undefined;
  const location = said && inType(said, checker, exports, 0);
  if (location) return location;
  const node = unwrap(expression);
  if (ts.isConditionalExpression(node)) {
    const [one, other] = [node.whenTrue, node.whenFalse].map((side) => inValue(side, checker, exports, steps + 1));
    return one?.in === other?.in ? one : undefined;
  }
  if (ts.isIdentifier(node)) {
    const at = symbolOf(node, checker)?.valueDeclaration;
    return at && (ts.isVariableDeclaration(at) || ts.isParameter(at))
      ? declared(at, checker, exports, steps + 1)
      : undefined;
  }
  if (ts.isCallExpression(node)) {
    const at = symbolOf(node.expression, checker)?.valueDeclaration;
    const result = at && ts.isFunctionDeclaration(at) ? at.type : undefined;
    return result && inType(result, checker, exports, 0);
  }
  const owner = memberOf(node)?.owner;
  return owner && inStatus(owner, checker, exports);
}

/** Of the `HttpStatus` of `HttpStatus.Created`. */
function inStatus(owner: ts.Node, checker: ts.TypeChecker, exports: Exports): Location | undefined {
  const found = ts.isExpression(owner) ? symbolOf(owner, checker) : checker.getSymbolAtLocation(owner);
  const symbol = found && skipAlias(found, checker);
  return symbol && locating[exports.get(symbol) ?? ''] === 'status' ? { in: 'status' } : undefined;
}

function inType(node: ts.TypeNode, checker: ts.TypeChecker, exports: Exports, depth: number): Location | undefined {
  if (depth > maximumSteps) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return inType(node.type, checker, exports, depth);
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) {
    for (const part of node.types) {
      const location = inType(part, checker, exports, depth + 1);
      if (location) return location;
    }
    return undefined;
  }
  if (ts.isTypeQueryNode(node) && ts.isQualifiedName(node.exprName))
    return inStatus(node.exprName.left, checker, exports);
  if (!ts.isTypeReferenceNode(node)) return undefined;
  const found = checker.getSymbolAtLocation(node.typeName);
  const symbol = found && skipAlias(found, checker);
  const kind = symbol && locating[exports.get(symbol) ?? ''];
  if (kind) return { in: kind, ...argumentsOf(node.typeArguments ?? [], checker) };
  const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
  return alias && !alias.typeParameters ? inType(alias.type, checker, exports, depth + 1) : undefined;
}

/** `<'Name'>`, `<T>` or `<T, 'Name'>`. */
function argumentsOf([first, second]: readonly ts.TypeNode[], checker: ts.TypeChecker): Omit<Location, 'in'> {
  const name = second && literal(second, checker);
  if (!first) return {};
  const only = second ? undefined : literal(first, checker);
  if (only !== undefined) return { wire: only };
  return { value: first, ...(name !== undefined && { wire: name }) };
}

function literal(node: ts.TypeNode, checker: ts.TypeChecker): string | undefined {
  const type = checker.getTypeFromTypeNode(node);
  return type.isStringLiteral() ? type.value : undefined;
}
