import { ts } from '@ts-morph/common';
import { ConfigReader, constantOf } from '../config.ts';
import type { Linker, Reader, Recogniser } from '../context.ts';
import type { Position } from '../diagnostic.ts';
import type { Declaration } from '../facts.ts';
import type { Endpoint, Message, Method } from '../graph.ts';
import { type HandlerTypes, handlerTypes } from '../handler.ts';
import { everyMethod, requestOf, responseOf } from '../messages.ts';
import { parameterNames, parsePath, type Segment, shapeOf } from '../paths.ts';
import { unwrap } from '../references.ts';
import { docOf, type Site, variableOf } from '../sites.ts';
import { didYouMean } from '../suggest.ts';

const defaultBodyLimit = 2 * 1024 * 1024;

/** An endpoint before its service is known; without a path it gets the default one. */
export type EndpointRead = Omit<Endpoint, 'name' | 'module' | 'path' | 'position'> & {
  path?: string;
  /** Where the path is written. */
  pathPosition?: Position;
};

/** `export const get = api({ … }, async (request) => response)`. */
export const endpoint: Recogniser<EndpointRead> = {
  declares: 'encore.dev/api#api',
  as: 'call',
  bound: 'variable',
  what: 'an endpoint',
  read(site, reader) {
    const options = [...commonOptions, 'method', 'bodyLimit'];
    const config = new ConfigReader(site.node.arguments?.[0], options, reader.report);
    const allowed = methodsOf(config, ['POST'], reader);
    const { segments, ...common } = commonOf(config, site, reader);
    const types = handlerTypes(site, nameOf(site), reader);
    const messages = types && messagesOf(types, nameOf(site), allowed, segments, reader);
    if (types && !types.request)
      checkParameters(undefined, parameterNames(segments), '', config.node('path') ?? site.node, reader);
    return { kind: 'typed', methods: allowed, ...common, bodyLimit: bodyLimitOf(config), ...messages };
  },
  link: linkEndpoint,
};

export const commonOptions = ['path', 'expose', 'auth', 'tags', 'sensitive'];

/** What endpoints of all kinds have. */
export function commonOf(config: ConfigReader, site: Site, reader: Reader) {
  const path = config.text('path');
  const node = config.node('path');
  const doc = docOf(site, reader.checker);
  return {
    ...(path !== undefined && { path }),
    ...(node && { pathPosition: reader.report.positionOf(node) }),
    segments: path === undefined ? [] : segmentsOf(path, node ?? site.node, reader),
    exposed: config.flag('expose') ?? false,
    auth: config.flag('auth') ?? false,
    tags: [...new Set(config.texts('tags'))].sort(),
    sensitive: config.flag('sensitive') ?? false,
    ...(doc && { doc }),
  };
}

/** Bytes; null is unlimited. */
export function bodyLimitOf(config: ConfigReader): number | null {
  const bodyLimit = config.countOrNull('bodyLimit');
  return bodyLimit === undefined ? defaultBodyLimit : bodyLimit;
}

/** The variable's name, for messages. */
export function nameOf(site: Site): string {
  return variableOf(site).text;
}

/** Adds the endpoint to the service of its file. */
export function linkEndpoint(declaration: Declaration<EndpointRead>, linker: Linker): void {
  const { value, key, file, exported: name, position } = declaration;
  const owner = linker.graph.services.find((service) => service.name === linker.serviceOf(file)?.name);
  if (name === undefined || !owner) {
    linker.report.error('FL1301', position, 'the endpoint is not exported', 'Write `export const name = api(…)`.');
    return;
  }
  const first = owner.endpoints.find((other) => other.name === name);
  if (first) {
    linker.report.error(
      'FL1302',
      position,
      `service \`${owner.name}\` already has an endpoint named \`${name}\``,
      'Rename one of the two.',
      [{ message: 'the first one', position: first.position }],
    );
    return;
  }
  const { kind, methods, path, pathPosition: _, exposed, auth, bodyLimit, ...rest } = value;
  owner.endpoints.push({
    name,
    module: file,
    kind,
    methods,
    path: path ?? `/${owner.name}.${name}`,
    exposed,
    auth,
    bodyLimit,
    ...rest,
    position,
  });
  linker.resources.set(key, { kind: 'endpoint', service: owner.name, name });
}

