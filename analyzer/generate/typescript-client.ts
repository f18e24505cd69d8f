import { readFileSync } from 'node:fs';
import type { Endpoint, Graph, JsonSchema, Message } from '../graph.ts';
import { parameterNames, parsePath } from '../paths.ts';
import { key } from './identifiers.ts';
import { callableMethods } from './methods.ts';
import { fieldOf, objectsOf, resolveSchema, type Selection, type Surface, surfaceOf } from './surface.ts';
import { namespacesOf, nameTypes } from './type-names.ts';
import { comment, docText, indent, type NameOf, objectText, typeText } from './type-text.ts';

/**
 * One TypeScript file that calls the endpoints of an application: `new Client(url)`, an object per service, the types of requests
 * and responses in a namespace per service. It depends on nothing and runs in browsers and in Node.js.
 */
export function generateTypeScriptClient(graph: Graph, selection: Selection = {}): string {
  const surface = surfaceOf(graph, selection);
  const names = nameTypes(surface);
  const nameOf: NameOf = (schema) => {
    const found = names.get(schema);
    return found ? `${found.namespace}.${found.name}` : 'unknown';
  };
  const writer: Writer = { surface, nameOf, namespaces: namespacesOf(surface) };
  const streams = surface.services.some(({ endpoints }) => endpoints.some(({ kind }) => kind === 'stream'));
  return [
    `// Client of ${JSON.stringify(surface.application)}. Made by Fairlead: do not edit, generate it again.\n/* eslint-disable */\n`,
    ...types(surface, names, nameOf),
    clientClass(writer),
    routes(writer),
    ...library(writer, streams),
  ].join('\n');
}

interface Writer {
  surface: Surface;
  nameOf: NameOf;
  /** By service. */
  namespaces: ReadonlyMap<string, string>;
}

/** The named types, by namespace. They are types alone, so that a namespace leaves nothing at run time. */
function types({ schemas }: Surface, names: ReturnType<typeof nameTypes>, nameOf: NameOf): string[] {
  const byNamespace = Map.groupBy(names, ([, { namespace }]) => namespace);
  return [...byNamespace]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, members]) => {
      const declarations = members.map(([schema, { name }]) => declaration(name, schemas[schema] ?? {}, nameOf));
      return `export namespace ${namespace} {\n${indent(declarations.join('\n'))}}\n`;
    });
}

function declaration(name: string, schema: JsonSchema, nameOf: NameOf): string {
  const plain = schema.type === 'object' && (schema.properties !== undefined || schema.additionalProperties);
  return plain
    ? `${docText(schema)}export interface ${name} ${objectText(schema, nameOf)}\n`
    : `${docText(schema)}export type ${name} = ${typeText(schema, nameOf)};\n`;
}

function clientClass({ surface, nameOf, namespaces }: Writer): string {
  const services = surface.services.map(({ name, endpoints }) => {
    const members = endpoints.filter(isCallable).map((endpoint) => signature(endpoint, surface, nameOf));
    return `readonly ${namespaces.get(name)}: {\n${indent(members.join(''))}};\n`;
  });
  const values = surface.services.map(({ name, endpoints }) => {
    const namespace = namespaces.get(name) ?? name;
    const members = endpoints.filter(isCallable).map((endpoint) => implementation(endpoint, namespace));
    return `this.${namespace} = {\n${indent(members.join(''))}};\n`;
  });
  return `/** Calls the endpoints of the application at a URL. */
export class Client {
${indent(services.join(''))}
  constructor(baseURL: string, options: ClientOptions = {}) {
    const connection = new Connection(baseURL, options, authFields);
${indent(values.join(''), '    ')}  }
}
`;
}

function isCallable({ kind }: Endpoint): boolean {
  return kind !== 'assets';
}

