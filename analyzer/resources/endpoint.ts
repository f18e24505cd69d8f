import { ts } from '@ts-morph/common';
import { ConfigReader, constantOf } from '../config.ts';
import type { Context, Recogniser } from '../context.ts';
import type { Endpoint, Message, Method } from '../graph.ts';
import { type HandlerTypes, handlerTypes } from '../handler.ts';
import { requestOf, responseOf } from '../messages.ts';
import { parameterNames, parsePath, type Segment, shapeOf } from '../paths.ts';
import { unwrap } from '../references.ts';
import type { Site } from '../sites.ts';
import { didYouMean } from '../suggest.ts';
import { bind } from './bind.ts';

const methods = [
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
const defaultBodyLimit = 2 * 1024 * 1024;

/** `export const get = api({ … }, async (request) => response)`. */
export const endpoint: Recogniser = {
  declares: 'encore.dev/api#api',
  as: 'call',
  bound: 'variable',
  what: 'an endpoint',
  recognise(site, context) {
    const { report, graph, services } = context;
    const owner = graph.services.find(({ name }) => name === services.of(site.file.fileName)?.name);
    const name = exportedName(site, context.checker);
    if (name === undefined || !owner) {
      report.error('FL1301', site.node, 'the endpoint is not exported', 'Write `export const name = api(…)`.');
      return;
    }
    const first = owner.endpoints.find((other) => other.name === name);
    if (first) {
      report.error(
        'FL1302',
        site.node,
        `service \`${owner.name}\` already has an endpoint named \`${name}\``,
        'Rename one of the two.',
        [{ message: 'the first one', position: first.position }],
      );
      return;
    }
    owner.endpoints.push(describe(site, { service: owner.name, name }, context));
    bind(site, { resource: { kind: 'endpoint', service: owner.name, name }, uses: { value: 'free' } }, context);
  },
};

/** The name under which the module exports the variable of a declaration. */
export function exportedName({ binding, file }: Site, checker: ts.TypeChecker): string | undefined {
  if (binding.kind !== 'variable') return undefined;
  const statement = binding.name.parent.parent.parent;
  if (
    ts.isVariableStatement(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  )
    return binding.name.text;
  const variable = checker.getSymbolAtLocation(binding.name);
  const module = checker.getSymbolAtLocation(file);
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (target === variable && symbol.name !== 'default') return symbol.name;
  }
  return undefined;
}

function describe(site: Site, { service, name }: { service: string; name: string }, context: Context): Endpoint {
  const { report, checker } = context;
  const config = new ConfigReader(
    site.node.arguments?.[0],
    ['method', 'path', 'expose', 'auth', 'bodyLimit', 'tags', 'sensitive'],
    report,
  );
  const auth = config.flag('auth') ?? false;
  if (auth)
    report.error(
      'FL1008',
      config.node('auth') ?? site.node,
      '`auth` is not supported yet: auth handlers',
      'Remove the option.',
    );
  const allowed = methodsOf(config, context);
  const path = config.text('path') ?? `/${service}.${name}`;
  const segments = segmentsOf(path, config.node('path') ?? site.node, context);
  const bodyLimit = config.countOrNull('bodyLimit');
  const types = handlerTypes(site, `${service}.${name}`, context);
  const doc =
    site.binding.kind === 'variable' &&
    checker.getSymbolAtLocation(site.binding.name)?.getDocumentationComment(checker);
  const messages = types && messagesOf(types, `${service}.${name}`, allowed, segments, context);
  if (types && !types.request) parametersWithoutRequest(segments, config.node('path') ?? site.node, context);
  return {
    name,
    module: report.relative(site.file.fileName),
    kind: 'typed',
    methods: allowed,
    path,
    exposed: config.flag('expose') ?? false,
    auth,
    bodyLimit: bodyLimit === undefined ? defaultBodyLimit : bodyLimit,
    tags: [...new Set(config.texts('tags'))].sort(),
    sensitive: config.flag('sensitive') ?? false,
    ...(doc && doc.length > 0 && { doc: ts.displayPartsToString(doc) }),
    ...messages,
    position: report.positionOf(site.node),
  };
}

function methodsOf(config: ConfigReader, { report }: Context): Method[] {
  const node = config.node('method');
  if (!node) return ['POST'];
  const value = ts.isExpression(node) ? unwrap(node) : node;
  const names = ts.isArrayLiteralExpression(value) ? value.elements.map(constantOf) : [constantOf(value)];
  const unknown = names.find((name) => name !== '*' && !methods.some((method) => method === name));
  const wrong =
    names.length === 0 || names.some((name) => typeof name !== 'string')
      ? 'the method is not a string literal or an array of them'
      : names.includes('*') && (names.length > 1 || ts.isArrayLiteralExpression(value))
        ? '`*` cannot be mixed with other methods'
        : unknown !== undefined
          ? `\`${unknown}\` is not a method`
          : undefined;
  if (wrong !== undefined) {
    const help = `Use ${methods.join(', ')}, an array of them, or "*".`;
    report.error('FL1307', node, wrong, didYouMean(String(unknown ?? ''), methods, help));
    return ['POST'];
  }
  return methods.filter((method) => (names[0] === '*' ? method !== 'CONNECT' : names.includes(method)));
}

function segmentsOf(path: string, node: ts.Node, { report }: Context): Segment[] {
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
  context: Context,
): { request?: Message; response?: Message } {
  const parameters = parameterNames(segments);
  const { checker } = context;
  const place = types.request && { node: types.request.node, what: `the request of ${name}` };
  const type = types.request && optional(types.request.type, checker);
  const request = place && type && requestOf(type, place, { methods: allowed, parameters }, context);
  if (request && type && place) {
    for (const parameter of parameters) {
      if (checker.getPropertyOfType(type, parameter)) continue;
      context.report.error(
        'FL1304',
        place.node,
        `${place.what} has no field \`${parameter}\`, a parameter of its path`,
        'Add the field to the type of the request.',
      );
    }
  }
  const response =
    types.response &&
    responseOf(types.response.type, { node: types.response.node, what: `the response of ${name}` }, allowed, context);
  return { ...(request && { request }), ...(response && { response }) };
}

/** `T` of an optional parameter `T | undefined`. */
function optional(type: ts.Type, checker: ts.TypeChecker): ts.Type {
  return type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined)
    ? checker.getNonNullableType(type)
    : type;
}

function parametersWithoutRequest(segments: Segment[], node: ts.Node, { report }: Context): void {
  const [parameter] = parameterNames(segments);
  if (parameter === undefined) return;
  report.error(
    'FL1304',
    node,
    `the path has a parameter \`${parameter}\`, but the handler takes no request`,
    `Give the handler a parameter with a field \`${parameter}\`.`,
  );
}

/** Reports endpoints that answer the same method on the same path. */
export function checkRoutes({ graph, report }: Context): void {
  const taken = new Map<string, Endpoint>();
  for (const endpoint of graph.services.flatMap(({ endpoints }) => endpoints)) {
    const segments = parsePath(endpoint.path);
    if (!Array.isArray(segments)) continue;
    const keys = endpoint.methods.map((method) => `${method} ${shapeOf(segments)}`);
    const first = keys.map((key) => taken.get(key)).find(Boolean);
    if (first) {
      report.error(
        'FL1306',
        endpoint.position,
        `the path \`${endpoint.path}\` conflicts with \`${first.path}\` of \`${first.name}\``,
        'Change the path or the method of one of the two.',
        [{ message: `\`${first.name}\` is declared here`, position: first.position }],
      );
    }
    for (const key of keys) if (!taken.has(key)) taken.set(key, endpoint);
  }
}
