import { ts } from '@ts-morph/common';

/** The symbol behind imports, exports and re-exports. */
export function skipAlias(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The expression inside parentheses, `as`, `satisfies`, `!` and type assertions. */
export function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (isOuter(inner)) inner = inner.expression;
  return inner;
}

/** The outermost expression that is only parentheses, `as`, `satisfies` or `!` around `node`. */
export function wrapped(node: ts.Expression): ts.Expression {
  let outer: ts.Expression = node;
  while (isOuter(outer.parent)) outer = outer.parent;
  return outer;
}

function isOuter(
  node: ts.Node,
): node is
  | ts.ParenthesizedExpression
  | ts.AsExpression
  | ts.SatisfiesExpression
  | ts.NonNullExpression
  | ts.TypeAssertion {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
  );
}

/** What an identifier, or a member of a namespace import, stands for; undefined for any other expression. */
export function symbolOf(expression: ts.Expression, checker: ts.TypeChecker): ts.Symbol | undefined {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) {
    const shorthand = ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node;
    const symbol = shorthand
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    return symbol && skipAlias(symbol, checker);
  }
  const member = memberOf(node);
  if (!member) return undefined;
  const owner = symbolOf(member.owner, checker);
  if (!owner || !(owner.flags & ts.SymbolFlags.Module)) return undefined;
  const symbol = checker.tryGetMemberInModuleExports(member.name.text, owner);
  return symbol && skipAlias(symbol, checker);
}

/** `owner.name` and `owner['name']`. */
export function memberOf(
  node: ts.Node,
): { owner: ts.Expression; name: ts.Identifier | ts.StringLiteralLike } | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name))
    return { owner: node.expression, name: node.name };
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return { owner: node.expression, name: node.argumentExpression };
  }
  return undefined;
}

/** The initializer of a `const`, for following `const alias = original`. */
export function constantInitializer(symbol: ts.Symbol): ts.Expression | undefined {
  const declaration = symbol.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
  return ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const ? declaration.initializer : undefined;
}

/** The specifier of `import(…)` and `require(…)`. */
export function loadedModule(node: ts.Node): ts.StringLiteralLike | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression: callee } = node;
  const [specifier] = node.arguments;
  const loads = callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
  return loads && specifier && ts.isStringLiteralLike(specifier) ? specifier : undefined;
}