function signature(endpoint: Endpoint, surface: Surface, nameOf: NameOf): string {
  const parameters = [parametersText(endpoint, surface, nameOf), optionsText(endpoint)].filter((text) => text !== '');
  return `${comment(docOf(endpoint))}${key(endpoint.name)}(${parameters.join(', ')}): ${resultText(endpoint, surface, nameOf)};\n`;
}

function docOf({ doc, kind, methods, path }: Endpoint): string {
  const route = kind === 'stream' ? `Stream at ${path}` : `${methods.join(', ')} ${path}`;
  return doc ? `${doc}\n\n${route}` : route;
}

function parametersText({ kind, path, request }: Endpoint, { schemas }: Surface, nameOf: NameOf): string {
  if (kind === 'raw') {
    const names = parametersOf(path);
    return names.length === 0 ? '' : `params: { ${names.map((name) => `${key(name)}: string`).join('; ')} }`;
  }
  if (!request) return '';
  const cookies = fieldsIn(request, 'cookie');
  const optional = objectsOf(request.schema, schemas).every(
    ({ required }) => !Array.isArray(required) || required.every((name) => cookies.includes(name)),
  );
  // Browsers send cookies by themselves and let no code set them.
  return `params${optional ? '?' : ''}: ${messageText(request, schemas, nameOf, (text) => text)}`;
}

function optionsText(endpoint: Endpoint): string {
  if (endpoint.kind === 'stream') return "options?: Pick<CallOptions, 'auth' | 'query'>";
  const methods = callableMethods(endpoint).map((method) => JSON.stringify(method));
  const type = endpoint.kind === 'raw' ? "Omit<RawOptions, 'method'>" : 'CallOptions';
  return `options?: ${methods.length > 1 ? `${type} & { method?: ${methods.join(' | ')} }` : type}`;
}

function resultText({ kind, stream, response }: Endpoint, { schemas }: Surface, nameOf: NameOf): string {
  if (kind === 'raw') return 'Promise<Response>';
  const answer = response ? messageText(response, schemas, nameOf, (text) => `Cookie<${text}>`) : 'void';
  if (kind !== 'stream') return `Promise<${answer}>`;
  const sent = stream?.in && typeText(stream.in, nameOf);
  const received = stream?.out && typeText(stream.out, nameOf);
  if (sent === undefined) return `InStream<${received ?? 'unknown'}>`;
  return received === undefined ? `OutStream<${sent}, ${answer}>` : `BidiStream<${sent}, ${received}>`;
}

/** The type of a message. One with cookies is written out, with its cookies optional. */
function messageText(
  message: Message,
  schemas: Surface['schemas'],
  nameOf: NameOf,
  cookieText: (type: string) => string,
): string {
  const cookies = fieldsIn(message, 'cookie');
  if (cookies.length === 0) return typeText(message.schema, nameOf);
  return objectsOf(message.schema, schemas)
    .map((schema) => {
      const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
      const given = Object.entries(properties)
        .filter(([name]) => cookies.includes(name))
        .map(([name, property]): [string, string] => [name, cookieText(typeText(property, nameOf))]);
      const required = ((schema.required ?? []) as string[]).filter((name) => !cookies.includes(name));
      return objectText({ ...schema, required }, nameOf, new Map(given));
    })
    .join(' | ');
}

function fieldsIn({ encodings }: Message, where: string): string[] {
  const names = encodings.flatMap(({ fields }) => fields.filter((field) => field.in === where).map(({ name }) => name));
  return [...new Set(names)];
}

function parametersOf(path: string): string[] {
  const segments = parsePath(path);
  return Array.isArray(segments) ? parameterNames(segments) : [];
}

