import { ts } from '@ts-morph/common';
import type { MemberUse, Reader, Target } from './context.ts';
import type { Code, UseFact } from './facts.ts';
import type { Operation } from './graph.ts';
import { loadedModule, memberOf, skipAlias, symbolOf, unwrap, wrapped } from './references.ts';
import { isTarget, memberUse, type Resolved, resolve, resolveSymbol } from './resolve.ts';
import { usesOf, what } from './resources/mod.ts';
import { importedNames, keyOf, type Site, visit } from './sites.ts';
import { type Literal, literalStatement, readStatements } from './statements.ts';
import { didYouMean } from './suggest.ts';

/** A use whose statement is yet to be read. */
interface Found {
  fact: UseFact;
  literal?: Literal;
}

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
  const pieces = new Map<string, { exported: boolean; references: Set<string>; found: Found[] }>();
  const piece = (key: string, exported = true) => {
    const known = pieces.get(key) ?? { exported, references: new Set<string>(), found: [] };
    pieces.set(key, known);
    return known;
  };
  piece('');
  const names = topLevelNames(file, reader);

  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations)
        walk(declaration, pieceOf(declaration, names), '');
    } else if (ts.isFunctionDeclaration(statement)) {
      const key = pieceOf(statement, names);
      walk(statement, key, key);
    } else if (ts.isClassDeclaration(statement) || ts.isExportAssignment(statement)) {
      walk(statement, pieceOf(statement, names), '');
    } else if (!isTypeOnly(statement)) {
      walk(statement, '', '');
    }
  }
  const literals = [...pieces.values()].flatMap(({ found }) => found);
  await readStatements(literals, file, reader.report);
  return Object.fromEntries(
    [...pieces].map(([key, { exported, references, found }]) => [
      key,
      { exported, references: [...references].sort(), uses: found.map(({ fact }) => fact) },
    ]),
  );

  function pieceOf(declaration: ts.Node, { exported }: Names): string {
    const key = keyOf(declaration, reader.report);
    piece(key, exported(declaration));
    return key;
  }

  /** `current` is the piece that the node's code belongs to: `''` while the module is loaded, `owner` inside functions. */
  function walk(node: ts.Node, owner: string, current: string): void {
    if (ts.isIdentifier(node)) identifier(node, current);
    const specifier = loadedModule(node);
    const module = specifier && reader.checker.getSymbolAtLocation(specifier);
    for (const key of module ? codeOf(module, reader) : []) piece(current).references.add(key);
    const site = sites.get(node);
    if (site) piece(current).found.push(...operationsOf(site.node, targetOf(site, reader), reader));
    const inner = isDeferred(node) ? owner : current;
    ts.forEachChild(node, (child) => walk(child, owner, inner));
  }

  function identifier(node: ts.Identifier, current: string): void {
    if (!names.local.has(node.text) || !isValue(node)) return;
    const mentioned = mention(node, reader.checker);
    if (!mentioned) return;
    const into = piece(current);
    for (const key of codeOf(mentioned.symbol, reader)) into.references.add(key);
    into.found.push(...usesAt(mentioned, reader));
  }
}

interface Names {
  /** The names that may stand for a resource or for other code: imports and declarations at the top level. */
  local: ReadonlySet<string | undefined>;
  exported: (declaration: ts.Node) => boolean;
}

function topLevelNames(file: ts.SourceFile, { checker }: Reader): Names {
  const local = importedNames(file);
  const collect = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) local.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) collect(element.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) collect(name);
    if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
      local.add(statement.name.text);
  }
  const module = checker.getSymbolAtLocation(file);
  const exported = new Set(
    (module ? checker.getExportsOfModule(module) : []).map((symbol) => pieceNode(skipAlias(symbol, checker))),
  );
  return { local, exported: (declaration) => exported.has(declaration) };
}

/** The declaration at the top level of a module that a symbol is declared by or in. */
function pieceNode(symbol: ts.Symbol): ts.Node | undefined {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  return (
    declaration &&
    ts.findAncestor(declaration, (at) =>
      ts.isVariableDeclaration(at) ? isTopLevel(at) : at.parent !== undefined && ts.isSourceFile(at.parent),
    )
  );
}

function isTopLevel(variable: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(variable.parent.parent.parent);
}

/** The keys of the code that a symbol stands for, as far as it is the application's. */
function codeOf(symbol: ts.Symbol, { sources, report }: Reader): string[] {
  const module = symbol.flags & ts.SymbolFlags.Module ? symbol.declarations?.find(ts.isSourceFile) : undefined;
  const node = module ?? pieceNode(symbol);
  if (!node || !sources.has(node.getSourceFile().fileName)) return [];
  return [module ? `${report.relative(module.fileName)}#*` : keyOf(node, report)];
}

/** Functions run later than the code around them, save those that are called where they are written. */
function isDeferred(node: ts.Node): boolean {
  if (ts.isPropertyDeclaration(node)) return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) === 0;
  if (!ts.isFunctionLike(node)) return false;
  if (!ts.isFunctionExpression(node) && !ts.isArrowFunction(node)) return true;
  const outer = wrapped(node);
  return !(ts.isCallExpression(outer.parent) && outer.parent.expression === outer);
}

