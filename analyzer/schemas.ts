import { ts } from '@ts-morph/common';
import { type Location, locationOf } from './fields.ts';
import type { JsonSchema } from './graph.ts';
import { compare, type Report } from './report.ts';
import { SchemaIdentities } from './schema-identity.ts';
import { referencesIn, referenceTo, referred } from './schema-names.ts';
import { contains } from './services.ts';
import { simpleSchema } from './simple-schema.ts';
import { templatePattern, wholePattern } from './template-patterns.ts';
import {
  includesUndefined,
  isDate,
  isErroneous,
  isFunction,
  isLeftOut,
  isLibrary,
  isPromise,
  isStructure,
  jsonForm,
  present,
} from './type-facts.ts';
import { anyOf, discriminatorOf } from './union-schema.ts';
import { ruleOf, splitRules, withRules } from './validation-rules.ts';

/** Deeper than any type that a person writes; only types that grow without end get there. */
const maximumDepth = 60;

/** Types within one request, response or message, named ones that were met before not counted. */
const maximumSize = 20_000;

const durationPattern = (() => {
  const part = '\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h)';
  return `^-?${part}(?:${part})?$`;
})();

interface Surroundings {
  root: string;
  checker: ts.TypeChecker;
  exports: ReadonlyMap<ts.Symbol, string>;
  report: Report;
}

/** What types are read with. */
export interface TypeReader {
  checker: ts.TypeChecker;
  /** Symbol → `module#name` of what `encore.dev` exports. */
  exports: ReadonlyMap<ts.Symbol, string>;
  schemas: Schemas;
  report: Report;
}

/** What a type is translated for: where to point when it cannot be. */
export interface Place {
  node: ts.Node;
  /** For messages: `the request of orders.create`. */
  what: string;
}

/** Of the type that is being written: what may refer to what within it. */
interface Scope {
  /** Types without a name that are being translated. */
  open: Set<ts.Type>;
  /** Those of them that refer to themselves, by the identity they were given for it. */
  lent: Map<ts.Type, string>;
}

/**
 * Translates types of the checker into JSON Schema. Named object types are written once, under their identity, and referred to;
 * that also ends recursion. What is written under an identity depends on its type alone, not on what was translated before.
 */
export class Schemas {
  /** By identity, see `SchemaIdentities`; `shortNames` says what people call them. */
  readonly named: Record<string, JsonSchema> = {};
  /** Declarations that schemas were made from, and those in which a type could not be resolved. */
  readonly declarations = new Set<ts.Node>();
  readonly suspects = new Map<ts.Node, Place>();
  readonly #given: Surroundings;
  readonly #identities: SchemaIdentities;
  /** The types being translated, from the outermost in. */
  readonly #open: Place[] = [];
  #scope: Scope = { open: new Set(), lent: new Map() };
  #size = 0;
  /** Whether files are of the application. */
  readonly #own = new Map<ts.SourceFile, boolean>();
  /** Set until the outermost type is left: one way down is enough to know. */
  #endless = false;

  constructor(given: Surroundings) {
    this.#given = given;
    this.#identities = new SchemaIdentities(given);
  }

