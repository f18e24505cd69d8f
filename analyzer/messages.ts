import { ts } from '@ts-morph/common';
import { locationOf } from './fields.ts';
import type { Encoding, Field, JsonSchema, Message, Method } from './graph.ts';
import type { TypeAt } from './handler.ts';
import type { Place, TypeReader } from './schemas.ts';
import { isErroneous, jsonForm } from './type-facts.ts';

/** In the order that Graphs list them. */
export const everyMethod = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'CONNECT',
] as const satisfies Method[];

/** Methods whose remaining fields travel in the body; those of the others travel in the query string. */
const withBody: readonly Method[] = ['POST', 'PUT', 'PATCH', 'CONNECT'];

type Located = { property: ts.Symbol; field: Field | undefined };

/** The request of an endpoint: its schema, and where every field travels for each group of methods. */
export function requestOf(
  given: ts.Type,
  place: Place,
  route: { methods: Method[]; parameters: string[] },
  reader: TypeReader,
): Message | undefined {
  const type = reader.schemas.written(given);
  const schema = objectSchema(given, place, reader);
  if (!schema) return undefined;
  const fields = locate(type, reader);
  for (const { property, field } of fields) {
    if (field?.in === 'status') statusMisplaced(property, place, reader);
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
  for (const { fields } of encodings) checkFields(fields, type, schema, place, reader);
  if (groups[1].methods.length > 0) checkClosed(schema, place, reader);
  return { schema, encodings };
}

/** The response of an endpoint: header, cookie and status fields leave the body, whatever the method. */
export function responseOf(given: ts.Type, place: Place, methods: Method[], reader: TypeReader): Message | undefined {
  const type = reader.schemas.written(given);
  const schema = objectSchema(given, place, reader);
  if (!schema) return undefined;
  const located = locate(type, reader);
  const statuses = located.filter(({ field }) => field?.in === 'status');
  for (const { property } of statuses.slice(1)) statusMisplaced(property, place, reader);
  const fields = located.map(({ property, field }): Field => {
    return field && field.in !== 'query' ? field : { name: property.name, in: 'body', wire: property.name };
  });
  checkFields(fields, type, schema, place, reader);
  return { schema, encodings: [{ methods, fields }] };
}

/** What an auth handler takes, alike with every method, and the data it gives. */
export function authMessages(
  { request, data }: { request: TypeAt; data: TypeAt },
  reader: TypeReader,
): { request: Message; data: JsonSchema } | undefined {
  const place = { node: request.node, what: 'the parameters of the auth handler' };
  const schema = objectSchema(request.type, place, reader);
  const known = objectSchema(data.type, { node: data.node, what: 'the auth data' }, reader);
  if (!schema || !known) return undefined;
  const located = locate(request.type, reader);
  const fields = located.flatMap(({ field }) => field ?? []);
  for (const { property, field } of located) {
    if (field && field.in !== 'status') continue;
    reader.report.error(
      'FL1802',
      reader.schemas.placeOf(property, place).node,
      `${place.what}: \`${property.name}\` is no header, query parameter or cookie`,
      'Make it `Header<…>`, `Query<…>` or `Cookie<…>`: an auth handler sees nothing else of a request.',
    );
  }
  checkFields(fields, request.type, schema, place, reader);
  checkUser(data, reader);
  return { request: { schema, encodings: [{ methods: [...everyMethod], fields }] }, data: known };
}

function checkUser({ type, node }: TypeAt, { checker, report }: TypeReader): void {
  const user = checker.getPropertyOfType(type, 'userID');
  if (user && !(user.flags & ts.SymbolFlags.Optional) && isText(checker.getTypeOfSymbol(user))) return;
  const help = 'Return an object with a `userID: string`, or null for nobody.';
  report.error('FL1803', node, 'the auth data has no field `userID` that is text', help);
}

function isText(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.every(isText);
  if (type.isIntersection()) return type.types.some(isText);
  return (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.Any)) !== 0;
}

function requestField({ property, field }: Located, rest: 'body' | 'query', parameters: string[]): Field {
  const { name } = property;
  if (parameters.includes(name)) return { name, in: 'path', wire: name };
  return field && field.in !== 'status' ? field : { name, in: rest, wire: name };
}