function implementation(endpoint: Endpoint, namespace: string): string {
  const route = `routes.${namespace}.${endpoint.name}`;
  const takes = endpoint.kind === 'raw' ? parametersOf(endpoint.path).length > 0 : endpoint.request !== undefined;
  const [parameters, given] = takes ? ['params, options', 'params, options'] : ['options', 'undefined, options'];
  const form = { typed: 'connection.call', raw: 'connection.raw', stream: 'openStream', assets: '' }[endpoint.kind];
  if (endpoint.kind !== 'stream') return `${key(endpoint.name)}: (${parameters}) => ${form}(${route}, ${given}),\n`;
  const type = !endpoint.stream?.in ? 'InStream' : endpoint.stream.out ? 'BidiStream' : 'OutStream';
  return `${key(endpoint.name)}: (${parameters}) => new ${type}(openStream(connection, ${route}, ${given})),\n`;
}

/** What travels where, as data. */
function routes({ surface, namespaces }: Writer): string {
  const services = surface.services.map(({ name, endpoints }) => {
    const lines = endpoints
      .filter(isCallable)
      .map((endpoint) => `${key(endpoint.name)}: ${route(endpoint, surface)} satisfies Route,\n`);
    return `${namespaces.get(name)}: {\n${indent(lines.join(''))}},\n`;
  });
  return `const routes = {\n${indent(services.join(''))}};\n`;
}

function route(endpoint: Endpoint, { schemas }: Surface): string {
  const { kind, path, request, response } = endpoint;
  const methods = kind === 'stream' ? ['GET'] : callableMethods(endpoint);
  const encodings = request?.encodings.map(({ methods, fields }) => ({
    methods,
    fields: fields.filter((field) => field.in !== 'body').map((field) => [field.name, field.in, field.wire]),
    body: kind !== 'stream' && fields.some((field) => field.in === 'body'),
  }));
  const answer = response?.encodings[0]?.fields
    .filter((field) => field.in !== 'body')
    .map((field) => [
      field.name,
      field.in,
      field.wire,
      textKind(fieldOf(response, field.name, schemas).schema, schemas),
    ]);
  return JSON.stringify({
    path,
    methods,
    ...(encodings && { request: encodings }),
    ...(response && { response: answer ?? [] }),
  });
}

/** What the text of a header or a cookie stands for. */
function textKind(schema: JsonSchema, schemas: Surface['schemas']): 'string' | 'number' | 'boolean' {
  const members = objectsOf(schema, schemas)
    .map((member) => resolveSchema(member, schemas))
    .filter(({ type }) => type !== 'null');
  const all = (...types: string[]) => members.length > 0 && members.every(({ type }) => types.includes(String(type)));
  return all('number', 'integer') ? 'number' : all('boolean') ? 'boolean' : 'string';
}

/** What a generated file offers besides the client itself. */
const published = new Set(
  'APIError AuthParams BidiStream CallOptions ClientOptions Cookie ErrCode Fetcher InStream OutStream RawOptions StreamSocket isAPIError'.split(
    ' ',
  ),
);

/** The part that is the same in every client, with the application's own auth parameters. */
function library({ surface, nameOf }: Writer, streams: boolean): string[] {
  const { authHandler, schemas } = surface;
  const fields = authHandler?.request.encodings[0]?.fields ?? [];
  const auth = authHandler
    ? messageText(authHandler.request, schemas, nameOf, (text) => text)
    : '{ [key: string]: never }';
  const parts = ['errors', 'request', 'connection', ...(streams ? ['streams'] : [])].map((name) =>
    readFileSync(new URL(`client/${name}.ts`, import.meta.url), 'utf8')
      .replaceAll(/^import .*\n/gm, '')
      .replaceAll(/^export (?=(?:async )?(?:function|class|interface|type|const) (\w+))/gm, (whole, name) =>
        published.has(name) ? whole : '',
      )
      .replace('AuthParams = Record<string, unknown>', () => `AuthParams = ${auth}`)
      .trimStart(),
  );
  const authFields = JSON.stringify(fields.map((field) => [field.name, field.in, field.wire]));
  return [`const authFields: readonly Field[] = ${authFields};\n`, ...parts];
}
