import { ts } from '@ts-morph/common';
import { memberOf, symbolOf, unwrap, wrapped } from './references.ts';
import type { Report } from './report.ts';

/** How one kind of resource is declared. */
export interface Declared {
  /** `module#name` of the export that declares it, with a static member after a dot. */
  declares: string;
  as: 'new' | 'call';
  /** `variable`: it must be the value of a variable at the top of its module. `default`: its default export. */
  bound: 'variable' | 'default' | 'any';
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

/** Finds every declaration in the files by the symbol it calls, in the order of the sources. */
export function findSites(
  files: readonly ts.SourceFile[],
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  recognisers: readonly Declared[],
): Site[] {
  const known = new Set(recognisers.map(({ declares, as }) => `${as} ${declares}`));
  const sites: Site[] = [];
  for (const file of files) {
    const imported = importedNames(file);
    if (imported.size === 0) continue;
    visit(file, (node) => {
      if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
      if (!imported.has(rootName(node.expression))) return;
      const declares = runtimeName(node.expression, checker, exports);
      if (declares === undefined || !known.has(`${ts.isNewExpression(node) ? 'new' : 'call'} ${declares}`)) return;
      sites.push({ declares, node, file, binding: bindingOf(node) });
    });
  }
  return sites;
}

/** `module#name`, or `module#name.member`, when the expression is something that `encore.dev` exports. */
export function runtimeName(
  expression: ts.Expression,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): string | undefined {
  const symbol = symbolOf(expression, checker);
  if (symbol) return exports.get(symbol);
  const member = memberOf(unwrap(expression));
  const owner = member && symbolOf(member.owner, checker);
  const name = owner && exports.get(owner);
  return name === undefined ? undefined : `${name}.${member?.name.text}`;
}

/** Refuses declarations that are not where their kind has to be; the rest is worth recognising. */
export function wellPlaced(site: Site, { what, bound }: Declared, report: Report): boolean {
  const { kind } = site.binding;
  if (kind === 'function') {
    report.error(
      'FL1101',
      site.node,
      `${what} is declared inside a function`,
      'Move the declaration to the top level of its module: infrastructure is known before the code runs.',
    );
    return false;
  }
  if (kind === 'nested' || (bound === 'variable' && kind !== 'variable')) {
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

function importedNames(file: ts.SourceFile): Set<string | undefined> {
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