/** The methods of the option `method`, in a fixed order. */
export function methodsOf(config: ConfigReader, otherwise: Method[], { report }: Reader): Method[] {
  const node = config.node('method');
  if (!node) return otherwise;
  const value = ts.isExpression(node) ? unwrap(node) : node;
  const names = ts.isArrayLiteralExpression(value) ? value.elements.map(constantOf) : [constantOf(value)];
  const unknown = names.find((name) => name !== '*' && !everyMethod.some((method) => method === name));
  const wrong =
    names.length === 0 || names.some((name) => typeof name !== 'string')
      ? 'the method is not a string literal or an array of them'
      : names.includes('*') && names.length > 1
        ? '`*` cannot be mixed with other methods'
        : unknown !== undefined
          ? `\`${unknown}\` is not a method`
          : undefined;
  if (wrong !== undefined) {
    const help = `Use ${everyMethod.join(', ')}, an array of them, or "*".`;
    report.error('FL1307', node, wrong, typeof unknown === 'string' ? didYouMean(unknown, everyMethod, help) : help);
    return otherwise;
  }
  return everyMethod.filter((method) => (names[0] === '*' ? method !== 'CONNECT' : names.includes(method)));
}

export function segmentsOf(path: string, node: ts.Node, { report }: Reader): Segment[] {
  const segments = parsePath(path);
  if (Array.isArray(segments)) return segments;
  report.error(
    'FL1303',
    node,
    `"${path}" is not a path: ${segments.wrong}`,
    'Write segments after slashes: literals, `:name`, and at the end `*name` or `!name`.',
  );
  return [];
}

function messagesOf(
  types: HandlerTypes,
  name: string,
  allowed: Method[],
  segments: Segment[],
  reader: Reader,
): { request?: Message; response?: Message } {
  const parameters = parameterNames(segments);
  const { checker } = reader;
  const place = types.request && { node: types.request.node, what: `the request of ${name}` };
  const type = types.request && optional(types.request.type, checker);
  const request = place && type && requestOf(type, place, { methods: allowed, parameters }, reader);
  if (request && type && place) checkParameters(type, parameters, place.what, place.node, reader);
  const response =
    types.response &&
    responseOf(types.response.type, { node: types.response.node, what: `the response of ${name}` }, allowed, reader);
  return { ...(request && { request }), ...(response && { response }) };
}

/** `T` of an optional parameter `T | undefined`. */
function optional(type: ts.Type, checker: ts.TypeChecker): ts.Type {
  return type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined)
    ? checker.getNonNullableType(type)
    : type;
}

/** Reports parameters of the path that no field of the request takes. */
export function checkParameters(
  type: ts.Type | undefined,
  parameters: readonly string[],
  what: string,
  at: ts.Node,
  { checker, report }: Reader,
): void {
  for (const parameter of parameters) {
    if (type && checker.getPropertyOfType(type, parameter)) continue;
    report.error(
      'FL1304',
      at,
      type
        ? `${what} has no field \`${parameter}\`, a parameter of the path`
        : `the path has a parameter \`${parameter}\`, but the handler takes no request`,
      'Give the type of the request a field of that name.',
    );
    if (!type) return;
  }
}

/** Reports endpoints that answer the same method on the same path. */
export function checkRoutes(linker: Linker): void {
  const { graph, report } = linker;
  const taken = new Map<string, { endpoint: Endpoint; place: Position }>();
  const places = placesOfPaths(linker);
  const all = graph.services.flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => ({ service: name, endpoint })),
  );
  for (const { service, endpoint } of all) {
    const segments = parsePath(endpoint.path);
    if (!Array.isArray(segments)) continue;
    const place = places.get(`${service}.${endpoint.name}`) ?? endpoint.position;
    const keys = endpoint.methods.map((method) => `${method} ${shapeOf(segments)}`);
    const first = keys.map((key) => taken.get(key)).find(Boolean);
    if (first) {
      report.error(
        'FL1306',
        place,
        `the path \`${endpoint.path}\` conflicts with \`${first.endpoint.path}\` of \`${first.endpoint.name}\``,
        'Change the path or the method of one of the two.',
        [{ message: `\`${first.endpoint.name}\` is declared here`, position: first.place }],
      );
    }
    for (const key of keys) if (!taken.has(key)) taken.set(key, { endpoint, place });
  }
}

/** Where the paths of endpoints are written, by `service.endpoint`; a default one is nowhere. */
function placesOfPaths({ resources, declarations }: Linker): Map<string, Position> {
  const places = [...resources].flatMap(([key, resource]): [string, Position][] => {
    if (resource.kind !== 'endpoint') return [];
    const read = declarations.get(key)?.value as EndpointRead | undefined;
    return read?.pathPosition ? [[`${resource.service}.${resource.name}`, read.pathPosition]] : [];
  });
  return new Map(places);
}
