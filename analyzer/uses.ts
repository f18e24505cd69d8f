import { ts } from '@ts-morph/common';
import type { Bound, Context } from './context.ts';
import type { Operation, ResourceReference, Use } from './graph.ts';
import { constantInitializer, memberOf, symbolOf, unwrap, wrapped } from './references.ts';
import { comparePositions } from './report.ts';
import { visit } from './sites.ts';
import { didYouMean } from './suggest.ts';

/** The resource that an expression stands for: a variable, an import, a member of a namespace, a `const` alias of these. */
export function resolve(expression: ts.Expression, context: Context): Bound | undefined {
  const symbol = symbolOf(expression, context.checker);
  return symbol && boundTo(symbol, context);
}

function boundTo(symbol: ts.Symbol, context: Context, seen = new Set<ts.Symbol>()): Bound | undefined {
  const bound = context.bindings.get(symbol);
  if (bound || seen.has(symbol)) return bound;
  const initializer = constantInitializer(symbol);
  const original = initializer && symbolOf(initializer, context.checker);
  return original && boundTo(original, context, seen.add(symbol));
}

interface Found {
  file: ts.SourceFile;
  resource: ResourceReference;
  operation: Operation;
  node: ts.Node;
}

/** Finds who uses what: every mention of a resource in the files, and the services that the mentioning file belongs to. */
export function findUses(
  files: readonly ts.SourceFile[],
  clients: ReadonlyMap<ts.Symbol, string>,
  context: Context,
): Use[] {
  const found: Found[] = [];
  for (const file of files) {
    visit(file, (node) => {
      if (!ts.isIdentifier(node) || !isValue(node)) return;
      found.push(...usesOf(node, file, clients, context));
    });
  }
  return collect(found, reaches(files, context), context);
}

/** An identifier that is evaluated: not a declared name, a member's name, a type, or part of an import or export. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent) || ts.isExportAssignment(parent)) return false;
  if (ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false;
  return (parent as ts.NamedDeclaration).name !== node && !ts.isPartOfTypeNode(node);
}

function usesOf(
  node: ts.Identifier,
  file: ts.SourceFile,
  clients: ReadonlyMap<ts.Symbol, string>,
  context: Context,
): Found[] {
  const reference = mention(node, context.checker);
  if (!reference || isUnderstood(reference.expression, context)) return [];
  const { expression, symbol } = reference;
  const service = clients.get(symbol);
  if (service !== undefined) return clientUse(expression, service, context);
  const bound = boundTo(symbol, context);
  if (!bound) return [];
  return operationsOf(expression, bound, context).map(({ operation, at }) => ({
    file,
    resource: bound.resource,
    operation,
    node: at,
  }));
}

/** The longest expression from `node` outwards that names one thing: `orders.db` of a namespace import is one. */
function mention(
  node: ts.Identifier,
  checker: ts.TypeChecker,
): { expression: ts.Expression; symbol: ts.Symbol } | undefined {
  const symbol = symbolOf(node, checker);
  if (!symbol) return undefined;
  let found: { expression: ts.Expression; symbol: ts.Symbol } = { expression: node, symbol };
  while (found.symbol.flags & ts.SymbolFlags.Module) {
    const outer = wrapped(found.expression).parent as ts.Expression;
    const inner = memberOf(outer) && symbolOf(outer, checker);
    if (!inner || unwrap(memberOf(outer)?.owner ?? outer) !== found.expression) break;
    found = { expression: outer, symbol: inner };
  }
  return found;
}

function isUnderstood(expression: ts.Expression, { understood }: Context): boolean {
  return understood.has(expression) || understood.has(wrapped(expression));
}

/** A service of `~encore/clients` that is mentioned without one of its endpoints. */
function clientUse(expression: ts.Expression, service: string, { report, graph }: Context): Found[] {
  const outer = wrapped(expression).parent;
  const member = memberOf(outer);
  if (member && member.owner === wrapped(expression)) {
    const endpoints = graph.services.find(({ name }) => name === service)?.endpoints.map(({ name }) => name) ?? [];
    report.error(
      'FL1208',
      member.name,
      `service \`${service}\` has no endpoint \`${member.name.text}\``,
      didYouMean(member.name.text, endpoints, 'Correct the name, or declare and export the endpoint.'),
    );
  } else {
    report.error(
      'FL1108',
      expression,
      `the client of service \`${service}\` leaves the analysis here`,
      'Call its endpoints directly, and pass functions instead: `() => service.endpoint(…)`.',
    );
  }
  return [];
}

