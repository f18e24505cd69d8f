import { ts } from '@ts-morph/common';
import type { Outline } from './facts.ts';
import { constantInitializer, memberOf, skipAlias, symbolOf, unwrap, wrapped } from './references.ts';
import type { Report } from './report.ts';

/** How one kind of resource is declared. */
export interface Form {
  /** `module#name` of the export that declares it, with a static member after a dot. */
  declares: string;
  as: 'new' | 'call';
  /** `variable`: it must be the value of a variable at the top of its module. */
  bound: 'variable' | 'any';
  /** Whether it may also be declared inside a function. */
  anywhere?: boolean;
  /** For messages: `a database`. */
  what: string;
}

/** One `new X(…)` or `x(…)` of something that `encore.dev` exports and a recogniser knows. */
export interface Site {
  declares: string;
  node: ts.NewExpression | ts.CallExpression;
  file: ts.SourceFile;
  binding: Binding;
}

export type Binding =
  | { kind: 'variable'; name: ts.Identifier }
  | { kind: 'default' }
  | { kind: 'statement' }
  /** Part of a larger expression at the top of the module. */
  | { kind: 'nested' }
  | { kind: 'function' };

/** The variable of a declaration that has to be bound to one. */
export function variableOf({ binding }: Site): ts.Identifier {
  return (binding as Extract<Binding, { kind: 'variable' }>).name;
}

/** The doc comment of such a declaration, without its markers; empty when there is none. */
export function docOf(site: Site, checker: ts.TypeChecker): string {
  return ts.displayPartsToString(checker.getSymbolAtLocation(variableOf(site))?.getDocumentationComment(checker));
}

/** Finds every declaration in the file by the symbol it calls, in the order of the source. */
export function findSites(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  forms: ReadonlyMap<string, Form>,
): Site[] {
  const sites: Site[] = [];
  const imported = importedNames(file);
  if (imported.size === 0) return sites;
  for (const name of aliasNames(file)) imported.add(name);
  visit(file, (node) => {
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
    if (!imported.has(rootName(node.expression))) return;
    const declares = declaredBy(node, checker, exports, forms);
    if (declares !== undefined) sites.push({ declares, node, file, binding: bindingOf(node) });
  });
  return sites;
}

/** What a call or `new` declares, if it is of a known form. */
export function declaredBy(
  node: ts.NewExpression | ts.CallExpression,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  forms: ReadonlyMap<string, Form>,
): string | undefined {
  const name = runtimeName(node.expression, checker, exports);
  const form = name === undefined ? undefined : forms.get(name);
  return form?.as === (ts.isNewExpression(node) ? 'new' : 'call') ? name : undefined;
}

/** Tells a declaration from all others. */
export function keyOf(node: ts.Node, report: Report): string {
  const file = node.getSourceFile();
  return `${report.relative(file.fileName)}#${node.getStart(file)}`;
}

/** What is known of a declaration from its place alone. */
export function outlineOf({ declares, node, file, binding }: Site, checker: ts.TypeChecker, report: Report): Outline {
  const variable = binding.kind === 'variable' ? binding.name : undefined;
  const exported = variable && exportedName(variable, file, checker);
  return {
    declares,
    key: keyOf(node, report),
    file: report.relative(file.fileName),
    ...(variable && { variable: variable.text }),
    ...(exported !== undefined && { exported }),
    isDefault: binding.kind === 'default' || (variable !== undefined && isDefaultExport(variable, file, checker)),
    position: report.positionOf(node),
  };
}

/** Of `const orders = new Service('orders'); export default orders;`. */
function isDefaultExport(name: ts.Identifier, file: ts.SourceFile, checker: ts.TypeChecker): boolean {
  const module = checker.getSymbolAtLocation(file);
  const exported = module && checker.tryGetMemberInModuleExports('default', module);
  return exported !== undefined && skipAlias(exported, checker) === checker.getSymbolAtLocation(name);
}

/** An export may also have a text for a name, which no code can say. */
const identifier = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** The name under which the module exports a variable, other than `default`. */
function exportedName(name: ts.Identifier, file: ts.SourceFile, checker: ts.TypeChecker): string | undefined {
  const statement = name.parent.parent.parent;
  if (
    ts.isVariableStatement(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  )
    return name.text;
  const variable = checker.getSymbolAtLocation(name);
  const module = checker.getSymbolAtLocation(file);
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    if (symbol.name === 'default' || !identifier.test(symbol.name)) continue;
    if (skipAlias(symbol, checker) === variable) return symbol.name;
  }
  return undefined;
}

