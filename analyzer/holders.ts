import { ts } from '@ts-morph/common';
import { loadedModule, memberOf, skipAlias, symbolOf, unwrap, wrapped } from './references.ts';
import { visit } from './sites.ts';

/** Something whose members may stand for resources: a module, a constant object, a class with static properties. */
export type Holder =
  | { kind: 'module'; symbol: ts.Symbol }
  | { kind: 'object'; node: ts.ObjectLiteralExpression }
  | { kind: 'class'; node: ts.ClassDeclaration };

/** The symbols that have led somewhere: one that comes again names itself, and nothing else. */
export type Path = ReadonlySet<ts.Symbol>;

export const nowhere: Path = new Set();

/** What an expression holds: a namespace import, an object, a class, what an awaited `import()` loads, or a `const` of these. */
export function holderOf(expression: ts.Expression, checker: ts.TypeChecker, path: Path = nowhere): Holder | undefined {
  const node = unwrap(expression);
  const awaited = ts.isAwaitExpression(node) ? unwrap(node.expression) : node;
  const loaded = awaited === node ? undefined : loadedModule(awaited);
  if (loaded) {
    const symbol = checker.getSymbolAtLocation(loaded);
    return symbol && { kind: 'module', symbol };
  }
  if (ts.isObjectLiteralExpression(awaited)) return isHeld(awaited) ? { kind: 'object', node: awaited } : undefined;
  const symbol = symbolOf(awaited, checker) ?? memberSymbol(awaited, checker, path);
  return symbol && holderOfSymbol(symbol, checker, path);
}

/** As `holderOf`, of the symbol of a variable, a class or a module. */
export function holderOfSymbol(symbol: ts.Symbol, checker: ts.TypeChecker, path: Path = nowhere): Holder | undefined {
  if (symbol.flags & ts.SymbolFlags.Module) return { kind: 'module', symbol };
  const { valueDeclaration: at } = symbol;
  if (at && ts.isClassDeclaration(at)) return { kind: 'class', node: at };
  if (path.has(symbol)) return undefined;
  const further = new Set(path).add(symbol);
  const bound = boundMember(symbol, checker, further);
  if (bound) return holderOfSymbol(bound, checker, further);
  const value = constantInitializer(symbol);
  return value && holderOf(value, checker, further);
}

/** Of `topics.created`, where `topics` holds members. */
export function memberSymbol(
  node: ts.Expression,
  checker: ts.TypeChecker,
  path: Path = nowhere,
): ts.Symbol | undefined {
  const member = memberOf(node);
  const holder = member && holderOf(member.owner, checker, path);
  return holder && memberNamed(holder, member.name.text, checker);
}

/** Of `const { created } = topics`: the member that the variable is. */
export function boundMember({ valueDeclaration: at }: ts.Symbol, checker: ts.TypeChecker, path: Path = nowhere) {
  if (!at || !ts.isBindingElement(at) || at.initializer || at.dotDotDotToken) return undefined;
  const variable = at.parent.parent;
  if (!ts.isObjectBindingPattern(at.parent) || !ts.isVariableDeclaration(variable)) return undefined;
  const name = at.propertyName ?? at.name;
  if (!variable.initializer || !isConstant(variable) || !(ts.isIdentifier(name) || ts.isStringLiteral(name)))
    return undefined;
  const holder = holderOf(variable.initializer, checker, path);
  return holder && memberNamed(holder, name.text, checker);
}

export function memberNamed(holder: Holder, name: string, checker: ts.TypeChecker): ts.Symbol | undefined {
  if (holder.kind === 'module') {
    const symbol = checker.tryGetMemberInModuleExports(name, holder.symbol);
    return symbol && skipAlias(symbol, checker);
  }
  return membersOf(holder, checker).find((symbol) => symbol.name === name);
}

/** All that a holder gives access to. */
export function membersOf(holder: Holder, checker: ts.TypeChecker): ts.Symbol[] {
  if (holder.kind === 'module')
    return checker.getExportsOfModule(holder.symbol).map((symbol) => skipAlias(symbol, checker));
  const properties: readonly (ts.ObjectLiteralElementLike | ts.ClassElement)[] =
    holder.kind === 'object' ? holder.node.properties : holder.node.members.filter(isStatic);
  return properties.flatMap(({ name }) => (name && checker.getSymbolAtLocation(name)) ?? []);
}

/** The value of what is never given another one: a `const`, a property of a constant object, a static or read-only property. */
export function constantInitializer({ valueDeclaration: at }: ts.Symbol): ts.Expression | undefined {
  if (!at) return undefined;
  if (ts.isVariableDeclaration(at)) return ts.isIdentifier(at.name) && isConstant(at) ? at.initializer : undefined;
  if (ts.isPropertyAssignment(at) || ts.isPropertyDeclaration(at)) return at.initializer;
  if (ts.isShorthandPropertyAssignment(at)) return at.name;
  return ts.isExportAssignment(at) ? at.expression : undefined;
}

