import { ts } from '@ts-morph/common';
import { memberOf, skipAlias, symbolOf, unwrap } from './references.ts';

/** What the declaration of a property says about how it travels. */
export interface Location {
  in: 'header' | 'query' | 'cookie' | 'status';
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
};

/**
 * Finds `Header<…>`, `Query<…>`, `Cookie<…>` and `HttpStatus` in the declaration of a property. They are aliases that leave no
 * trace in the property's type, so it is the declaration that is read: through unions, intersections and aliases.
 */
export function locationOf(
  property: ts.Symbol,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): Location | undefined {
  for (const declaration of property.declarations ?? []) {
    if (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)) {
      const location = declaration.type && inType(declaration.type, checker, exports);
      if (location) return location;
    }
    // An inferred response: `{ status: HttpStatus.Created }`.
    if (ts.isPropertyAssignment(declaration) && isStatus(declaration.initializer, checker, exports))
      return { in: 'status' };
  }
  return undefined;
}

/** `HttpStatus.Created`, also as either side of a condition. */
function isStatus(
  expression: ts.Expression,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): boolean {
  const node = unwrap(expression);
  if (ts.isConditionalExpression(node)) {
    return isStatus(node.whenTrue, checker, exports) && isStatus(node.whenFalse, checker, exports);
  }
  const owner = memberOf(node)?.owner;
  const symbol = owner && symbolOf(owner, checker);
  return symbol !== undefined && locating[exports.get(symbol) ?? ''] === 'status';
}

function inType(
  node: ts.TypeNode,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): Location | undefined {
  const found = referenceIn(node, Object.keys(locating), checker, exports);
  const kind = found && locating[found.name];
  return kind && { in: kind, ...argumentsOf(found.node.typeArguments ?? [], checker) };
}

/** Whether the declaration of a property says that it is an `Attribute<…>` of a message. */
export function isAttribute(
  property: ts.Symbol,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): boolean {
  return (property.declarations ?? []).some(
    (declaration) =>
      (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)) &&
      declaration.type !== undefined &&
      referenceIn(declaration.type, ['encore.dev/pubsub#Attribute'], checker, exports) !== undefined,
  );
}

/** The first mention of one of the exports of `encore.dev` in a type: in its unions, intersections and aliases. */
function referenceIn(
  node: ts.TypeNode,
  names: readonly string[],
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  depth = 0,
): { name: string; node: ts.TypeReferenceNode } | undefined {
  if (depth > 10) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return referenceIn(node.type, names, checker, exports, depth);
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) {
    for (const part of node.types) {
      const found = referenceIn(part, names, checker, exports, depth + 1);
      if (found) return found;
    }
    return undefined;
  }
  if (!ts.isTypeReferenceNode(node)) return undefined;
  const mentioned = checker.getSymbolAtLocation(node.typeName);
  const symbol = mentioned && skipAlias(mentioned, checker);
  const name = symbol && exports.get(symbol);
  if (name !== undefined && names.includes(name)) return { name, node };
  const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
  return alias && !alias.typeParameters ? referenceIn(alias.type, names, checker, exports, depth + 1) : undefined;
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
