import { ts } from '@ts-morph/common';
import type { MemberUse, Reader } from './context.ts';
import type { Operation } from './graph.ts';
import { skipAlias } from './references.ts';

/** The permissions that the type argument of `ref<P>()` names. */
export function permissionsOf(
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
