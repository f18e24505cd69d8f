import { libFolderInMemoryPath, ts } from '@ts-morph/common';

/** Whether the checker could not resolve the type. */
export function isErroneous(type: ts.Type): boolean {
  const { intrinsicName } = type as ts.Type & { intrinsicName?: string };
  return (type.flags & ts.TypeFlags.Any) !== 0 && (intrinsicName === 'error' || intrinsicName === 'unresolved');
}

const absent = ts.TypeFlags.Undefined | ts.TypeFlags.Void;

/** `T` of `T | undefined`, with `null` kept apart because the checker removes both at once. */
export function present(type: ts.Type, checker: ts.TypeChecker): { value: ts.Type; nullable: boolean } {
  if (!type.isUnion()) return { value: type, nullable: false };
  const rest = withoutNothing(type);
  if (rest.length === type.types.length) return { value: type, nullable: false };
  const nullable = type.types.some(({ flags }) => flags & ts.TypeFlags.Null);
  const written = asWritten(type);
  return { value: written ?? (rest.length === 1 && rest[0] ? rest[0] : checker.getNonNullableType(type)), nullable };
}

/** `Named` of `Named | null`: the checker forgets a union's name inside another one, but keeps what that was made from. */
function asWritten(type: ts.UnionType): ts.Type | undefined {
  const { origin } = type as ts.UnionType & { origin?: ts.Type };
  const [only, ...others] = origin?.isUnion() ? withoutNothing(origin) : [];
  const whole = only?.isUnion() && others.length === 0 && withoutNothing(only).length === only.types.length;
  return whole ? only : undefined;
}

function withoutNothing(type: ts.UnionType): ts.Type[] {
  return type.types.filter(({ flags }) => !(flags & (absent | ts.TypeFlags.Null)));
}

/** Whether a value of the type may be absent. */
export function includesUndefined(type: ts.Type): boolean {
  return (type.flags & absent) !== 0 || (type.isUnion() && type.types.some((part) => part.flags & absent));
}

/** Whether a symbol belongs to the language or to Node, not to the application or one of its packages. */
export function isLibrary(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((node) => {
    const { fileName } = node.getSourceFile();
    return fileName.startsWith(libFolderInMemoryPath) || fileName.includes('/node_modules/@types/node/');
  });
}

/** Whether values of the type are functions, whatever else they are. */
export function isFunction(type: ts.Type): boolean {
  if (type.isUnion()) {
    const parts = withoutNothing(type);
    return parts.length > 0 && parts.every(isFunction);
  }
  return type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0;
}

/**
 * Whether a property is never written into JSON: methods, accessors of a class, which its prototype holds, and what a class
 * keeps to itself.
 */
export function isLeftOut(property: ts.Symbol): boolean {
  if (property.name.startsWith('__@') || property.flags & ts.SymbolFlags.Method) return true;
  const declaration = property.valueDeclaration ?? property.declarations?.[0];
  if (!declaration) return false;
  const name = ts.getNameOfDeclaration(declaration);
  if (name && ts.isPrivateIdentifier(name)) return true;
  const flags = ts.getCombinedModifierFlags(declaration);
  if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return true;
  const ofClass = ts.isClassLike(declaration.parent);
  return ofClass && ((property.flags & ts.SymbolFlags.Accessor) !== 0 || (flags & ts.ModifierFlags.Accessor) !== 0);
}

/** What a value becomes before it is written: the result of its `toJSON()`; undefined when it has none. */
export function jsonForm(type: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  const property = isStructure(type) ? checker.getPropertyOfType(type, 'toJSON') : undefined;
  if (!property || property.flags & ts.SymbolFlags.Optional) return undefined;
  const signature = checker
    .getTypeOfSymbol(property)
    .getCallSignatures()
    .find(({ typeParameters }) => !typeParameters);
  const form = signature && checker.getReturnTypeOfSignature(signature);
  const forms = form?.isUnion() ? form.types : [form];
  const itself = forms.some((part) => part === type || (part && part.flags & ts.TypeFlags.TypeParameter));
  return itself ? undefined : form;
}

/** Whether values are dates, also of an interface or a class that extends `Date`. */
export function isDate(type: ts.Type, checker: ts.TypeChecker): boolean {
  const own = checker.getPropertyOfType(type, 'toISOString');
  const owner = own?.declarations?.[0]?.parent;
  return (
    own !== undefined &&
    isLibrary(own) &&
    owner !== undefined &&
    ts.isInterfaceDeclaration(owner) &&
    owner.name.text === 'Date'
  );
}

/** Whether a value has to be awaited: JSON has no form of a promise. */
export function isPromise(type: ts.Type, checker: ts.TypeChecker): boolean {
  const then = isStructure(type) ? checker.getPropertyOfType(type, 'then') : undefined;
  return then !== undefined && checker.getTypeOfSymbol(then).getCallSignatures().length > 0;
}

/** Whether a type is made of properties. */
export function isStructure({ flags }: ts.Type): boolean {
  return (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
}
