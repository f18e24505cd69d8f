import { createHash } from 'node:crypto';
import { ts } from '@ts-morph/common';
import type { Report } from './report.ts';
import { isLibrary } from './type-facts.ts';

/** Longer ones come from types that a machine wrote. */
const maximumLength = 300;

interface Surroundings {
  checker: ts.TypeChecker;
  exports: ReadonlyMap<ts.Symbol, string>;
  report: Report;
}

/**
 * Says of a type which one it is, whenever and in whatever order types are asked for: `<file>#<Name><arguments>`, such as
 * `lib/page.ts#Page<orders/types.ts#Order[]>`. The file is relative to the application's root, or begins with `node_modules/`.
 * A name below the top level of its module has the offset of its declaration behind `~`.
 */
export class SchemaIdentities {
  readonly #given: Surroundings;
  readonly #known = new Map<ts.Type, string | undefined>();

  constructor(given: Surroundings) {
    this.#given = given;
  }

  /** Undefined for what is better written in place. */
  of(type: ts.Type): string | undefined {
    if (!this.#known.has(type)) {
      // Until it is known: a type among its own arguments has no name.
      this.#known.set(type, undefined);
      this.#known.set(type, this.#identify(type));
    }
    return this.#known.get(type);
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
    const print = createHash('sha256').update(this.#given.checker.typeToString(type)).digest('hex').slice(0, 8);
    return `${declaration ? this.#fileOf(declaration) : ''}#${name}~${declaration?.pos ?? 0}.${print}`;
  }

  #identify(type: ts.Type): string | undefined {
    const { aliasSymbol, aliasTypeArguments } = type;
    const symbol = aliasSymbol ?? type.getSymbol();
    if (type.isUnion() && !(aliasSymbol && type.types.some(isStructure))) return undefined;
    const declaration = symbol?.declarations?.[0];
    if (!symbol || !declaration || isLibrary(symbol) || symbol.name.startsWith('__')) return undefined;
    if (!aliasSymbol && !(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) return undefined;
    const args = (aliasSymbol ? aliasTypeArguments : this.#argumentsOf(type)) ?? [];
    if (aliasSymbol && args.length > 0 && isComputed(declaration)) return undefined;
    const names = args.map((argument) => this.#argument(argument));
    if (names.some((name) => name === undefined)) return undefined;
    const identity = this.#declared(symbol, declaration) + (names.length > 0 ? `<${names.join(',')}>` : '');
    return identity.length > maximumLength ? undefined : identity;
  }

  #argumentsOf(type: ts.Type): readonly ts.Type[] {
    if (!(type as ts.TypeReference).target) return [];
    const all = this.#given.checker.getTypeArguments(type as ts.TypeReference);
    return all.filter((argument) => argument !== (type as ts.InterfaceType).thisType);
  }

  #argument(type: ts.Type): string | undefined {
    const { checker } = this.#given;
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(type as ts.TypeReference);
      const name = item && this.#argument(item);
      return name && (name.includes('|') ? undefined : `${name}[]`);
    }
    if (type.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.ESSymbolLike)) return undefined;
    if (isStructure(type)) return this.of(type) ?? this.#library(type);
    const declaration = type.flags & ts.TypeFlags.EnumLike ? type.getSymbol()?.declarations?.[0] : undefined;
    if (declaration) return this.#declared(type.symbol, declaration);
    if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) {
      const names = type.types.map((part) => this.#argument(part));
      const named = this.of(type);
      return named ?? (names.some((name) => name === undefined) ? undefined : names.sort().join('|'));
    }
    return encode(checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation));
  }

  /** `Date`, but also `Promise<…>`. */
  #library(type: ts.Type): string | undefined {
    const symbol = type.getSymbol();
    if (!symbol || type.aliasSymbol || !isLibrary(symbol) || symbol.name.startsWith('__')) return undefined;
    const names = this.#argumentsOf(type).map((argument) => this.#argument(argument));
    if (names.some((name) => name === undefined)) return undefined;
    return symbol.name + (names.length > 0 ? `<${names.join(',')}>` : '');
  }

  #declared(symbol: ts.Symbol, declaration: ts.Declaration): string {
    const name = ts.getNameOfDeclaration(declaration);
    const own = name && ts.isIdentifier(name) ? name.text : symbol.name;
    const exported = this.#given.exports.get(symbol);
    if (exported !== undefined) return exported;
    const outer: string[] = [];
    let local = false;
    for (let at: ts.Node = declaration.parent; at && !ts.isSourceFile(at); at = at.parent) {
      if (ts.isModuleDeclaration(at)) outer.unshift(`${at.name.text.replaceAll(/[^\w$]/g, '_')}.`);
      else if (ts.isEnumDeclaration(at)) outer.unshift(`${at.name.text}.`);
      else if (!ts.isModuleBlock(at)) local = true;
    }
    return `${this.#fileOf(declaration)}#${outer.join('')}${own}${local ? `~${declaration.pos}` : ''}`;
  }

  #fileOf(declaration: ts.Node): string {
    const path = this.#given.report.relative(declaration.getSourceFile().fileName);
    const outside = path.startsWith('../') ? path.indexOf('/node_modules/') : -1;
    return encode(outside < 0 ? path : path.slice(outside + 1));
  }
}

function isStructure({ flags }: ts.Type): boolean {
  return (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
}

/** An alias of a package that is no object but a way to make one: what it is called says nothing about the result. */
function isComputed(declaration: ts.Declaration): boolean {
  const object = ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type);
  return !object && declaration.getSourceFile().fileName.includes('/node_modules/');
}

/** Keeps what identities are made of apart from what they are put together with. */
function encode(text: string): string {
  return text.replaceAll(/[%#<>,[\]|~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
