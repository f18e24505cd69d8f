import type { Endpoint, Service } from '../graph.ts';
import { compare } from '../report.ts';
import { clientName } from '../services.ts';
import { authFile } from './auth.ts';
import { type GeneratedFile, header, moduleSpecifier, typeOfModule } from './module.ts';

/** What the modules behind `~encore/…` are made from. A Graph has it; the analyzer has it before it knows a type. */
export interface ClientSource {
  services: readonly ClientService[];
  authHandler?: { name: string; module: string } | undefined;
}

export interface ClientService {
  name: string;
  endpoints: readonly ClientEndpoint[];
  /** Where it is declared: with `explicit`, the file is its module. */
  declaration?: Service['declaration'];
  position?: Service['position'];
}

export interface GenerateOptions {
  /** Whether the modules also say how the application's own are loaded: for what calls them in a process of its own, such as a test. @default false */
  modules?: boolean;
}

export interface ClientEndpoint {
  name: string;
  module: string;
  kind: Endpoint['kind'];
  /** Of a stream: the directions in which messages flow, each there with any value. */
  stream?: { in?: unknown; out?: unknown } | undefined;
  /** There when the handler takes a request; of a stream, a handshake: that has to be known before its types are. */
  request?: unknown;
}

/**
 * The modules behind `~encore/clients` and `~encore/auth`: a function per endpoint, typed by the endpoint's own handler, and the
 * auth data, typed by the auth handler. They go to `encore.gen/`.
 */
export function generateClients(source: ClientSource, { modules = false }: GenerateOptions = {}): GeneratedFile[] {
  const services = [...source.services].sort((a, b) => compare(a.name, b.name));
  const index = services.map(
    ({ name }) => `export * as ${clientName(name)} from ${JSON.stringify(`../internal/clients/${name}.js`)};\n`,
  );
  return [
    authFile(source.authHandler),
    { path: 'encore.gen/clients/index.ts', text: `${header}\n${index.join('') || 'export {};\n'}` },
    ...services.map((service) => ({
      path: clientModule(service.name),
      text: serviceModule(service, source.authHandler !== undefined, modules),
    })),
  ];
}

/** The generated module of a service, relative to the application's root. */
export function clientModule(service: string): string {
  return `encore.gen/internal/clients/${service}.ts`;
}

type Form = 'call' | 'raw' | 'streamInOut' | 'streamIn' | 'streamOut';

/** Types by name; a module gets those that its functions mention. What a stream's handler sends its client receives, and the other way round. */
const types: Record<string, string> = {
  __Handler: '(...args: never[]) => unknown',
  __Arguments:
    'Parameters<H> extends [] | [void] ? [opts?: __CallOpts] : [...params: Parameters<H>, opts?: __CallOpts]',
  __Result: 'Promise<Awaited<ReturnType<H>>>',
  __StreamInOut: 'Promise<__api.StreamInOut<__Sent<H>, __Received<H>>>',
  __StreamIn: 'Promise<__api.StreamOutWithResponse<__Received<H>, Awaited<ReturnType<H>>>>',
  __StreamOut: 'Promise<__api.StreamIn<__Sent<H>>>',
  __Sent: '__Stream<H> extends { send(message: infer Message): unknown } ? Message : never',
  __Received: '__Stream<H> extends { recv(): Promise<infer Message> } ? Message : never',
  __Stream: 'Parameters<H> extends [...unknown[], infer Stream] ? Stream : never',
  // `streamIn` with two type arguments gives a handler of two forms; the one with a handshake is what `Parameters` sees.
  __Plain:
    'H extends { (stream: infer Stream): infer Result; (handshake: infer _Data, stream: infer _Stream): infer _Result } ? (stream: Stream) => Result : H',
};

/** Declares the types that a text mentions, and those that they mention. */
function typesFor(text: string): string {
  const needed = new Set<string>();
  const need = (from: string) => {
    for (const name of Object.keys(types)) {
      if (needed.has(name) || !new RegExp(`${name}\\b`).test(from)) continue;
      needed.add(name);
      need(name === '__Handler' ? '' : `__Handler ${types[name]}`);
    }
  };
  need(text);
  return Object.keys(types)
    .filter((name) => needed.has(name))
    .map((name) => `type ${name}${name === '__Handler' ? '' : '<H extends __Handler>'} = ${types[name]};\n`)
    .join('');
}

