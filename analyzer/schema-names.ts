import { ts } from '@ts-morph/common';
import type { Report } from './report.ts';
import { isLibrary } from './type-facts.ts';

/** Names schemas after their types: stable under changes elsewhere, since they come from the directory and the type alone. */
export class SchemaNames {
  readonly #checker: ts.TypeChecker;
  readonly #report: Report;

  constructor(checker: ts.TypeChecker, report: Report) {
    this.#checker = checker;
    this.#report = report;
  }

  /** `<directory>.<Name>` with the names of its type arguments; undefined for what is better written in place. */
  of(type: ts.Type): string | undefined {
    const { aliasSymbol, aliasTypeArguments } = type;
    const symbol = aliasSymbol ?? type.getSymbol();
    if (
      type.isUnion() &&
      (!aliasSymbol || !type.types.some(({ flags }) => flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)))
    )
      return undefined;
    if (!symbol || isLibrary(symbol) || !/^[A-Za-z_$]/.test(symbol.name) || symbol.name.startsWith('__'))
      return undefined;
    if (!aliasSymbol && !(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) return undefined;
    const declaration = symbol.declarations?.[0];
    if (!declaration) return undefined;
    const args = aliasSymbol
      ? aliasTypeArguments
      : (type as ts.TypeReference).target
        ? this.#checker
            .getTypeArguments(type as ts.TypeReference)
            .filter((argument) => argument !== (type as ts.InterfaceType).thisType)
        : undefined;
    const names = (args ?? []).map((argument) => this.#argumentName(argument));
    if (names.some((name) => name === undefined)) return undefined;
    return [this.#directoryOf(declaration) + symbol.name, ...names].join('_').replaceAll(/[^\w.$-]/g, '_');
  }

  #argumentName(type: ts.Type): string | undefined {
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      const name = item && this.#argumentName(item);
      return name && `${name}Array`;
    }
    if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      return (
        this.of(type) ??
        (type.getSymbol() && isLibrary(type.symbol) && !type.aliasSymbol ? type.symbol.name : undefined)
      );
    }
    return this.#checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  #directoryOf(declaration: ts.Node): string {
    const path = declaration.getSourceFile().fileName;
    const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    const directory = library ?? this.#report.relative(path).split('/').slice(0, -1).join('/');
    return directory && `${directory.replace(/^@/, '').replaceAll(/[^A-Za-z0-9_]+/g, '.')}.`;
  }

  /** For a type that refers to itself without having a name: that of the declaration it is part of. */
  lent(type: ts.Type): string {
    const part = type.isUnion() ? type.types.find(({ symbol }) => symbol) : type;
    const declaration = part?.getSymbol()?.declarations?.[0];
    const owner =
      declaration &&
      ts.findAncestor(declaration, (at) => ts.isTypeAliasDeclaration(at) || ts.isInterfaceDeclaration(at));
    const name =
      owner && (ts.isTypeAliasDeclaration(owner) || ts.isInterfaceDeclaration(owner)) ? owner.name.text : 'Type';
    return (declaration ? this.#directoryOf(declaration) : '') + name;
  }
}

/** The name that each identity has in the graph. */
export function shortNames(identities: Iterable<string>): Map<string, string> {
  return new Map([...identities].map((identity) => [identity, identity]));
}

/** A copy in which every `$ref` is to the new name. */
export function renameReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((part) => renameReferences(part, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const name = key === '$ref' && typeof part === 'string' && names.get(part.slice('#/schemas/'.length));
      return [key, name ? `#/schemas/${name}` : renameReferences(part, names)];
    }),
  );
}
