import type { AuthHandler, Endpoint, Field, Graph, JsonSchema, Message, Method } from '../graph.ts';
import { parsePath, type Segment } from '../paths.ts';
import { Names } from './identifiers.ts';
import { fieldOf, objectsOf, type Selection, type Surface, surfaceOf } from './surface.ts';

export interface OpenApiOptions extends Selection {
  /** Of the application. @default 0.0.0 */
  version?: string;
  /** Where it is reached. @default / */
  server?: string;
}

type Json = Record<string, unknown>;

/** Where schemas are in the document, by their names in the Graph. */
type NameOf = (schema: string) => string;

/** The HTTP interface of an application as an OpenAPI 3.1 document. */
export function generateOpenApi(
  graph: Graph,
  { version = '0.0.0', server = '/', ...selection }: OpenApiOptions = {},
): Json {
  const surface = surfaceOf(graph, selection);
  const names = new Names();
  const legal = new Map(
    Object.keys(surface.schemas).map((name) => [name, names.claim(name.replaceAll(/[^A-Za-z0-9._-]/g, '_'))]),
  );
  const error = names.claim('Error');
  const nameOf: NameOf = (schema) => legal.get(schema) ?? schema;
  const schemas = Object.entries(surface.schemas).map(([name, schema]) => [nameOf(name), convert(schema, nameOf)]);
  return {
    openapi: '3.1.1',
    info: { title: surface.application, version },
    servers: [{ url: server }],
    tags: surface.services.map(({ name }) => ({ name })),
    paths: pathsOf(surface, nameOf),
    components: {
      schemas: { ...Object.fromEntries(schemas), [error]: errorSchema },
      responses: {
        [errorResponse]: {
          description: 'The endpoint failed.',
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${error}` } } },
        },
      },
      ...(surface.authHandler && { securitySchemes: securitySchemes(surface.authHandler) }),
    },
  };
}

const errorResponse = 'Error';

const errorSchema = {
  type: 'object',
  properties: {
    code: {
      type: 'string',
      enum: 'ok canceled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied resource_exhausted failed_precondition aborted out_of_range unimplemented internal unavailable data_loss unauthenticated'.split(
        ' ',
      ),
    },
    message: { type: 'string' },
    details: { description: 'What the endpoint says about the error besides its message, or null.' },
  },
  required: ['code', 'message'],
};

/** A schema with the names of the document, and with what `x-type` says in terms that other tools know. */
function convert(schema: JsonSchema, nameOf: NameOf): Json {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    return typeof value === 'object' && value !== null ? convert(value as JsonSchema, nameOf) : value;
  };
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === '$ref' && typeof value === 'string')
      return ['$ref', `#/components/schemas/${nameOf(value.slice('#/schemas/'.length))}`];
    if (literal.has(keyword)) return [keyword, value];
    if (keyword === 'properties') {
      const properties = Object.entries(value as Record<string, JsonSchema>);
      return [keyword, Object.fromEntries(properties.map(([name, inner]) => [name, convert(inner, nameOf)]))];
    }
    return [keyword, walk(value)];
  });
  const standard = schema['x-type'] && !('const' in schema) ? standards[schema['x-type']] : {};
  return { ...Object.fromEntries(entries), ...standard };
}

/** Keywords whose values are data, not schemas. */
const literal = new Set(['const', 'enum', 'default', 'examples', 'required']);

const standards: Record<NonNullable<JsonSchema['x-type']>, Json> = {
  date: { format: 'date-time' },
  bigint: { pattern: '^-?\\d+$' },
  decimal: { pattern: '^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)(e[+-]?\\d{1,3})?$' },
  bytes: { contentEncoding: 'base64' },
};

/** What an operation of a path item can be called; there is no CONNECT. */
const operations: Partial<Record<Method, string>> = {
  GET: 'get',
  PUT: 'put',
  POST: 'post',
  DELETE: 'delete',
  OPTIONS: 'options',
  HEAD: 'head',
  PATCH: 'patch',
  TRACE: 'trace',
};

/**
 * Paths of one shape are one path, whatever their parameters are called: the first names them. What it cannot tell apart, a segment
 * and the rest of a path, goes to `x-fairlead-also` of the path.
 */
function pathsOf(surface: Surface, nameOf: NameOf): Json {
  const paths = new Map<string, { template: string; names: string[]; item: Json }>();
  const endpoints = surface.services.flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => ({ service: name, endpoint })),
  );
  const ranked = endpoints
    .map(({ service, endpoint }) => ({ service, endpoint, segments: segmentsOf(endpoint.path) }))
    .sort((a, b) => rank(a.segments) - rank(b.segments));
  for (const { service, endpoint, segments } of ranked) {
    const shape = segments.map(({ kind, text }) => (kind === 'literal' ? `/${text}` : '/{}')).join('') || '/';
    const own = segments.filter(({ kind }) => kind !== 'literal').map(({ text }) => text);
    const path = paths.get(shape) ?? { template: templateOf(segments), names: own, item: {} };
    paths.set(shape, path);
    const renamed = new Map(own.map((name, index) => [name, path.names[index] ?? name]));
    for (const method of endpoint.methods) {
      const key = operations[method];
      if (key === undefined) continue;
      const operation = operationOf({ service, endpoint, method, segments, renamed }, surface, nameOf);
      if (path.item[key] === undefined) path.item[key] = operation;
      else
        path.item['x-fairlead-also'] = {
          ...(path.item['x-fairlead-also'] as Json),
          [operation.operationId as string]: operation,
        };
    }
  }
  const sorted = [...paths.values()].sort((a, b) => (a.template < b.template ? -1 : 1));
  return Object.fromEntries(sorted.map(({ template, item }) => [template, item]));
}