  /** The schema of a type; what cannot travel as JSON is reported at its property and let through as anything. */
  of(type: ts.Type, place: Place): JsonSchema {
    const [outermost] = this.#open;
    if (!outermost) {
      this.#endless = false;
      this.#size = 0;
    }
    this.#size++;
    if (this.#endless) return {};
    if (outermost && (this.#open.length > maximumDepth || this.#size > maximumSize)) return this.#tooMuch(outermost);
    return this.#special(type, place) ?? this.#primitive(type, place) ?? this.#composite(type, place);
  }

  /** Follows a `$ref` into the named schemas. */
  resolve(schema: JsonSchema): JsonSchema {
    const key = referred(schema.$ref);
    return key === undefined ? schema : (this.named[key] ?? {});
  }

  /** The named schemas that a schema, or any other value, refers to, directly or through others. */
  reachable(value: unknown): Record<string, JsonSchema> {
    const found = new Map<string, JsonSchema>();
    const follow = (from: unknown): void => {
      for (const key of referencesIn(from)) {
        const schema = this.named[key];
        if (found.has(key) || !schema) continue;
        found.set(key, schema);
        follow(schema);
      }
    };
    follow(value);
    return Object.fromEntries([...found].sort(([a], [b]) => compare(a, b)));
  }

  /** The properties that travel, sorted by name. */
  properties(type: ts.Type): ts.Symbol[] {
    const { checker } = this.#given;
    const all = type.isUnion()
      ? type.types.flatMap((part) => checker.getPropertiesOfType(part))
      : checker.getPropertiesOfType(type);
    const byName = new Map(all.filter((symbol) => this.#travels(symbol)).map((symbol) => [symbol.name, symbol]));
    return [...byName.values()].sort((a, b) => compare(a.name, b.name));
  }

  /** The type whose properties are written when a value of `type` is: that of its `toJSON()`, if it has one. */
  written(type: ts.Type): ts.Type {
    return jsonForm(type, this.#given.checker) ?? type;
  }

  /** Where to point for a property: its declaration in the application, else where its owner is used. */
  placeOf(property: ts.Symbol, place: Place): Place {
    const declaration = property.declarations?.find((node) => this.#isOurs(node));
    if (declaration) this.declarations.add(declaration);
    return { node: declaration ?? place.node, what: place.what };
  }

  /** Functions are left out of instances of classes and of what packages declare: nobody else can leave them out. */
  #travels(property: ts.Symbol): boolean {
    if (isLeftOut(property)) return false;
    const declaration = property.valueDeclaration ?? property.declarations?.[0];
    if (!declaration) return true;
    const given = ts.isClassLike(declaration.parent) || !this.#isOurs(declaration);
    return !(given && isFunction(this.#given.checker.getTypeOfSymbol(property)));
  }

  #special(type: ts.Type, place: Place): JsonSchema | undefined {
    if (!isStructure(type)) return this.#duration(type);
    const { checker, exports } = this.#given;
    if (checker.isTupleType(type)) return this.#nested(place, () => this.#tuple(type as ts.TupleTypeReference, place));
    const item = this.#itemOf(type);
    if (item) return this.#nested(place, () => ({ type: 'array', items: this.of(item, place) }));
    const symbol = type.getSymbol();
    if (!symbol) return undefined;
    if (exports.get(symbol) === 'encore.dev/types#Decimal') return { type: 'string', 'x-type': 'decimal' };
    const rule = ruleOf(type, checker, exports);
    if (rule) return this.#ruled([], [type], place);
    return isLibrary(symbol) ? this.#library(type, symbol, place) : undefined;
  }

  /** Of an array, or of what extends one. */
  #itemOf(type: ts.Type): ts.Type | undefined {
    const { checker } = this.#given;
    if (checker.isArrayType(type)) return checker.getTypeArguments(type as ts.TypeReference)[0];
    const item = type.isIntersection() ? undefined : type.getNumberIndexType();
    return item && !type.getStringIndexType() && checker.isArrayLikeType(type) ? item : undefined;
  }

  #library(type: ts.Type, { name }: ts.Symbol, place: Place): JsonSchema | undefined {
    const bytes = ['Buffer', 'Uint8Array', 'ArrayBuffer'].includes(name);
    if (name === 'Date' || bytes) return { type: 'string', 'x-type': bytes ? 'bytes' : 'date' };
    const simple = { String: 'string', Number: 'number', Boolean: 'boolean' }[name];
    if (simple !== undefined) return { type: simple };
    const help = {
      Map: 'Use a `Record`, such as `Object.fromEntries(map)`.',
      Set: 'Use a list, such as `[...set]`.',
      Promise: 'Await it.',
    }[name];
    if (help === undefined) return undefined;
    return this.#unsupported('FL1702', place, `\`${this.#print(type)}\` cannot travel as JSON`, help);
  }

  #duration({ aliasSymbol }: ts.Type): JsonSchema | undefined {
    const exported = aliasSymbol && this.#given.exports.get(aliasSymbol);
    return exported === 'encore.dev/types#DurationString' ? { type: 'string', pattern: durationPattern } : undefined;
  }

  #primitive(type: ts.Type, place: Place): JsonSchema | undefined {
    if (isErroneous(type)) this.suspects.set(place.node, place);
    const schema = simpleSchema(type, this.#given.checker);
    if (schema) return schema;
    if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return this.#noUndefined(place);
    if (type.flags & ts.TypeFlags.ESSymbolLike) {
      return this.#unsupported('FL1702', place, 'symbols cannot travel as JSON', 'Use a string.');
    }
    return undefined;
  }

  #composite(type: ts.Type, place: Place): JsonSchema {
    if (type.isUnion()) return this.#named(type, place, () => this.#union(type, place));
    if (type.isIntersection()) {
      const { found, others } = splitRules(type.types, this.#given.checker, this.#given.exports);
      if (found.length > 0) return this.#ruled(others, type.types, place);
      const value = this.#carrier(type.types);
      if (value) return this.of(value, place);
    }
    if (isStructure(type)) return this.#structure(type, place);
    const constraint = this.#given.checker.getBaseConstraintOfType(type);
    if (type.flags & ts.TypeFlags.TypeParameter && !(type as { isThisType?: boolean }).isThisType) {
      const why = `the type parameter \`${type.symbol.name}\` stands for no type`;
      return this.#unsupported('FL1702', place, why, 'Give it a type where it is used.');
    }
    if (constraint && constraint !== type) return this.#nested(place, () => this.of(constraint, place));
    return this.#unsupported(
      'FL1702',
      place,
      `\`${this.#print(type)}\` cannot travel as JSON`,
      'Use an object, an array or a simple value.',
    );
  }

  /** Of a brand, such as `string & { readonly brand: unique symbol }`: what the value is. */
  #carrier(parts: readonly ts.Type[]): ts.Type | undefined {
    const simple =
      ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike;
    return parts.find((part) => {
      if (part.flags & simple) return true;
      const symbol = part.getSymbol();
      const whole = symbol && isLibrary(symbol) && ['Date', 'Buffer', 'Uint8Array'].includes(symbol.name);
      return whole || this.#given.checker.isTupleType(part) || this.#itemOf(part) !== undefined;
    });
  }

  /** A value with rules of `encore.dev/validate`. */
  #ruled(others: readonly ts.Type[], parts: readonly ts.Type[], place: Place): JsonSchema {
    const { checker, exports } = this.#given;
    const { found } = splitRules(parts, checker, exports);
    const value = this.#carrier(others) ?? others[0];
    if (!value) {
      const why = `the rule \`${found[0]?.name}\` stands alone`;
      return this.#unsupported('FL1704', place, why, 'Join it with what it is for: `string & MinLen<3>`.');
    }
    const base = this.#nested(place, () => this.of(value, place));
    return withRules(base, found, ({ code, why, help }) => this.#unsupported(code, place, why, help));
  }

  #union(type: ts.UnionType, place: Place): JsonSchema {
    if (includesUndefined(type)) return this.#noUndefined(place);
    const { value, nullable } = present(type, this.#given.checker);
    if (nullable) return this.#nullable(value, place);
    const schema = this.#anyOf(type.types, place);
    const discriminator = schema.anyOf && discriminatorOf(type.types, this.#given.checker);
    return discriminator === undefined ? schema : { ...schema, 'x-discriminator': discriminator };
  }

  #anyOf(parts: readonly ts.Type[], place: Place): JsonSchema {
    const isTemplate = (part: ts.Type) => (part.flags & ts.TypeFlags.TemplateLiteral) !== 0;
    const templates = parts.filter(isTemplate).map((part) => templatePattern(part as ts.TemplateLiteralType));
    const schemas = parts
      .filter((part) => !isTemplate(part) && !this.#isPassedOver(part))
      .map((part) => this.of(part, place));
    const texts = templates.length > 0 ? [{ type: 'string', pattern: wholePattern(templates.sort(compare)) }] : [];
    return anyOf([...schemas, ...texts]);
  }

  /** What a package allows besides values that can travel, such as the classes that Prisma takes for `null`. */
  #isPassedOver(part: ts.Type): boolean {
    const declaration = isStructure(part) ? part.getSymbol()?.declarations?.[0] : undefined;
    if (!declaration || this.#isOurs(declaration) || isLibrary(part.symbol)) return false;
    return !jsonForm(part, this.#given.checker) && this.#formless(part) !== undefined;
  }

  /** An object, by what JSON makes of it. */
  #structure(type: ts.Type, place: Place): JsonSchema {
    const { checker } = this.#given;
    const identity = this.#identities.of(type);
    if (identity !== undefined && Object.hasOwn(this.named, identity)) return referenceTo(identity);
    if (isDate(type, checker)) return { type: 'string', 'x-type': 'date' };
    const form = jsonForm(type, checker);
    if (form) return this.#nested(place, () => this.#present(form, place));
    const missing = this.#formless(type);
    if (missing) return this.#unsupported('FL1702', place, missing.why, missing.help);
    return this.#named(type, place, () => this.#object(type, place));
  }

  /** Why JSON has no form of an object. */
  #formless(type: ts.Type): { why: string; help: string } | undefined {
    const { checker } = this.#given;
    if (isFunction(type)) {
      const help = 'Leave the property out of the type, for example with `Omit`.';
      return { why: 'functions cannot travel as JSON', help };
    }
    if (isPromise(type, checker)) return { why: 'a promise cannot travel as JSON', help: 'Await it.' };
    const symbol = type.getSymbol();
    const all = checker.getPropertiesOfType(type);
    const data = all.filter((property) => this.#travels(property));
    const library = symbol && isLibrary(symbol) && symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class);
    const open = this.#indexTypes(type).length > 0;
    if (all.length === data.length || !(library || (data.length === 0 && !open))) return undefined;
    const why = `\`${this.#print(type)}\` is a class with methods and cannot travel as JSON`;
    return { why, help: 'Use an interface that holds the data alone.' };
  }

  #object(type: ts.Type, place: Place): JsonSchema {
    const { checker } = this.#given;
    const fields = this.properties(type).flatMap((property): [string, JsonSchema, boolean][] => {
      const inner = this.placeOf(property, place);
      const { schema, required } = this.#property(checker.getTypeOfSymbol(property), property, inner);
      return schema ? [[property.name, { ...schema, ...this.#docs(property) }, required]] : [];
    });
    const others = this.#index(type, place);
    const required = fields.filter(([, , needed]) => needed).map(([name]) => name);
    return {
      type: 'object',
      ...(fields.length > 0 && { properties: Object.fromEntries(fields.map(([name, schema]) => [name, schema])) }),
      ...(required.length > 0 && { required }),
      ...(others && { additionalProperties: others }),
    };
  }

  /** What index signatures say of the properties that are not declared. */
  #index(type: ts.Type, place: Place): JsonSchema | undefined {
    const schemas = new Map(
      this.#indexTypes(type).map((value) => {
        const schema = this.#present(value, place);
        return [JSON.stringify(schema), schema];
      }),
    );
    const [first, ...more] = [...schemas].sort(([a], [b]) => compare(a, b)).map(([, schema]) => schema);
    return first && more.length > 0 ? { anyOf: [first, ...more] } : first;
  }

  #indexTypes(type: ts.Type): ts.Type[] {
    const keys = ts.TypeFlags.String | ts.TypeFlags.Number | ts.TypeFlags.TemplateLiteral;
    const infos = this.#given.checker.getIndexInfosOfType(type).filter(({ keyType }) => keyType.flags & keys);
    return infos.map((info) => info.type);
  }