function isTypeOnly(statement: ts.Statement): boolean {
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  );
}

/** An identifier that is evaluated: not a declared name, a member's name, a type, or part of an import or export. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent)) return false;
  if (ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isExportAssignment(parent)) return true;
  return (parent as ts.NamedDeclaration).name !== node && !ts.isPartOfTypeNode(node);
}

interface Mention {
  expression: ts.Expression;
  symbol: ts.Symbol;
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

function usesAt({ expression, symbol }: Mention, reader: Reader): Found[] {
  const { modules, refs } = reader.clients;
  const [service, ref] = [modules.get(symbol), refs.get(symbol)];
  if (service !== undefined) return wholeClient(expression, service, reader);
  if (ref !== undefined) return clientUses(callOf(expression) ?? expression, ref, reader);
  const resolved = resolveSymbol(symbol, reader);
  if (resolved) return usesOfResolved(expression, resolved, reader);
  // `topics.created` of a constant object that holds resources.
  const outer = wrapped(expression).parent;
  const held = memberOf(outer)?.owner === wrapped(expression) ? resolve(outer as ts.Expression, reader) : undefined;
  return held ? usesOfResolved(outer as ts.Expression, held, reader) : [];
}

function usesOfResolved(expression: ts.Expression, resolved: Resolved, reader: Reader): Found[] {
  if (isTarget(resolved)) return operationsOf(expression, resolved, reader);
  if (isUnderstood(expression, reader)) return [];
  if (resolved.endpoint === '*') return clientUses(expression, resolved.service, reader);
  return [{ fact: useOf(resolved, 'call', expression, reader) }];
}

/** Whether a declaration has taken note of the mention. */
function isUnderstood(expression: ts.Expression, { understood }: Reader): boolean {
  return understood.has(expression) || understood.has(wrapped(expression));
}

/** A service of `~encore/clients` that is mentioned without one of its endpoints. */
function wholeClient(expression: ts.Expression, service: string, { report, clients }: Reader): Found[] {
  const outer = wrapped(expression);
  const member = memberOf(outer.parent);
  if (member?.owner === outer) {
    report.error(
      'FL1208',
      member.name,
      `service \`${service}\` has no endpoint \`${member.name.text}\``,
      didYouMean(
        member.name.text,
        [...clients.functions.values()].filter((one) => one.service === service).map(({ endpoint }) => endpoint),
        'Correct the name, or declare and export the endpoint.',
      ),
    );
  } else {
    report.error(
      'FL1108',
      expression,
      `the client of service \`${service}\` leaves the analysis here`,
      'Call its endpoints directly, or pass `service.ref()`.',
    );
  }
  return [];
}

/** What is called by the client that a `ref()` gives: the endpoints named where it stays in sight, else all of the service's. */
function clientUses(reference: ts.Expression, service: string, reader: Reader): Found[] {
  const outer = wrapped(reference);
  const { parent } = outer;
  const call = (endpoint: string, at: ts.Node): Found[] => [{ fact: useOf({ service, endpoint }, 'call', at, reader) }];
  if (ts.isExpressionStatement(parent) || ts.isExportAssignment(parent)) return [];
  const member = memberOf(parent);
  if (member?.owner === outer) return call(member.name.text, parent);
  const held = holderOf(outer, reader);
  return held ? held.flatMap((mentioned) => clientUses(mentioned, service, reader)) : call('*', reference);
}

/** What is done with the resource that `reference` stands for, from what is around it. */
function operationsOf(reference: ts.Expression, target: Target, reader: Reader): Found[] {
  const uses = usesOf(target.declares);
  const outer = wrapped(reference);
  if (!uses || isUnderstood(reference, reader)) return [];
  const { parent } = outer;
  const take = (operations: readonly Operation[], at: ts.Node): Found[] =>
    operations.map((operation) => ({ fact: useOf(target, operation, at, reader) }));
  const escapes = (at: ts.Node): Found[] => {
    if (!uses.escape) leaves(target, at, reader);
    return take(uses.escape ?? [], at);
  };

  if (ts.isExpressionStatement(parent) || ts.isTypeOfExpression(parent) || ts.isVoidExpression(parent)) return [];
  if (ts.isExportAssignment(parent)) return [];
  if (ts.isAwaitExpression(parent)) return operationsOf(parent, target, reader);
  const member = memberOf(parent);
  if (member?.owner === outer) return memberOperations(memberUse(uses, member.name.text), parent as ts.Expression);
  if (uses.call && callOf(reference)) return take([uses.call], parent);
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
    return parent.name.elements.flatMap((element) => {
      const name = element.propertyName ?? element.name;
      const use = ts.isIdentifier(name) ? memberUse(uses, name.text) : undefined;
      // A method taken from its object loses it; only plain values can be taken out.
      return use?.kind === 'operations' && isPlain(element, reader) ? take(use.operations, element) : escapes(element);
    });
  }
  const held = holderOf(outer, reader);
  return held ? held.flatMap((mentioned) => operationsOf(mentioned, target, reader)) : escapes(reference);

  function memberOperations(use: MemberUse | undefined, access: ts.Expression): Found[] {
    const call = callOf(access);
    switch (use?.kind) {
      case 'operations':
        return take(use.operations, access);
      case 'same': {
        const found = call ? operationsOf(call, target, reader) : escapes(access);
        return found.length > 0 ? found : take(use.otherwise ?? [], access);
      }
      case 'statement': {
        const literal = literalStatement(wrapped(access));
        return [{ fact: useOf(target, 'query', access, reader), ...(literal && { literal }) }];
      }
      case 'reference':
        return take(call ? permissionsOf(use, call, reader) : (use.otherwise ?? []), access);
      default:
        return escapes(access);
    }
  }
}

