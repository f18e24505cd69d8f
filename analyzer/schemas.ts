import { ts } from '@ts-morph/common';
import { type Location, locationOf } from './fields.ts';
import type { JsonSchema } from './graph.ts';
import { compare, type Report } from './report.ts';
import { SchemaNames } from './schema-names.ts';
import { contains } from './services.ts';
import { includesUndefined, isErroneous, isHidden, isLibrary, isMethod, present } from './type-facts.ts';

/** Deeper than any type that a person writes; only types that grow without end get there. */
const maximumDepth = 60;

interface Surroundings {
  root: string;
  checker: ts.TypeChecker;
  exports: ReadonlyMap<ts.Symbol, string>;
  report: Report;
}

/** What a type is translated for: where to point when it cannot be. */
export interface Place {
  node: ts.Node;
  /** For messages: `the request of orders.create`. */
  what: string;
}

/**
 * Translates types of the checker into JSON Schema. Named object types are written once, under a name made of their directory
 * and their own name, and referred to; that also ends recursion.
 */
export class Schemas {
  readonly named: Record<string, JsonSchema> = {};
  /** Declarations that schemas were made from, and those in which a type could not be resolved. */
  readonly declarations = new Set<ts.Node>();
  readonly suspects = new Map<ts.Node, Place>();
  readonly #given: Surroundings;
  readonly #namer: SchemaNames;
  readonly #names = new Map<ts.Type, string>();
  /** Types without a name that are being translated. */
  readonly #unnamed = new Set<ts.Type>();
  /** The types being translated, from the outermost in. */
  readonly #open: Place[] = [];
  /** Set until the outermost type is left: one way down is enough to know. */
  #endless = false;

  constructor(given: Surroundings) {
    this.#given = given;
    this.#namer = new SchemaNames(given.checker, given.report);
  }

  /** The schema of a type; what cannot travel as JSON is reported at its property and let through as anything. */
  of(type: ts.Type, place: Place): JsonSchema {
    const [outermost] = this.#open;
    if (!outermost) this.#endless = false;
    if (this.#endless) return {};
    if (outermost && this.#open.length > maximumDepth) {
      this.#endless = true;
      return this.#unsupported(
        'FL1703',
        outermost,
        'its type nests without end',
        'Write a type that refers to itself by name, with the same type arguments.',
      );
    }
    return this.#special(type, place) ?? this.#primitive(type, place) ?? this.#composite(type, place);
  }

  /** Follows a `$ref` into the named schemas. */
  resolve(schema: JsonSchema): JsonSchema {
    const reference = schema.$ref;
    return typeof reference === 'string' ? (this.named[reference.slice('#/schemas/'.length)] ?? {}) : schema;
  }

  /** The named schemas that a value refers to, directly or through others. */
  reachable(value: unknown): Record<string, JsonSchema> {
    const found: Record<string, JsonSchema> = {};
    const visit = (part: unknown): void => {
      if (typeof part !== 'object' || part === null) return;
      const reference = (part as JsonSchema).$ref;
      const key = typeof reference === 'string' ? reference.slice('#/schemas/'.length) : undefined;
      const schema = key === undefined || Object.hasOwn(found, key) ? undefined : this.named[key];
      if (key !== undefined && schema) {
        found[key] = schema;
        visit(schema);
      }
      for (const inner of Object.values(part)) visit(inner);
    };
    visit(value);
    return found;
  }

  /** The properties that travel, sorted by name. */
  properties(type: ts.Type): ts.Symbol[] {
    const { checker } = this.#given;
    const all = type.isUnion()
      ? type.types.flatMap((part) => checker.getPropertiesOfType(part))
      : checker.getPropertiesOfType(type);
    const byName = new Map(all.filter(({ name }) => !name.startsWith('__@')).map((symbol) => [symbol.name, symbol]));
    return [...byName.values()].sort((a, b) => compare(a.name, b.name));
  }