function serviceModule(service: ClientService, authenticates: boolean, modules: boolean): string {
  const { name, endpoints } = service;
  const callable = endpoints.filter(({ kind }) => kind !== 'assets').sort((a, b) => compare(a.name, b.name));
  const functions = callable.map((endpoint) => endpointFunction(name, endpoint));
  const streams = callable.some(({ kind }) => kind === 'stream');
  const imports = [
    ...(streams ? ["import type * as __api from 'encore.dev/api';\n"] : []),
    ...(callable.length > 0 ? ["import type { CallOpts as __CallOpts } from 'encore.dev/api';\n"] : []),
    ...(callable.length > 0
      ? [`import { call as __call${modules ? ', register as __register' : ''} } from 'encore.dev/internal/clients';\n`]
      : []),
    // The options of a call get `authData` there.
    ...(callable.length > 0 && authenticates ? ["import type {} from '../../auth/index.js';\n"] : []),
  ];
  const loading = modules && callable.length > 0 ? registration(service, callable) : '';
  return [header, imports.join(''), loading, typesFor(functions.join('')), ...functions, client(callable)]
    .filter((part) => part !== '')
    .join('\n');
}

/** How the service's modules are loaded. Images have clients without it. */
function registration({ name, declaration, position }: ClientService, endpoints: readonly ClientEndpoint[]): string {
  const load = (module: string) => `() => import(${moduleSpecifier(module, 3)})`;
  const service = declaration === 'explicit' && position ? `  service: ${load(position.file)},\n` : '';
  const entries = endpoints.map((endpoint) => `    ${JSON.stringify(endpoint.name)}: ${load(endpoint.module)},\n`);
  return `__register(${JSON.stringify(name)}, {\n${service}  endpoints: {\n${entries.join('')}  },\n});\n`;
}

function formOf({ kind, stream }: ClientEndpoint): Form {
  if (kind === 'raw') return 'raw';
  if (kind !== 'stream') return 'call';
  if (stream?.in === undefined) return 'streamOut';
  return stream.out === undefined ? 'streamIn' : 'streamInOut';
}

function endpointFunction(service: string, endpoint: ClientEndpoint): string {
  const { name, module, request } = endpoint;
  const type = `${typeOfModule(module, 3)}.${name}`;
  const names = `${JSON.stringify(service)}, ${JSON.stringify(name)}`;
  const given = request === undefined ? 'undefined, args[0]' : 'args[0], args[1]';
  const [opening, local, closing] = isLocal(name)
    ? ['export ', name, '']
    : ['', `__${name}`, `export { __${name} as ${name} };\n`];
  const form = formOf(endpoint);
  const code = {
    call: `(...args: __Arguments<${type}>): __Result<${type}> {\n  return __call(${names}, ${given});\n}\n`,
    raw: `(opts?: __CallOpts): Promise<void> {\n  return __call(${names}, undefined, opts);\n}\n`,
    streamInOut: streamFunction('__StreamInOut'),
    streamIn: streamFunction('__StreamIn'),
    streamOut: streamFunction('__StreamOut'),
  }[form];
  return `${opening}function ${local}${code}${closing}`;

  function streamFunction(result: string): string {
    const [parameters, values, handler] =
      request === undefined
        ? ['opts?: __CallOpts', 'undefined, opts', `__Plain<${type}>`]
        : [`handshake: Parameters<${type}>[0], opts?: __CallOpts`, 'handshake, opts', type];
    return `(${parameters}): ${result}<${handler}> {\n  return __call(${names}, ${values});\n}\n`;
  }
}

/** `Client` and `ref()`; an endpoint of the name `ref` stays what it is. */
function client(endpoints: readonly ClientEndpoint[]): string {
  const names = endpoints.map(({ name }) => name);
  const local = (name: string) => (isLocal(name) ? name : `__${name}`);
  const type = `/** The endpoints of the service, to be passed around. */
export interface Client {
${names.map((name) => `  readonly ${name}: typeof ${local(name)};\n`).join('')}}
`;
  if (names.includes('ref')) return type;
  const values = names.map((name) => (local(name) === name ? name : `${name}: ${local(name)}`));
  return `${type}
export function ref(): Client {
  return {${values.length > 0 ? ` ${values.join(', ')} ` : ''}};
}
`;
}

/** Whether a function of the module can have the name: it is no reserved word. */
function isLocal(name: string): boolean {
  return !reserved.has(name);
}

/** Words that can name an export but not a function. */
const reserved = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);