/** The call of which the expression is the function. */
function callOf(expression: ts.Expression): ts.CallExpression | undefined {
  const outer = wrapped(expression);
  const { parent } = outer;
  return ts.isCallExpression(parent) && parent.expression === outer ? parent : undefined;
}

/** Whether the element takes out a value, and not a method. */
function isPlain(element: ts.BindingElement, { checker }: Reader): boolean {
  return checker.getTypeAtLocation(element.name).getCallSignatures().length === 0;
}

/** The permissions that the type argument of `ref<P>()` names. */
function permissionsOf(
  use: MemberUse & { kind: 'reference' },
  call: ts.CallExpression,
  { checker, exports, report }: Reader,
): Operation[] {
  const [type] = call.typeArguments ?? [];
  const named = type ? permissionNames(type, checker) : [];
  const operations = named.map((symbol) => {
    const [module, name] = (exports.get(symbol) ?? '').split('#');
    return module === use.module && name !== undefined && Object.hasOwn(use.permissions, name)
      ? use.permissions[name]
      : undefined;
  });
  if (named.length > 0 && operations.every((known) => known !== undefined)) return [...new Set(operations.flat())];
  if (!type && use.otherwise) return use.otherwise;
  report.error(
    'FL1110',
    type ?? call,
    type ? 'the reference asks for something that is no permission' : 'the reference does not say what it is for',
    `Write the permissions as its type argument: ${Object.keys(use.permissions)
      .map((name) => `\`${name}\``)
      .join(', ')}, joined by \`&\`.`,
  );
  return [];
}

/** The symbols of `A & B`, through aliases of the application. */
function permissionNames(type: ts.TypeNode, checker: ts.TypeChecker, depth = 0): ts.Symbol[] {
  if (depth > 10) return [];
  if (ts.isParenthesizedTypeNode(type)) return permissionNames(type.type, checker, depth + 1);
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap((part) => permissionNames(part, checker, depth + 1));
  if (!ts.isTypeReferenceNode(type)) return [];
  const found = checker.getSymbolAtLocation(type.typeName);
  const symbol = found && skipAlias(found, checker);
  const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
  const ours = alias && !alias.getSourceFile().isDeclarationFile;
  return ours ? permissionNames(alias.type, checker, depth + 1) : symbol ? [symbol] : [];
}

/**
 * The places where the constant that a value is given to is mentioned in its scope. One at the top level needs none: it is followed
 * wherever it is mentioned. Undefined when no constant holds the value.
 */
function holderOf(value: ts.Expression, { checker }: Reader): ts.Identifier[] | undefined {
  const { parent } = value;
  if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) {
    const object = wrapped(parent.parent).parent;
    return ts.isVariableDeclaration(object) && isConstant(object) && isTopLevel(object) ? [] : undefined;
  }
  if (ts.isPropertyDeclaration(parent)) return ts.isSourceFile(parent.parent.parent) ? [] : undefined;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name) || !isConstant(parent)) return undefined;
  if (isTopLevel(parent)) return [];
  const { name } = parent;
  const symbol = checker.getSymbolAtLocation(name);
  const found: ts.Identifier[] = [];
  const holder = parent.parent.parent;
  visit(ts.isVariableStatement(holder) ? holder.parent : holder, (node) => {
    if (!ts.isIdentifier(node) || node === name || node.text !== name.text || !isValue(node)) return;
    if (symbolOf(node, checker) === symbol) found.push(node);
  });
  return found;
}

function isConstant(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Constant) !== 0;
}

function targetOf({ declares, node }: Site, { report }: Reader): Target {
  return { key: keyOf(node, report), declares };
}

function useOf(resource: Resolved, operation: Operation, at: ts.Node, { report }: Reader): UseFact {
  return {
    resource: isTarget(resource) ? { key: resource.key } : resource,
    operation,
    position: report.positionOf(at),
  };
}

function leaves({ declares }: Target, at: ts.Node, { report }: Reader): void {
  report.error(
    'FL1108',
    at,
    `${what(declares)} leaves the analysis here: what is done with it cannot be known`,
    'Call its methods directly, or pass a reference that says what it is for, as in `bucket.ref<Uploader>()`.',
  );
}