  /** The schema of a property's value, and whether the property has to be there; no schema when it never is. */
  #property(type: ts.Type, property: ts.Symbol, place: Place): { schema?: JsonSchema; required: boolean } {
    const { checker, exports } = this.#given;
    if (isErroneous(type)) {
      this.suspects.set(place.node, place);
      return { schema: {}, required: true };
    }
    const required = (property.flags & ts.SymbolFlags.Optional) === 0 && !includesUndefined(type);
    const location = locationOf(property, checker, exports);
    if (location && location.in !== 'attribute') return { schema: this.#located(location, type, place), required };
    if (type.flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return { required: false };
    const schema = this.#present(type, place);
    return schema.not ? { required: false } : { schema, required };
  }

  #tuple(type: ts.TupleTypeReference, place: Place): JsonSchema {
    const { elementFlags } = type.target;
    const types = this.#given.checker.getTypeArguments(type);
    const rest = elementFlags.findIndex((flag) => flag & ts.ElementFlags.Variable);
    if (rest >= 0 && rest < types.length - 1)
      return this.#unsupported(
        'FL1702',
        place,
        'a tuple with a rest in its middle cannot travel as JSON',
        'Put the rest last.',
      );
    const fixed = types.slice(0, rest < 0 ? undefined : rest).map((part) => this.#present(part, place));
    const last = types[rest];
    return {
      type: 'array',
      ...(fixed.length > 0 && { prefixItems: fixed }),
      items: last ? this.of(last, place) : false,
      minItems: elementFlags.filter((flag) => flag & ts.ElementFlags.Required).length,
    };
  }

