import { ts } from '@ts-morph/common';
import type { MemberUse, Reader, Target } from './context.ts';
import type { UseFact } from './facts.ts';
import type { Operation } from './graph.ts';
import {
  type Holder,
  holderOfSymbol,
  isConstant,
  isTopLevel,
  memberNamed,
  membersOf,
  mentionsOf,
  placesOf,
} from './holders.ts';
import { permissionsOf } from './permissions.ts';
import { memberOf, skipAlias, wrapped } from './references.ts';
import { isTarget, memberUse, type Resolved, resolveSymbol } from './resolve.ts';
import { forms, usesOf, what } from './resources/mod.ts';
import { keyOf, type Site } from './sites.ts';
import { type Literal, literalStatement } from './statements.ts';
import { didYouMean } from './suggest.ts';

/** A use whose statement is yet to be read. */
export interface Found {
  fact: UseFact;
  literal?: Literal;
}

/** An expression that names one thing. */
export interface Mention {
  expression: ts.Expression;
  symbol: ts.Symbol;
}

/** What is done with a resource where it is declared. */
export function usesOfSite({ declares, node }: Site, reader: Reader): Found[] {
  return operationsOf(node, { key: keyOf(node, reader.report), declares }, reader);
}

/** What is done with the resources that a mention gives access to. */
export function usesAt({ expression, symbol }: Mention, reader: Reader): Found[] {
  if (isDeclarer(symbol, reader)) return checkDeclarer(expression, reader);
  const { modules, refs } = reader.clients;
  const [service, ref] = [modules.get(symbol), refs.get(symbol)];
  if (service !== undefined) return wholeClient({ expression, symbol }, service, reader);
  if (ref !== undefined) return clientUses(callOf(expression) ?? expression, ref, reader);
  const resolved = resolveSymbol(symbol, reader);
  if (resolved) return usesOfResolved(expression, resolved, reader);
  const holder = holderOfSymbol(symbol, reader.checker);
  return holder ? usesThrough(expression, holder, reader) : [];
}