/**
 * `module#name`, or `module#name.member`, when the expression is something that `encore.dev` exports, or a constant that is one:
 * `const get = api`.
 */
export function runtimeName(
  expression: ts.Expression,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  steps = 0,
): string | undefined {
  const symbol = symbolOf(expression, checker);
  if (symbol) {
    const named = exports.get(symbol);
    if (named !== undefined || steps > 10) return named;
    const alias = constantInitializer(symbol);
    if (alias) return isName(alias) ? runtimeName(alias, checker, exports, steps + 1) : undefined;
    return takenOut(symbol, checker, exports, steps + 1);
  }
  const member = memberOf(unwrap(expression));
  const owner = member && runtimeName(member.owner, checker, exports, steps);
  return owner === undefined ? undefined : `${owner}.${member?.name.text}`;
}

/** As `runtimeName`, of the variable of `const { raw } = api`. */
function takenOut(
  { valueDeclaration: element }: ts.Symbol,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  steps: number,
): string | undefined {
  if (!element || !ts.isBindingElement(element) || element.dotDotDotToken || element.initializer) return undefined;
  const key = element.propertyName ?? element.name;
  const variable = element.parent.parent;
  if (!ts.isIdentifier(key) || !ts.isVariableDeclaration(variable) || !variable.initializer) return undefined;
  const owner = isName(variable.initializer) && runtimeName(variable.initializer, checker, exports, steps);
  return owner ? `${owner}.${key.text}` : undefined;
}

function isName(expression: ts.Expression): boolean {
  const node = unwrap(expression);
  return ts.isIdentifier(node) || memberOf(node) !== undefined;
}

/** Refuses declarations that are not where their kind has to be; the rest is worth reading. */
export function wellPlaced(site: Site, { what, bound, anywhere }: Form, report: Report): boolean {
  const { kind } = site.binding;
  if (kind === 'function' && !anywhere) {
    report.error(
      'FL1101',
      site.node,
      `${what} is declared inside a function`,
      'Move the declaration to the top level of its module: infrastructure is known before the code runs.',
    );
    return false;
  }
  if (bound === 'variable' && kind !== 'variable') {
    report.error(
      'FL1102',
      site.node,
      `${what} is not the value of a variable`,
      'Write `const name = …` at the top level of the module, and use the variable.',
    );
    return false;
  }
  return true;
}

function bindingOf(node: ts.Expression): Binding {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isClassStaticBlockDeclaration(at)) return { kind: 'function' };
  }
  const { parent } = wrapped(node);
  if (ts.isExportAssignment(parent)) return { kind: 'default' };
  if (ts.isExpressionStatement(parent) && ts.isSourceFile(parent.parent)) return { kind: 'statement' };
  const topLevel = ts.isVariableDeclaration(parent) && ts.isSourceFile(parent.parent.parent.parent);
  return topLevel && ts.isIdentifier(parent.name) ? { kind: 'variable', name: parent.name } : { kind: 'nested' };
}

/** The local names of everything that a file imports. */
export function importedNames(file: ts.SourceFile): Set<string | undefined> {
  const names = new Set<string | undefined>();
  for (const statement of file.statements) {
    if (ts.isImportEqualsDeclaration(statement)) names.add(statement.name.text);
    if (!ts.isImportDeclaration(statement)) continue;
    const { name, namedBindings } = statement.importClause ?? {};
    if (name) names.add(name.text);
    if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
    if (namedBindings && ts.isNamedImports(namedBindings))
      for (const { name } of namedBindings.elements) names.add(name.text);
  }
  return names;
}

/** The constants at the top level that are other names of something. */
function aliasNames(file: ts.SourceFile): string[] {
  return file.statements.flatMap((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.flatMap(({ name, initializer }) =>
          initializer && isName(initializer) ? namesIn(name) : [],
        )
      : [],
  );
}

/** The variables of a binding: of a pattern, those of its first level. */
function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  const inner = name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : [element.name]));
  return inner.flatMap((one) => (ts.isIdentifier(one) ? [one.text] : []));
}

function rootName(expression: ts.Expression): string | undefined {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) return node.text;
  const member = memberOf(node);
  return member && rootName(member.owner);
}

/** Calls `found` for every node below `node`, in the order of the text. */
export function visit(node: ts.Node, found: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    found(child);
    visit(child, found);
  });
}