  /** The schema of a value that may also be absent. */
  #present(type: ts.Type, place: Place): JsonSchema {
    if (!includesUndefined(type)) return this.of(type, place);
    const { value, nullable } = present(type, this.#given.checker);
    return nullable ? this.#nullable(value, place) : this.of(value, place);
  }

  #nullable(value: ts.Type, place: Place): JsonSchema {
    if (value.flags & ts.TypeFlags.Never) return { type: 'null' };
    const { anyOf, ...rest } = this.of(value, place);
    const members: JsonSchema[] = Array.isArray(anyOf) ? anyOf : [rest];
    const keywords = Array.isArray(anyOf) ? rest : {};
    return { anyOf: [...members.filter((member) => member.type !== 'null'), { type: 'null' }], ...keywords };
  }

  /** The aliases that say where a value travels give away that it is text alone, so what they were given is more precise. */
  #located({ in: where, value }: Location, type: ts.Type, place: Place): JsonSchema {
    if (where === 'status') return { type: 'integer' };
    const { checker } = this.#given;
    const own = present(type, checker).value;
    const inside = where === 'cookie' ? checker.getPropertyOfType(own, 'value') : undefined;
    const known = inside ? checker.getTypeOfSymbol(inside) : type;
    const given = value && checker.getTypeFromTypeNode(value);
    const plain = present(known, checker).value.flags & ts.TypeFlags.String;
    const precise = given && plain && !(given.flags & ts.TypeFlags.TypeParameter) ? given : known;
    return this.#present(precise, place);
  }

  /** Writes a schema under the type's identity; one without a name in place, unless it refers to itself. */
  #named(type: ts.Type, place: Place, make: () => JsonSchema): JsonSchema {
    const identity = this.#identities.of(type);
    if (identity !== undefined) return this.#define(type, identity, { open: new Set(), lent: new Map() }, place, make);
    const { open, lent } = this.#scope;
    const known = lent.get(type);
    if (known !== undefined) return referenceTo(known);
    if (open.has(type)) {
      const own = this.#identities.lent(type);
      lent.set(type, own);
      return this.#define(type, own, { open: new Set(), lent: new Map([[type, own]]) }, place, make);
    }
    open.add(type);
    const schema = this.#nested(place, make);
    open.delete(type);
    const own = lent.get(type);
    return own === undefined ? schema : referenceTo(own);
  }

  #define(type: ts.Type, identity: string, scope: Scope, place: Place, make: () => JsonSchema): JsonSchema {
    if (Object.hasOwn(this.named, identity)) return referenceTo(identity);
    this.named[identity] = {};
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const declaration = symbol?.declarations?.find((node) => this.#isOurs(node));
    if (declaration) this.declarations.add(declaration);
    const outer = this.#scope;
    this.#scope = scope;
    const schema = this.#nested(place, make);
    this.#scope = outer;
    this.named[identity] = { ...schema, ...(symbol && this.#docs(symbol)) };
    return referenceTo(identity);
  }

  /** What the doc comment of a property or of a named type says. */
  #docs(symbol: ts.Symbol): JsonSchema {
    if (!symbol.declarations?.some((node) => this.#isOurs(node))) return {};
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#given.checker)).trim();
    const deprecated = symbol.getJsDocTags(this.#given.checker).some(({ name }) => name === 'deprecated');
    return { ...(text !== '' && { description: text }), ...(deprecated && { deprecated: true }) };
  }

  #nested(place: Place, make: () => JsonSchema): JsonSchema {
    this.#open.push(place);
    try {
      return make();
    } finally {
      this.#open.pop();
    }
  }

  #isOurs(node: ts.Node): boolean {
    const file = node.getSourceFile();
    const known = this.#own.get(file);
    if (known !== undefined) return known;
    const { fileName } = file;
    const outside = fileName.includes('/node_modules/') || fileName.includes('/encore.gen/');
    const own = !outside && contains(this.#given.root, fileName);
    this.#own.set(file, own);
    return own;
  }

  #print(type: ts.Type): string {
    return this.#given.checker.typeToString(type);
  }

  #noUndefined(place: Place): JsonSchema {
    const why = '`undefined` cannot travel as JSON here';
    return this.#unsupported('FL1702', place, why, 'Use `null`, or make the property optional.');
  }

  #tooMuch(outermost: Place): JsonSchema {
    const endless = this.#open.length > maximumDepth;
    this.#endless = true;
    return this.#unsupported(
      'FL1703',
      outermost,
      endless ? 'its type nests without end' : `its type is made of more than ${maximumSize} others`,
      endless
        ? 'Write a type that refers to itself by name, with the same type arguments.'
        : 'Write an interface with the fields that are meant.',
    );
  }

  #unsupported(code: 'FL1702' | 'FL1703' | 'FL1704' | 'FL1705', place: Place, why: string, help: string): JsonSchema {
    this.#given.report.error(code, place.node, `${place.what}: ${why}`, help);
    return {};
  }
}
