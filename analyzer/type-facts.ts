import { libFolderInMemoryPath, ts } from '@ts-morph/common';

/** Whether the checker could not resolve the type. */
export function isErroneous(type: ts.Type): boolean {
  const { intrinsicName } = type as ts.Type & { intrinsicName?: string };
  return (type.flags & ts.TypeFlags.Any) !== 0 && (intrinsicName === 'error' || intrinsicName === 'unresolved');
}

/** `T` of `T | undefined`, with `null` kept apart because the checker removes both at once. */
export function present(type: ts.Type, checker: ts.TypeChecker): { value: ts.Type; nullable: boolean } {
  if (!type.isUnion()) return { value: type, nullable: false };
  const has = (flag: ts.TypeFlags) => type.types.some(({ flags }) => flags & flag);
  if (!has(ts.TypeFlags.Null | ts.TypeFlags.Undefined)) return { value: type, nullable: false };
  return { value: checker.getNonNullableType(type), nullable: has(ts.TypeFlags.Null) };
}

/** Whether a value of the type may be absent. */
export function includesUndefined(type: ts.Type): boolean {
  const flags = ts.TypeFlags.Undefined | ts.TypeFlags.Void;
  return (type.flags & flags) !== 0 || (type.isUnion() && type.types.some((part) => part.flags & flags));
}

/** Whether a symbol belongs to the language or to Node, not to the application or one of its packages. */
export function isLibrary(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((node) => {
    const { fileName } = node.getSourceFile();
    return fileName.startsWith(libFolderInMemoryPath) || fileName.includes('/node_modules/@types/node/');
  });
}

/** Whether a property is a method, which has no form in JSON. */
export function isMethod(property: ts.Symbol): boolean {
  return (property.flags & ts.SymbolFlags.Method) !== 0;
}

/** Whether a property is private or protected. */
export function isHidden(property: ts.Symbol): boolean {
  const declaration = property.valueDeclaration;
  if (!declaration) return false;
  const flags = ts.getCombinedModifierFlags(declaration);
  return property.name.startsWith('__#') || (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}