  /** Where to point for a property: its declaration in the application, else where its owner is used. */
  placeOf(property: ts.Symbol, place: Place): Place {
    const declaration = property.declarations?.find((node) => this.#isOurs(node));
    if (declaration) this.declarations.add(declaration);
    return { node: declaration ?? place.node, what: place.what };
  }

  #special(type: ts.Type, place: Place): JsonSchema | undefined {
    const { checker, exports } = this.#given;
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(type as ts.TypeReference);
      return item && this.#nested(place, () => ({ type: 'array', items: this.of(item, place) }));
    }
    if (checker.isTupleType(type)) return this.#nested(place, () => this.#tuple(type as ts.TupleTypeReference, place));
    const symbol = type.getSymbol();
    if (!symbol) return undefined;
    if (exports.get(symbol) === 'encore.dev/types#Decimal') return { type: 'string', 'x-type': 'decimal' };
    if (!isLibrary(symbol)) return undefined;
    if (symbol.name === 'Date') return { type: 'string', 'x-type': 'date' };
    if (['Buffer', 'Uint8Array', 'ArrayBuffer'].includes(symbol.name)) return { type: 'string', 'x-type': 'bytes' };
    return undefined;
  }

  #primitive(type: ts.Type, place: Place): JsonSchema | undefined {
    const { flags } = type;
    const is = (flag: ts.TypeFlags) => (flags & flag) !== 0;
    if (is(ts.TypeFlags.Any)) {
      if (isErroneous(type)) this.suspects.set(place.node, place);
      return {};
    }
    if (is(ts.TypeFlags.Unknown)) return {};
    if (is(ts.TypeFlags.Never)) return { not: {} };
    if (is(ts.TypeFlags.Null)) return { type: 'null' };
    if (is(ts.TypeFlags.Boolean)) return { type: 'boolean' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { type: typeof type.value, const: type.value };
    if (is(ts.TypeFlags.BooleanLiteral))
      return { type: 'boolean', const: this.#given.checker.typeToString(type) === 'true' };
    if (type.isLiteral() && typeof type.value === 'object') {
      return {
        type: 'string',
        'x-type': 'bigint',
        const: `${type.value.negative ? '-' : ''}${type.value.base10Value}`,
      };
    }
    if (is(ts.TypeFlags.StringLike)) return { type: 'string' };
    if (is(ts.TypeFlags.NumberLike) && !type.isUnion()) return { type: 'number' };
    if (is(ts.TypeFlags.BigIntLike)) return { type: 'string', 'x-type': 'bigint' };
    if (is(ts.TypeFlags.NonPrimitive)) return { type: 'object' };
    if (is(ts.TypeFlags.Undefined | ts.TypeFlags.Void))
      return this.#unsupported(
        'FL1702',
        place,
        '`undefined` cannot travel as JSON here',
        'Use `null`, or make the property optional.',
      );
    if (is(ts.TypeFlags.ESSymbolLike))
      return this.#unsupported('FL1702', place, 'symbols cannot travel as JSON', 'Use a string.');
    if (is(ts.TypeFlags.TypeParameter)) {
      return this.#unsupported(
        'FL1702',
        place,
        `the type parameter \`${type.symbol.name}\` stands for no type`,
        'Give it a type where it is used.',
      );
    }
    return undefined;
  }

  #composite(type: ts.Type, place: Place): JsonSchema {
    if (type.isUnion()) return this.#named(type, place, () => this.#union(type, place));
    if (type.isIntersection()) {
      // A brand, such as `string & { readonly brand: unique symbol }`: the value is the primitive.
      const value = type.types.find(
        ({ flags }) =>
          flags &
          (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike),
      );
      if (value) return this.of(value, place);
    }
    if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))
      return this.#named(type, place, () => this.#object(type, place));
    const constraint = this.#given.checker.getBaseConstraintOfType(type);
    if (constraint && constraint !== type) return this.of(constraint, place);
    return this.#unsupported(
      'FL1702',
      place,
      `\`${this.#given.checker.typeToString(type)}\` cannot travel as JSON`,
      'Use an object, an array or a simple value.',
    );
  }

  #union(type: ts.UnionType, place: Place): JsonSchema {
    if (includesUndefined(type)) {
      return this.#unsupported(
        'FL1702',
        place,
        '`undefined` cannot travel as JSON here',
        'Use `null`, or make the property optional.',
      );
    }
    const { value, nullable } = present(type, this.#given.checker);
    if (nullable) return this.#nullable(value, place);
    return this.#anyOf(type.types, place);
  }

  #anyOf(parts: readonly ts.Type[], place: Place): JsonSchema {
    const schemas = parts.map((part) => this.of(part, place));
    const booleans = schemas.filter((schema) => schema.type === 'boolean');
    const others = schemas.filter((schema) => schema.type !== 'boolean' && !isPlainLiteral(schema));
    const members = [
      ...others,
      ...(booleans.length === 1 ? booleans : booleans.length > 1 ? [{ type: 'boolean' }] : []),
      ...enumOf(schemas, 'string'),
      ...enumOf(schemas, 'number'),
    ];
    const unique = new Map(members.map((member) => [JSON.stringify(member), member]));
    const sorted = [...unique.entries()].sort(([a], [b]) => compare(a, b)).map(([, member]) => member);
    return sorted.length === 1 && sorted[0] ? sorted[0] : { anyOf: sorted };
  }

  #object(type: ts.Type, place: Place): JsonSchema {
    const { checker } = this.#given;
    const symbol = type.getSymbol();
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      return this.#unsupported(
        'FL1702',
        place,
        'functions cannot travel as JSON',
        'Leave the property out of the type, for example with `Omit`.',
      );
    }
    const foreign = symbol && isLibrary(symbol) && symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class);
    const properties = this.properties(type);
    if (
      (foreign || (symbol && symbol.flags & ts.SymbolFlags.Class)) &&
      properties.some((property) => isMethod(property) || isHidden(property))
    ) {
      return this.#unsupported(
        'FL1702',
        place,
        `\`${checker.typeToString(type)}\` is a class with methods and cannot travel as JSON`,
        'Use an interface that holds the data alone.',
      );
    }
    const fields = properties.flatMap((property): [string, JsonSchema, boolean][] => {
      const inner = this.placeOf(property, place);
      const { schema, required } = this.#property(checker.getTypeOfSymbol(property), property, inner);
      return schema ? [[property.name, schema, required]] : [];
    });
    const index = checker
      .getIndexInfosOfType(type)
      .find(
        ({ keyType }) => keyType.flags & (ts.TypeFlags.String | ts.TypeFlags.Number | ts.TypeFlags.TemplateLiteral),
      );
    const required = fields.filter(([, , needed]) => needed).map(([name]) => name);
    return {
      type: 'object',
      ...(fields.length > 0 && { properties: Object.fromEntries(fields.map(([name, schema]) => [name, schema])) }),
      ...(required.length > 0 && { required }),
      ...(index && { additionalProperties: this.#present(index.type, place) }),
    };
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
    if (location) return { schema: this.#located(location, place), required };
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
    const schema = this.of(value, place);
    const members: JsonSchema[] = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
    return { anyOf: [...members.filter((member) => member.type !== 'null'), { type: 'null' }] };
  }

  #located({ in: where, value }: Location, place: Place): JsonSchema {
    if (where === 'status') return { type: 'integer' };
    return value ? this.#present(this.#given.checker.getTypeFromTypeNode(value), place) : { type: 'string' };
  }

  /** Writes a schema under the type's name; one without a name in place, unless it refers to itself. */
  #named(type: ts.Type, place: Place, make: () => JsonSchema): JsonSchema {
    const known = this.#names.get(type);
    if (known !== undefined) return { $ref: `#/schemas/${known}` };
    const name = this.#namer.of(type);
    if (name !== undefined || this.#unnamed.has(type))
      return this.#define(type, name ?? this.#namer.lent(type), place, make);
    this.#unnamed.add(type);
    const schema = this.#nested(place, make);
    this.#unnamed.delete(type);
    const lent = this.#names.get(type);
    return lent === undefined ? schema : { $ref: `#/schemas/${lent}` };
  }

  #define(type: ts.Type, wanted: string, place: Place, make: () => JsonSchema): JsonSchema {
    const name = this.#unused(wanted);
    this.#names.set(type, name);
    this.named[name] = {};
    const declaration = (type.aliasSymbol ?? type.getSymbol())?.declarations?.find((node) => this.#isOurs(node));
    if (declaration) this.declarations.add(declaration);
    this.named[name] = this.#nested(place, make);
    return { $ref: `#/schemas/${name}` };
  }

  #nested(place: Place, make: () => JsonSchema): JsonSchema {
    this.#open.push(place);
    try {
      return make();
    } finally {
      this.#open.pop();
    }
  }

  #unused(name: string): string {
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? name : `${name}_${count}`;
      if (!Object.hasOwn(this.named, candidate)) return candidate;
    }
  }

  #isOurs(node: ts.Node): boolean {
    const { fileName } = node.getSourceFile();
    return (
      contains(this.#given.root, fileName) && !fileName.includes('/node_modules/') && !fileName.includes('/encore.gen/')
    );
  }

  #unsupported(code: 'FL1702' | 'FL1703', place: Place, why: string, help: string): JsonSchema {
    this.#given.report.error(code, place.node, `${place.what}: ${why}`, help);
    return {};
  }
}

function isPlainLiteral(schema: JsonSchema): boolean {
  return 'const' in schema && schema['x-type'] === undefined && schema.type !== 'boolean';
}

/** The literals of one type among the members of a union, as one schema. */
function enumOf(schemas: JsonSchema[], type: 'string' | 'number'): JsonSchema[] {
  const values = schemas
    .filter((schema) => isPlainLiteral(schema) && schema.type === type)
    .map((schema) => schema.const);
  if (values.length < 2) return values.map((value) => ({ type, const: value }));
  const sorted = type === 'number' ? (values as number[]).sort((a, b) => a - b) : (values as string[]).sort(compare);
  return [{ type, enum: [...new Set<unknown>(sorted)] }];
}
