import { resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import type { Reader } from './context.ts';
import type { Code } from './facts.ts';
import { isStatic, isTopLevel, isValue } from './holders.ts';
import { type Found, type Mention, usesAt, usesOfLoaded, usesOfSite } from './operations.ts';
import { loadedModule, memberOf, skipAlias, symbolOf, unwrap, wrapped } from './references.ts';
import { importedNames, keyOf, type Site } from './sites.ts';
import { readStatements } from './statements.ts';
import { checkModules } from './unfollowed.ts';

/**
 * Finds what every piece of a file's code mentions: resources with what is done to them, and other code. A piece is a declaration
 * at the top level; what runs when the module is loaded belongs to `''`.
 */
export async function readCode(
  file: ts.SourceFile,
  declared: readonly Site[],
  reader: Reader,
): Promise<Record<string, Code>> {
  const sites = new Map<ts.Node, Site>(declared.map((site) => [site.node, site]));
  const pieces = new Map<string, { references: Set<string>; found: Found[] }>();
  const piece = (key: string) => {
    const known = pieces.get(key) ?? { references: new Set<string>(), found: [] };
    pieces.set(key, known);
    return known;
  };
  piece('');
  const names = topLevelNames(file);
  checkModules(file, reader);

  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) walk(declaration, pieceOf(declaration), '');
    } else if (ts.isFunctionDeclaration(statement)) {
      const key = pieceOf(statement);
      walk(statement, key, key);
    } else if (ts.isClassDeclaration(statement) || ts.isExportAssignment(statement)) {
      walk(statement, pieceOf(statement), '');
    } else if (!isTypeOnly(statement)) {
      walk(statement, '', '');
    }
  }
  const literals = [...pieces.values()].flatMap(({ found }) => found);
  await readStatements(literals, file, reader.report);
  return Object.fromEntries(
    [...pieces].map(([key, { references, found }]) => [
      key,
      { references: [...references].sort(), uses: found.map(({ fact }) => fact) },
    ]),
  );

  function pieceOf(declaration: ts.Node): string {
    const key = keyOf(declaration, reader.report);
    piece(key);
    return key;
  }

  /** `current` is the piece that the node's code belongs to: `''` while the module is loaded, `owner` inside functions. */
  function walk(node: ts.Node, owner: string, current: string): void {
    if (ts.isIdentifier(node)) identifier(node, current);
    const specifier = loadedModule(node);
    if (specifier) loaded(node as ts.CallExpression, specifier, current);
    const started = startedFile(node, reader);
    if (started !== undefined) piece(current).references.add(`${started}#*`);
    const site = sites.get(node);
    if (site) {
      piece(current).found.push(...usesOfSite(site, reader));
      // What is registered there runs in the service of the file, and not wherever the module is loaded.
      const registered = owner || pieceOf(node);
      ts.forEachChild(node, (child) => walk(child, registered, registered));
      return;
    }
    const inner = isDeferred(node, sites) ? owner : current;
    ts.forEachChild(node, (child) => walk(child, owner, inner));
  }

  function identifier(node: ts.Identifier, current: string): void {
    if (!names.has(node.text) || !isValue(node)) return;
    const mentioned = mention(node, reader.checker);
    if (!mentioned) return;
    const into = piece(current);
    for (const key of codeOf(mentioned.symbol, reader)) into.references.add(key);
    into.found.push(...usesAt(mentioned, reader));
  }

  function loaded(call: ts.CallExpression, specifier: ts.Expression, current: string): void {
    const module = reader.checker.getSymbolAtLocation(specifier);
    const into = piece(current);
    for (const key of module ? codeOf(module, reader) : []) into.references.add(key);
    into.found.push(...usesOfLoaded(call, module, reader));
  }
}

/** The file of the application that `new URL('./worker.ts', import.meta.url)` names, for a thread or a process to run. */
function startedFile(node: ts.Node, { sources, report }: Reader): string | undefined {
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'URL') return undefined;
  const [path, base] = node.arguments ?? [];
  if (!path || !ts.isStringLiteralLike(path) || base?.getText() !== 'import.meta.url') return undefined;
  const file = resolve(node.getSourceFile().fileName, '..', path.text);
  const found = [file, file.replace(/\.([cm]?)js$/, '.$1ts')].find((one) => sources.has(one));
  return found && report.relative(found);
}