function operationsOf(
  reference: ts.Expression,
  { resource, uses }: Bound,
  context: Context,
): { operation: Operation; at: ts.Node }[] {
  const outer = wrapped(reference);
  const { parent } = outer;
  const take = (operation: Operation | 'free' | undefined, at: ts.Node) => {
    if (operation === undefined) leaves(resource, at, context);
    return operation === undefined || operation === 'free' ? [] : [{ operation, at }];
  };
  if (uses.value) return take(uses.value, reference);
  if (ts.isExpressionStatement(parent) || ts.isTypeOfExpression(parent) || ts.isVoidExpression(parent)) return [];
  const member = memberOf(parent);
  if (member?.owner === outer) return take(own(uses.members, member.name.text), parent);
  if (ts.isCallExpression(parent) && parent.expression === outer) return take(uses.call, parent);
  if (ts.isVariableDeclaration(parent) && parent.initializer === outer) {
    if (ts.isObjectBindingPattern(parent.name)) {
      return parent.name.elements.flatMap((element) => {
        const name = element.propertyName ?? element.name;
        // A method taken from its object loses it; only plain values can be taken out.
        const operation = ts.isIdentifier(name) ? own(uses.members, name.text) : undefined;
        return take(operation === 'query' || operation === 'publish' ? undefined : operation, element);
      });
    }
    if (ts.isIdentifier(parent.name) && ts.getCombinedNodeFlags(parent) & ts.NodeFlags.Const) return [];
  }
  return take(undefined, reference);
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}

const waysOut: Record<ResourceReference['kind'], string> = {
  database: 'Call its methods directly, or pass a function that does; a library can be given `connectionString`.',
  topic: 'Call `publish` directly, or pass a function that does.',
  secret: 'Call it to read the secret, and pass the value.',
  endpoint: 'Call the endpoint directly, or pass a function that does.',
  bucket: 'Call its methods directly, or pass a reference that says what it is for: `bucket.ref<Uploader>()`.',
  keyspace: 'Call its methods directly, or pass a function that does.',
  metric: 'Call its methods directly, or pass a function that does.',
};

function leaves({ kind, name }: ResourceReference, at: ts.Node, { report }: Context): void {
  report.error(
    'FL1108',
    at,
    `the ${kind} \`${name}\` leaves the analysis here: what is done with it cannot be known`,
    waysOut[kind],
  );
}

/** For every file, the services whose modules import it, directly or through others. */
function reaches(files: readonly ts.SourceFile[], context: Context): (file: ts.SourceFile) => string[] {
  const known = new Set(files);
  const imports = new Map(
    files.map((file) => [file, importsOf(file, context).filter((imported) => known.has(imported))]),
  );
  const reached = new Map<ts.SourceFile, Set<string>>();
  const byService = Map.groupBy(files, (file) => context.services.of(file.fileName));
  for (const service of context.services.services) {
    const open = [...(byService.get(service) ?? [])];
    for (let file = open.pop(); file; file = open.pop()) {
      const services = reached.get(file) ?? new Set();
      if (services.has(service.name)) continue;
      reached.set(file, services.add(service.name));
      open.push(...(imports.get(file) ?? []));
    }
  }
  return (file) => {
    const owner = context.services.of(file.fileName);
    return owner ? [owner.name] : [...(reached.get(file) ?? [])];
  };
}

function importsOf(file: ts.SourceFile, { checker }: Context): ts.SourceFile[] {
  const specifiers: ts.Expression[] = [];
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && !statement.importClause?.isTypeOnly)
      specifiers.push(statement.moduleSpecifier);
    if (ts.isExportDeclaration(statement) && !statement.isTypeOnly && statement.moduleSpecifier)
      specifiers.push(statement.moduleSpecifier);
  }
  if (/\bimport\s*\(/.test(file.text)) {
    visit(file, (node) => {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
        specifiers.push(node.arguments[0]);
    });
  }
  return specifiers.flatMap(
    (specifier) => checker.getSymbolAtLocation(specifier)?.declarations?.filter(ts.isSourceFile) ?? [],
  );
}

/** One edge per service and resource. */
function collect(found: readonly Found[], servicesOf: (file: ts.SourceFile) => string[], { report }: Context): Use[] {
  const uses = new Map<string, Use>();
  for (const { file, resource, operation, node } of found) {
    for (const service of servicesOf(file)) {
      const key = JSON.stringify([service, resource]);
      const use: Use = uses.get(key) ?? { service, resource, operations: [], causes: [] };
      if (!use.operations.includes(operation)) use.operations.push(operation);
      use.causes.push({ operation, position: report.positionOf(node) });
      uses.set(key, use);
    }
  }
  for (const use of uses.values()) {
    use.operations.sort();
    use.causes.sort((a, b) => comparePositions(a.position, b.position));
  }
  return [...uses.values()];
}