function segmentsOf(path: string): Segment[] {
  const segments = parsePath(path);
  return Array.isArray(segments) ? segments : [];
}

/** What is narrower comes first. */
function rank(segments: readonly Segment[]): number {
  const kinds = segments.map(({ kind }) => kind);
  return kinds.includes('fallback') ? 2 : kinds.includes('wildcard') ? 1 : 0;
}

function templateOf(segments: readonly Segment[]): string {
  return segments.map(({ kind, text }) => (kind === 'literal' ? `/${text}` : `/{${text}}`)).join('') || '/';
}

interface Operation {
  service: string;
  endpoint: Endpoint;
  method: Method;
  segments: readonly Segment[];
  /** Path parameters by the names that the path has in the document. */
  renamed: ReadonlyMap<string, string>;
}

function operationOf(operation: Operation, surface: Surface, nameOf: NameOf): Json {
  const { service, endpoint, method } = operation;
  const { name, kind, doc, methods, auth, tags } = endpoint;
  const [summary, ...rest] = (doc ?? '').split('\n\n');
  const body = requestBody(operation, surface, nameOf);
  const parameters = parametersOf(operation, surface, nameOf);
  return {
    operationId: methods.length > 1 ? `${service}.${name}.${method.toLowerCase()}` : `${service}.${name}`,
    tags: [service],
    ...(summary && { summary: summary.replaceAll('\n', ' ') }),
    ...(rest.length > 0 && { description: rest.join('\n\n') }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(endpoint, surface, nameOf),
    ...(auth && surface.authHandler && { security: securityOf(surface.authHandler, surface.schemas) }),
    ...(kind === 'stream' && { 'x-fairlead-stream': streamOf(endpoint, nameOf) }),
    ...(!endpoint.exposed && { 'x-fairlead-private': true }),
    ...(tags.length > 0 && { 'x-fairlead-tags': tags }),
  };
}

function fieldsOf(request: Message | undefined, method: Method): readonly Field[] {
  return (request?.encodings.find(({ methods }) => methods.includes(method)) ?? request?.encodings[0])?.fields ?? [];
}

function parametersOf(
  { endpoint, method, segments, renamed }: Operation,
  { schemas }: Surface,
  nameOf: NameOf,
): Json[] {
  const { request } = endpoint;
  const fields = fieldsOf(request, method);
  const inPath = segments
    .filter(({ kind }) => kind !== 'literal')
    .map(({ kind, text }): Json => {
      const field = fields.find(({ in: where, wire }) => where === 'path' && wire === text);
      return {
        name: renamed.get(text) ?? text,
        in: 'path',
        required: true,
        ...(kind !== 'param' && {
          description: `The rest of the path; it may hold slashes.${kind === 'fallback' ? ' Taken when no other path fits.' : ''}`,
          'x-fairlead-path': kind,
        }),
        schema: field && request ? convert(fieldOf(request, field.name, schemas).schema, nameOf) : { type: 'string' },
      };
    });
  const others = fields.flatMap(({ name, in: where, wire }): Json[] => {
    if (!request || (where !== 'query' && where !== 'header' && where !== 'cookie')) return [];
    const { schema, required } = fieldOf(request, name, schemas);
    const { description } = schema;
    return [
      {
        name: wire,
        in: where,
        ...(required && { required }),
        ...(typeof description === 'string' && { description }),
        schema: convert(schema, nameOf),
      },
    ];
  });
  return [...inPath, ...others];
}

function requestBody({ endpoint, method }: Operation, { schemas }: Surface, nameOf: NameOf): Json | undefined {
  const { kind, request } = endpoint;
  if (kind === 'raw')
    return ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? { content: { '*/*': {} } } : undefined;
  const fields = fieldsOf(request, method);
  if (!request || kind !== 'typed' || !fields.some((field) => field.in === 'body')) return undefined;
  return { required: true, content: { 'application/json': { schema: bodySchema(request, fields, schemas, nameOf) } } };
}

/** The schema of a message without the fields that travel elsewhere. */
function bodySchema(message: Message, fields: readonly Field[], schemas: Surface['schemas'], nameOf: NameOf): Json {
  const elsewhere = new Set(fields.filter((field) => field.in !== 'body').map(({ name }) => name));
  if (elsewhere.size === 0) return convert(message.schema, nameOf);
  const bodies = objectsOf(message.schema, schemas).map((schema): Json => {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).filter(
      ([name]) => !elsewhere.has(name),
    );
    const required = ((schema.required ?? []) as string[]).filter((name) => !elsewhere.has(name));
    const { required: _, properties: __, ...others } = schema;
    return convert(
      { ...others, properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) },
      nameOf,
    );
  });
  return bodies.length === 1 ? (bodies[0] ?? {}) : { anyOf: bodies };
}

