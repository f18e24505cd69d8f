import { ts } from '@ts-morph/common';
import type { Reader } from './context.ts';
import { locationOf } from './fields.ts';
import type { Encoding, Field, JsonSchema, Message, Method } from './graph.ts';
import type { Place } from './schemas.ts';
import { includesUndefined, isErroneous } from './type-facts.ts';

/** Methods whose remaining fields travel in the body; those of the others travel in the query string. */
const withBody: readonly Method[] = ['POST', 'PUT', 'PATCH', 'CONNECT'];

type Located = { property: ts.Symbol; field: Field | undefined };

/** The request of an endpoint: its schema, and where every field travels for each group of methods. */
export function requestOf(
  type: ts.Type,
  place: Place,
  route: { methods: Method[]; parameters: string[] },
  context: Reader,
): Message | undefined {
  const schema = objectSchema(type, place, context);
  if (!schema) return undefined;
  const fields = locate(type, context);
  for (const { property, field } of fields) {
    if (field?.in === 'status') statusMisplaced(property, place, context);
  }
  const groups = [
    { rest: 'body', methods: route.methods.filter((method) => withBody.includes(method)) },
    { rest: 'query', methods: route.methods.filter((method) => !withBody.includes(method)) },
  ] as const;
  const encodings = groups
    .filter(({ methods }) => methods.length > 0)
    .map(
      ({ rest, methods }): Encoding => ({
        methods,
        fields: fields.map((field) => requestField(field, rest, route.parameters)),
      }),
    );
  for (const { fields } of encodings) checkFields(fields, type, schema, place, context);
  return { schema, encodings };
}

/** The response of an endpoint: header, cookie and status fields leave the body, whatever the method. */
export function responseOf(type: ts.Type, place: Place, methods: Method[], context: Reader): Message | undefined {
  const schema = objectSchema(type, place, context);
  if (!schema) return undefined;
  const located = locate(type, context);
  const statuses = located.filter(({ field }) => field?.in === 'status');
  for (const { property } of statuses.slice(1)) statusMisplaced(property, place, context);
  const fields = located.map(({ property, field }): Field => {
    return field && field.in !== 'query' ? field : { name: property.name, in: 'body', wire: property.name };
  });
  checkFields(fields, type, schema, place, context);
  return { schema, encodings: [{ methods, fields }] };
}

function requestField({ property, field }: Located, rest: 'body' | 'query', parameters: string[]): Field {
  const { name } = property;
  if (parameters.includes(name)) return { name, in: 'path', wire: name };
  return field && field.in !== 'status' ? field : { name, in: rest, wire: name };
}

function locate(type: ts.Type, context: Reader): Located[] {
  return context.schemas.properties(type).flatMap((property): Located[] => {
    const { name } = property;
    const type = context.checker.getTypeOfSymbol(property);
    if (type.flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined)) return [];
    const location = locationOf(property, context.checker, context.exports);
    if (!location) return [{ property, field: undefined }];
    const wire = location.wire ?? name;
    return [{ property, field: { name, in: location.in, wire: location.in === 'header' ? wire.toLowerCase() : wire } }];
  });
}

/** Only objects have fields that can travel; unions of objects too. */
function objectSchema(type: ts.Type, place: Place, context: Reader): JsonSchema | undefined {
  const { schemas, report, checker } = context;
  if (isErroneous(type)) {
    schemas.suspects.set(place.node, place);
    return undefined;
  }
  if (!isObject(type, checker)) {
    const hint = includesUndefined(type)
      ? 'Return an object, or nothing at all.'
      : 'Use an object: an interface, or a type with named fields.';
    report.error('FL1309', place.node, `${place.what} is \`${checker.typeToString(type)}\`, not an object`, hint);
    return undefined;
  }
  return schemas.of(type, place);
}

function isObject(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnion()) return type.types.every((part) => isObject(part, checker));
  if (type.isIntersection()) return type.types.some((part) => isObject(part, checker));
  if (!(type.flags & ts.TypeFlags.Object) || checker.isArrayLikeType(type)) return false;
  return (
    type.getCallSignatures().length === 0 &&
    !['Date', 'Buffer', 'Uint8Array', 'ArrayBuffer', 'Promise'].includes(type.symbol?.name ?? '')
  );
}

function statusMisplaced(property: ts.Symbol, place: Place, { report, schemas }: Reader): void {
  report.error(
    'FL1311',
    schemas.placeOf(property, place).node,
    `${place.what}: \`${property.name}\` is an HttpStatus that nothing can set`,
    'A response has at most one field of type HttpStatus, and a request has none.',
  );
}

/** Outside the body only simple values travel, in the query string also lists of them. */
function checkFields(fields: Field[], type: ts.Type, schema: JsonSchema, place: Place, context: Reader): void {
  const { schemas, report } = context;
  const symbols = new Map(schemas.properties(type).map((property) => [property.name, property]));
  for (const { name, in: where } of fields) {
    const property = symbols.get(name);
    if (where === 'body' || where === 'status' || !property) continue;
    const simple = propertySchemas(schema, name, context).every((value) => {
      const item = schemas.resolve(value).items;
      return isSimple(value, context) || (where === 'query' && isSchema(item) && isSimple(item, context));
    });
    if (simple) continue;
    report.error(
      where === 'path' ? 'FL1305' : 'FL1310',
      schemas.placeOf(property, place).node,
      `${place.what}: \`${name}\` cannot travel in the ${where === 'query' ? 'query string' : where}`,
      where === 'query'
        ? 'Use text, numbers, booleans, dates, or lists of them; or a method with a body.'
        : 'Use text, a number, a boolean or a date.',
    );
  }
}

function propertySchemas(schema: JsonSchema, name: string, context: Reader): JsonSchema[] {
  const object = context.schemas.resolve(schema);
  if (Array.isArray(object.anyOf)) return object.anyOf.flatMap((part) => propertySchemas(part, name, context));
  const value = (object.properties as Record<string, JsonSchema> | undefined)?.[name];
  return value ? [value] : [];
}

function isSimple(value: JsonSchema, context: Reader): boolean {
  const schema = context.schemas.resolve(value);
  if (Array.isArray(schema.anyOf)) return schema.anyOf.every((part) => isSimple(part, context));
  return (
    ['string', 'number', 'integer', 'boolean', 'null'].includes(String(schema.type)) && schema['x-type'] !== 'bytes'
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