/**
 * The places where what `value` is given to is mentioned. Where that is at the top level of a module there are none, since it is
 * followed wherever it is mentioned. Undefined when the value goes out of sight.
 */
export function placesOf(value: ts.Expression, checker: ts.TypeChecker): ts.Expression[] | undefined {
  const { parent } = value;
  if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) {
    return isHeld(parent.parent) && isNamed(parent) ? placesThroughThis(parent, checker) : undefined;
  }
  if (ts.isPropertyDeclaration(parent)) {
    const own = ts.isPrivateIdentifier(parent.name) || hasModifier(parent, ts.ModifierFlags.Private);
    const visible = isStatic(parent) && ts.isClassDeclaration(parent.parent) && ts.isSourceFile(parent.parent.parent);
    return isNamed(parent) && (own || visible) ? placesThroughThis(parent, checker) : undefined;
  }
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name) || !isConstant(parent)) return undefined;
  // The other blocks of a namespace see it, too.
  if (ts.isModuleBlock(parent.parent.parent.parent)) return undefined;
  return isTopLevel(parent) ? [] : mentionsOf(parent.name, parent, checker);
}

/** Where a name that a `const` declares is mentioned in its scope. */
export function mentionsOf(name: ts.Identifier, variable: ts.VariableDeclaration, checker: ts.TypeChecker) {
  const symbol = checker.getSymbolAtLocation(name);
  const found: ts.Identifier[] = [];
  visit(scopeOf(variable), (node) => {
    if (!ts.isIdentifier(node) || node === name || node.text !== name.text || !isValue(node)) return;
    if (symbolOf(node, checker) === symbol) found.push(node);
  });
  return found;
}

/** The block, the clauses of a `switch`, or the loop that a variable is seen in. */
function scopeOf({ parent: { parent: statement } }: ts.VariableDeclaration): ts.Node {
  if (!ts.isVariableStatement(statement)) return statement;
  return ts.isCaseOrDefaultClause(statement.parent) ? statement.parent.parent : statement.parent;
}

/** Where a class or an object reaches its own property; undefined when `this` itself goes out of sight. */
function placesThroughThis(property: Property, checker: ts.TypeChecker): ts.Expression[] | undefined {
  const name = property.name.text;
  const instance = ts.isPropertyDeclaration(property) && !isStatic(property);
  const isOurs = (type: ts.Type) => instance && type.getProperty(name)?.valueDeclaration === property;
  const found: ts.Expression[] = [];
  let lost = false;
  visit(property.parent, (node) => {
    const access = accessOf(node);
    const self = access && unwrap(access.owner).kind === ts.SyntaxKind.ThisKeyword;
    const known = self || ts.isPrivateIdentifier(property.name);
    if (access?.name === name && (known || isOurs(checker.getTypeAtLocation(access.owner)))) found.push(access.node);
    if (node.kind === ts.SyntaxKind.ThisKeyword) {
      const outer = wrapped(node as ts.Expression);
      lost ||= accessOf(outer.parent)?.owner !== outer;
    }
    if (ts.isObjectBindingPattern(node)) lost ||= isOurs(checker.getTypeAtLocation(node));
  });
  return lost ? undefined : found;
}

type Property = (ts.PropertyDeclaration | ts.PropertyAssignment | ts.ShorthandPropertyAssignment) & {
  name: Exclude<ts.PropertyName, ts.ComputedPropertyName>;
};

/** `owner.name`, `owner.#name` and `owner['name']`. */
function accessOf(node: ts.Node): { node: ts.Expression; owner: ts.Expression; name: string } | undefined {
  if (ts.isPropertyAccessExpression(node)) return { node, owner: node.expression, name: node.name.text };
  const member = memberOf(node);
  return member && { node: node as ts.Expression, owner: member.owner, name: member.name.text };
}

/** An identifier that is evaluated: not a declared name, a member's name, a type, or part of an import or export. */
export function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent)) return false;
  if (ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isExportAssignment(parent)) return true;
  return (parent as ts.NamedDeclaration).name !== node && !ts.isPartOfTypeNode(node);
}

export function isTopLevel(variable: ts.VariableDeclaration): boolean {
  const statement = variable.parent.parent;
  return ts.isVariableStatement(statement) && ts.isSourceFile(statement.parent);
}

export function isConstant(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Constant) !== 0;
}

function isNamed(property: ts.Declaration & { name: ts.PropertyName }): property is Property {
  return !ts.isComputedPropertyName(property.name);
}

/** Whether an object is the value of a constant at the top level, by which everything reaches its members. */
function isHeld(object: ts.ObjectLiteralExpression): boolean {
  const { parent } = wrapped(object);
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) && isConstant(parent) && isTopLevel(parent);
}

export function isStatic(member: ts.ClassElement | ts.ObjectLiteralElementLike): boolean {
  return ts.isPropertyDeclaration(member) && hasModifier(member, ts.ModifierFlags.Static);
}

function hasModifier(declaration: ts.Declaration, flag: ts.ModifierFlags): boolean {
  return (ts.getCombinedModifierFlags(declaration) & flag) !== 0;
}