function locate(type: ts.Type, reader: TypeReader): Located[] {
  return reader.schemas.properties(type).flatMap((property): Located[] => {
    const { name } = property;
    const type = reader.checker.getTypeOfSymbol(property);
    if (type.flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined)) return [];
    const location = locationOf(property, reader.checker, reader.exports);
    if (!location || location.in === 'attribute') return [{ property, field: undefined }];
    const wire = location.wire ?? name;
    return [{ property, field: { name, in: location.in, wire: location.in === 'header' ? wire.toLowerCase() : wire } }];
  });
}

/** Only objects have fields that can travel; unions of objects too. */
function objectSchema(type: ts.Type, place: Place, reader: TypeReader): JsonSchema | undefined {
  const { schemas, report, checker } = reader;
  if (isErroneous(type)) {
    schemas.suspects.set(place.node, place);
    return undefined;
  }
  if (!isObject(type, checker)) {
    report.error(
      'FL1309',
      place.node,
      `${place.what} is \`${checker.typeToString(type)}\`, not an object`,
      remedy(type),
    );
    return undefined;
  }
  return schemas.of(type, place);
}

function remedy(type: ts.Type): string {
  if (type.flags & ts.TypeFlags.Any) return 'Say what it is: annotate the handler.';
  if (type.isUnion()) return 'Put what varies into a field of an object.';
  return 'Use an object: an interface, or a type with named fields.';
}

function isObject(given: ts.Type, checker: ts.TypeChecker): boolean {
  const type = jsonForm(given, checker) ?? given;
  if (type.isUnion()) return type.types.every((part) => isObject(part, checker));
  if (type.isIntersection()) return type.types.some((part) => isObject(part, checker));
  if (type.flags & ts.TypeFlags.NonPrimitive) return true;
  if (!(type.flags & ts.TypeFlags.Object) || checker.isArrayLikeType(type)) return false;
  return (
    type.getCallSignatures().length === 0 &&
    !['Date', 'Buffer', 'Uint8Array', 'ArrayBuffer', 'Promise'].includes(type.symbol?.name ?? '')
  );
}

function statusMisplaced(property: ts.Symbol, place: Place, { report, schemas }: TypeReader): void {
  report.error(
    'FL1311',
    schemas.placeOf(property, place).node,
    `${place.what}: \`${property.name}\` is an HttpStatus that nothing can set`,
    'A response has at most one field of type HttpStatus, and a request has none.',
  );
}

/** Outside the body only simple values travel, in the query string also lists of them. */
function checkFields(fields: Field[], type: ts.Type, schema: JsonSchema, place: Place, reader: TypeReader): void {
  const { schemas, report } = reader;
  const symbols = new Map(schemas.properties(type).map((property) => [property.name, property]));
  for (const { name, in: where } of fields) {
    const property = symbols.get(name);
    if (where === 'body' || where === 'status' || !property) continue;
    if (isErroneous(reader.checker.getTypeOfSymbol(property))) continue;
    const simple = propertySchemas(schema, name, reader).every((value) => {
      const item = schemas.resolve(value).items;
      return isSimple(value, reader) || (where === 'query' && isSchema(item) && isSimple(item, reader));
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

/** In a query string there is no telling which parameters belong to an index signature. */
function checkClosed(schema: JsonSchema, place: Place, reader: TypeReader): void {
  const object = reader.schemas.resolve(schema);
  if (Array.isArray(object.anyOf)) {
    for (const member of object.anyOf) checkClosed(member, place, reader);
  } else if (object.additionalProperties !== undefined) {
    const why = `${place.what}: an index signature cannot travel in the query string`;
    reader.report.error('FL1310', place.node, why, 'Name the fields, or use a method with a body.');
  }
}

function propertySchemas(schema: JsonSchema, name: string, reader: TypeReader): JsonSchema[] {
  const object = reader.schemas.resolve(schema);
  if (Array.isArray(object.anyOf)) return object.anyOf.flatMap((part) => propertySchemas(part, name, reader));
  const value = (object.properties as Record<string, JsonSchema> | undefined)?.[name];
  return value ? [value] : [];
}

function isSimple(value: JsonSchema, reader: TypeReader): boolean {
  const schema = reader.schemas.resolve(value);
  if (Array.isArray(schema.anyOf)) return schema.anyOf.every((part) => isSimple(part, reader));
  return (
    ['string', 'number', 'integer', 'boolean', 'null'].includes(String(schema.type)) && schema['x-type'] !== 'bytes'
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
