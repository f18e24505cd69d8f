import { ts } from '@ts-morph/common';
import type { MemberUse, Reader, Target, Uses } from './context.ts';
import type { EndpointFact } from './facts.ts';
import { boundMember, constantInitializer, memberSymbol, nowhere, type Path } from './holders.ts';
import { memberOf, symbolOf, unwrap } from './references.ts';
import { forms, usesOf } from './resources/mod.ts';
import { declaredBy, keyOf } from './sites.ts';

/** What an expression stands for: a declaration of the application or a function of a generated client. */
export type Resolved = Target | EndpointFact;

export function isTarget(resolved: Resolved | undefined): resolved is Target {
  return resolved !== undefined && 'key' in resolved;
}

/**
 * Follows an expression to the declaration it stands for: a variable, an import, a member of a namespace or of a constant object,
 * a `const` alias of these, what `with()` or `begin()` of one gives, the declaration itself.
 */
export function resolve(expression: ts.Expression, reader: Reader, path: Path = nowhere): Resolved | undefined {
  const node = unwrap(expression);
  if (ts.isAwaitExpression(node)) return resolve(node.expression, reader, path);
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const declares = declaredBy(node, reader.checker, reader.exports, forms);
    if (declares !== undefined) return { key: keyOf(node, reader.report), declares };
    return ts.isCallExpression(node) ? throughCall(node, reader, path) : undefined;
  }
  const symbol = symbolOf(node, reader.checker) ?? memberSymbol(node, reader.checker);
  return symbol && resolveSymbol(symbol, reader, path);
}

/** As `resolve`, of the symbol of a variable, a property or a function. */
export function resolveSymbol(symbol: ts.Symbol, reader: Reader, path: Path = nowhere): Resolved | undefined {
  const client = reader.clients.functions.get(symbol);
  if (client) return client;
  if (reader.resolved.has(symbol)) return reader.resolved.get(symbol);
  if (path.has(symbol)) return undefined;
  const further = new Set(path).add(symbol);
  const bound = boundMember(symbol, reader.checker);
  const initializer = constantInitializer(symbol);
  const resolved = bound ? resolveSymbol(bound, reader, further) : initializer && resolve(initializer, reader, further);
  reader.resolved.set(symbol, resolved);
  return resolved;
}

function throughCall(call: ts.CallExpression, reader: Reader, path: Path): Resolved | undefined {
  const callee = symbolOf(call.expression, reader.checker);
  const service = callee && reader.clients.refs.get(callee);
  if (service !== undefined) return { service, endpoint: '*' };
  const member = memberOf(unwrap(call.expression));
  if (!member) return undefined;
  const owner = resolve(member.owner, reader, path);
  if (!isTarget(owner)) return undefined;
  const use = memberUse(usesOf(owner.declares), member.name.text);
  return use?.kind === 'same' ? owner : undefined;
}

/** What a member of a resource is for; undefined when it has no such member. */
export function memberUse(uses: Uses | undefined, name: string): MemberUse | undefined {
  return uses?.members && Object.hasOwn(uses.members, name) ? uses.members[name] : undefined;
}