function responsesOf({ kind, response }: Endpoint, surface: Surface, nameOf: NameOf): Json {
  const failure = { default: { $ref: `#/components/responses/${errorResponse}` } };
  const anything = { content: { '*/*': {} } };
  if (kind === 'raw') return { default: { description: 'Whatever the endpoint answers.', ...anything } };
  if (kind === 'assets')
    return {
      '200': { description: 'The file.', ...anything },
      '404': { description: 'There is no such file.', ...anything },
    };
  if (kind === 'stream') return { '101': { description: 'The connection becomes a WebSocket.' }, ...failure };
  if (!response) return { '200': { description: 'Done.' }, ...failure };
  const fields = response.encodings[0]?.fields ?? [];
  const headers = headersOf(response, fields, surface, nameOf);
  const inBody = fields.length === 0 || fields.some((field) => field.in === 'body');
  const answer = {
    description: 'Done.',
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(inBody && {
      content: { 'application/json': { schema: bodySchema(response, fields, surface.schemas, nameOf) } },
    }),
  };
  const statuses = statusesOf(response, fields, surface.schemas);
  return { ...Object.fromEntries(statuses.map((status) => [status, answer])), ...failure };
}

/** The statuses that the type of the field names, else all that mean success. */
function statusesOf(response: Message, fields: readonly Field[], schemas: Surface['schemas']): string[] {
  const field = fields.find((one) => one.in === 'status');
  if (!field) return ['200'];
  const known = objectsOf(fieldOf(response, field.name, schemas).schema, schemas).flatMap((schema) =>
    Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const] : [undefined],
  );
  return known.length > 0 && known.every((status) => Number.isInteger(status)) ? known.map(String) : ['2XX'];
}

function headersOf(response: Message, fields: readonly Field[], { schemas }: Surface, nameOf: NameOf): Json {
  const headers = fields
    .filter((field) => field.in === 'header')
    .map(({ name, wire }) => {
      const { schema, required } = fieldOf(response, name, schemas);
      return [wire, { ...(required && { required }), schema: convert(schema, nameOf) }];
    });
  const cookies = fields.filter((field) => field.in === 'cookie').map(({ wire }) => `\`${wire}\``);
  const setCookie = { description: `Sets the cookies ${cookies.join(', ')}.`, schema: { type: 'string' } };
  return Object.fromEntries([...headers, ...(cookies.length > 0 ? [['set-cookie', setCookie]] : [])]);
}

function streamOf({ stream, response }: Endpoint, nameOf: NameOf): Json {
  return {
    subprotocol: 'encore-ws',
    ...(stream?.in && { in: convert(stream.in, nameOf) }),
    ...(stream?.out && { out: convert(stream.out, nameOf) }),
    ...(response && { response: convert(response.schema, nameOf) }),
  };
}

/** One per parameter of the auth handler. */
function securitySchemes({ request, doc }: AuthHandler): Json {
  const schemes = (request.encodings[0]?.fields ?? []).map(({ name, in: where, wire }) => [
    schemeName(name),
    { type: 'apiKey', in: where, name: wire, ...(doc && { description: doc }) },
  ]);
  return Object.fromEntries(schemes);
}

function schemeName(field: string): string {
  return field.replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

/** All required parameters together; where there is none, any one of the others. */
function securityOf({ request }: AuthHandler, schemas: Surface['schemas']): Json[] {
  const names = (request.encodings[0]?.fields ?? []).map(({ name }) => name);
  const required = names.filter((name) => fieldOf(request, name, schemas).required);
  if (required.length > 0) return [Object.fromEntries(required.map((name) => [schemeName(name), []]))];
  return names.map((name) => ({ [schemeName(name)]: [] }));
}