/** What is done with what `import()` loads. */
export function usesOfLoaded(call: ts.CallExpression, module: ts.Symbol | undefined, reader: Reader): Found[] {
  const outer = wrapped(call);
  const { parent } = outer;
  if (!module || ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return [];
  const holder: Holder = { kind: 'module', symbol: module };
  if (declares(holder, reader)) return hidden(call, reader);
  return ts.isAwaitExpression(parent) ? usesThrough(parent, holder, reader) : everything(call, holder, reader);
}

/** What is done with the members of what `reference` stands for. */
function usesThrough(reference: ts.Expression, holder: Holder, reader: Reader): Found[] {
  const outer = wrapped(reference);
  const { parent } = outer;
  if (isUnused(parent)) return [];
  if (holder.kind === 'class' && isNewOrTest(outer)) return [];
  const member = memberOf(parent);
  if (member?.owner === outer) {
    const symbol = memberNamed(holder, member.name.text, reader.checker);
    return symbol ? usesAt({ expression: parent as ts.Expression, symbol }, reader) : [];
  }
  if (declares(holder, reader)) return hidden(reference, reader);
  if (ts.isVariableDeclaration(parent) && isConstant(parent)) {
    const { name } = parent;
    if (ts.isObjectBindingPattern(name))
      return name.elements.flatMap((one) => usesOfElement(one, parent, holder, reader));
    const places = placesOf(outer, reader.checker);
    if (places) return places.flatMap((place) => usesThrough(place, holder, reader));
  }
  return everything(reference, holder, reader);
}

/** Something of `encore.dev` that declares resources, such as `SQLDatabase`. */
function isDeclarer(symbol: ts.Symbol, { exports }: Reader): boolean {
  return forms.has(exports.get(symbol) ?? '');
}

function declares(holder: Holder, reader: Reader): boolean {
  return holder.kind === 'module' && membersOf(holder, reader.checker).some((symbol) => isDeclarer(symbol, reader));
}

/** What declares resources has to be called where it can be seen, or be given another name at the top level of a module. */
function checkDeclarer(expression: ts.Expression, reader: Reader): Found[] {
  const outer = wrapped(expression);
  const { parent } = outer;
  const named = ts.isVariableDeclaration(parent) && isConstant(parent) && isTopLevel(parent);
  if (callOf(outer) || named || memberOf(parent)?.owner === outer || isNewOrTest(outer)) return [];
  return isUnused(parent) ? [] : hidden(expression, reader);
}

function hidden(at: ts.Expression, { report }: Reader): Found[] {
  report.error(
    'FL1111',
    at,
    'what is declared with this cannot be seen',
    'Import it by its name, and declare infrastructure with it directly: `new SQLDatabase(…)`.',
  );
  return [];
}

/** The places of an expression whose value nothing is done with. */
function isUnused(parent: ts.Node): boolean {
  return (
    ts.isExpressionStatement(parent) ||
    ts.isTypeOfExpression(parent) ||
    ts.isVoidExpression(parent) ||
    ts.isExportAssignment(parent)
  );
}

/** `new X(…)` and `x instanceof X`. */
function isNewOrTest(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return parent.expression === node;
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
}

/** Of `const { created } = topics`. What is bound at the top level of a module is followed wherever it is mentioned. */
function usesOfElement(
  element: ts.BindingElement,
  variable: ts.VariableDeclaration,
  holder: Holder,
  reader: Reader,
): Found[] {
  const { name } = element;
  const key = element.propertyName ?? name;
  if (element.dotDotDotToken || !(ts.isIdentifier(key) || ts.isStringLiteral(key)))
    return everything(element, holder, reader);
  const symbol = memberNamed(holder, key.text, reader.checker);
  if (!symbol) return [];
  if (!ts.isIdentifier(name) || element.initializer) return everyUse(element, symbol, reader);
  if (isTopLevel(variable)) return [];
  return mentionsOf(name, variable, reader.checker).flatMap((expression) => usesAt({ expression, symbol }, reader));
}

/** What a holder that goes out of sight takes along: the widest of each of its members. What is installed holds nothing of ours. */
function everything(at: ts.Node, holder: Holder, reader: Reader, seen = new Set<ts.Symbol | string>()): Found[] {
  const file = holder.kind === 'module' ? holder.symbol.declarations?.[0]?.getSourceFile().fileName : undefined;
  if (file?.includes('/node_modules/') && !reader.sources.has(file)) return [];
  return membersOf(holder, reader.checker).flatMap((symbol) => everyUse(at, symbol, reader, seen));
}

function everyUse(at: ts.Node, symbol: ts.Symbol, reader: Reader, seen = new Set<ts.Symbol | string>()): Found[] {
  const resolved = resolveSymbol(symbol, reader);
  const identity = isTarget(resolved) ? resolved.key : symbol;
  if (seen.has(identity)) return [];
  seen.add(identity);
  if (resolved)
    return isTarget(resolved) ? escapes(resolved, at, reader) : [{ fact: useOf(resolved, 'call', at, reader) }];
  const holder = holderOfSymbol(symbol, reader.checker);
  return holder ? everything(at, holder, reader, seen) : [];
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
function wholeClient({ expression, symbol }: Mention, service: string, reader: Reader): Found[] {
  const { report, clients, checker } = reader;
  const outer = wrapped(expression);
  const member = memberOf(outer.parent);
  if (member?.owner === outer) {
    // The module may have come by an import() that was awaited.
    const found = checker.tryGetMemberInModuleExports(member.name.text, symbol);
    if (found) return usesAt({ expression: outer.parent as ts.Expression, symbol: skipAlias(found, checker) }, reader);
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
  const places = placesOf(outer, reader.checker);
  return places ? places.flatMap((mentioned) => clientUses(mentioned, service, reader)) : call('*', reference);
}

/** What is done with the resource that `reference` stands for, from what is around it. */
function operationsOf(reference: ts.Expression, target: Target, reader: Reader): Found[] {
  const uses = usesOf(target.declares);
  const outer = wrapped(reference);
  if (!uses || isUnderstood(reference, reader)) return [];
  const { parent } = outer;
  const take = (operations: readonly Operation[], at: ts.Node): Found[] =>
    operations.map((operation) => ({ fact: useOf(target, operation, at, reader) }));
  const lost = (at: ts.Node): Found[] => escapes(target, at, reader);

  if (isUnused(parent)) return [];
  if (ts.isAwaitExpression(parent)) return operationsOf(parent, target, reader);
  const member = memberOf(parent);
  if (member?.owner === outer) return memberOperations(memberUse(uses, member.name.text), parent as ts.Expression);
  if (uses.call && callOf(reference)) return take([uses.call], parent);
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
    return parent.name.elements.flatMap((element) => {
      const name = element.propertyName ?? element.name;
      const use = ts.isIdentifier(name) ? memberUse(uses, name.text) : undefined;
      // A method taken from its object loses it; only plain values can be taken out.
      return use?.kind === 'operations' && isPlain(element, reader) ? take(use.operations, element) : lost(element);
    });
  }
  const places = placesOf(outer, reader.checker);
  return places ? places.flatMap((mentioned) => operationsOf(mentioned, target, reader)) : lost(reference);

  function memberOperations(use: MemberUse | undefined, access: ts.Expression): Found[] {
    const call = callOf(access);
    switch (use?.kind) {
      case 'operations':
        return take(use.operations, access);
      case 'same': {
        const found = call ? operationsOf(call, target, reader) : lost(access);
        return found.length > 0 ? found : take(use.otherwise ?? [], access);
      }
      case 'statement': {
        const literal = literalStatement(wrapped(access));
        return [{ fact: useOf(target, 'query', access, reader), ...(literal && { literal }) }];
      }
      case 'reference':
        return call ? take(permissionsOf(use, call, reader), access) : lost(access);
      default:
        return lost(access);
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

/** What a resource that goes out of sight may be used for. */
function escapes(target: Target, at: ts.Node, reader: Reader): Found[] {
  const uses = usesOf(target.declares);
  if (uses && !uses.escape) leaves(target, at, reader);
  return (uses?.escape ?? []).map((operation) => ({ fact: useOf(target, operation, at, reader) }));
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