/** The names that may stand for a resource or for other code: imports and declarations at the top level. */
function topLevelNames(file: ts.SourceFile): ReadonlySet<string | undefined> {
  const names = importedNames(file);
  const collect = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) collect(element.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) collect(name);
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isModuleDeclaration(statement))
      names.add(statement.name?.text);
  }
  return names;
}

/**
 * The declarations at the top level of modules that a symbol is declared by or in: of an overloaded function, every signature and
 * the one with the body.
 */
function pieceNodes({ declarations = [] }: ts.Symbol): ts.Node[] {
  return declarations.flatMap(
    (declaration) =>
      ts.findAncestor(declaration, (at) =>
        ts.isVariableDeclaration(at) ? isTopLevel(at) : at.parent !== undefined && ts.isSourceFile(at.parent),
      ) ?? [],
  );
}

/** The keys of the code that a symbol stands for, as far as it is the application's; of a module, of all that it exports. */
function codeOf(symbol: ts.Symbol, reader: Reader, seen = new Set<ts.Symbol>()): string[] {
  const { checker, sources, report } = reader;
  if (seen.has(symbol)) return [];
  seen.add(symbol);
  const module = symbol.declarations?.find(ts.isSourceFile);
  if (!module) {
    const nodes = pieceNodes(symbol).filter((node) => sources.has(node.getSourceFile().fileName));
    return nodes.map((node) => keyOf(node, report));
  }
  if (!sources.has(module.fileName)) return [];
  const exported = checker.getExportsOfModule(symbol).flatMap((one) => codeOf(skipAlias(one, checker), reader, seen));
  return [`${report.relative(module.fileName)}#*`, ...exported];
}

/**
 * Functions run later than the code around them, save those that are called where they are written, or that are passed while the
 * module is loaded: whatever takes them may call them.
 */
function isDeferred(node: ts.Node, sites: ReadonlyMap<ts.Node, Site>): boolean {
  if (ts.isPropertyDeclaration(node)) return !isStatic(node) && isKept(node.parent, sites);
  if (!ts.isFunctionLike(node)) return false;
  if (ts.isFunctionDeclaration(node)) return true;
  return isKept(ts.isClassElement(node) || ts.isObjectLiteralElement(node) ? node.parent : node, sites);
}

/** Whether a function, or what it is a member of, is only named or declared where it is written. */
function isKept(value: ts.Node, sites: ReadonlyMap<ts.Node, Site>): boolean {
  if (ts.isClassLike(value) && [value, ...value.members].some(isDecorated)) return false;
  if (ts.isClassDeclaration(value)) return true;
  const outer = wrapped(value as ts.Expression);
  const { parent } = outer;
  if (ts.isVariableDeclaration(parent) || ts.isExportAssignment(parent)) return true;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent))
    return parent.expression !== outer && sites.has(parent);
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return isKept(parent.parent, sites);
  const passes =
    ts.isArrayLiteralExpression(parent) || ts.isConditionalExpression(parent) || ts.isBinaryExpression(parent);
  return passes && isKept(parent, sites);
}

function isDecorated(node: ts.Node): boolean {
  return ts.canHaveDecorators(node) && ts.getDecorators(node) !== undefined;
}

function isTypeOnly(statement: ts.Statement): boolean {
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  );
}

/** The longest expression from `node` outwards that names one thing: `orders.db` of a namespace import is one. */
function mention(node: ts.Identifier, checker: ts.TypeChecker): Mention | undefined {
  const symbol = symbolOf(node, checker);
  if (!symbol) return undefined;
  let found: Mention = { expression: node, symbol };
  while (found.symbol.flags & ts.SymbolFlags.Module) {
    const outer = wrapped(found.expression).parent as ts.Expression;
    const inner = memberOf(outer) && symbolOf(outer, checker);
    if (!inner || unwrap(memberOf(outer)?.owner ?? outer) !== found.expression) break;
    found = { expression: outer, symbol: inner };
  }
  return found;
}
