import { ts } from '@ts-morph/common';
import { unwrap } from './references.ts';
import type { Place, TypeReader } from './schemas.ts';
import type { Site } from './sites.ts';
import { includesUndefined, isErroneous, present } from './type-facts.ts';

/** A type, and where it is said. */
export interface TypeAt {
  type: ts.Type;
  node: ts.Node;
}

/** What a handler takes and gives, each with the place to point to; absent when it is nothing. */
export interface HandlerTypes {
  request?: TypeAt;
  response?: TypeAt;
}

/**
 * Request and response: the type arguments of `api` and the annotations of an inline handler where given, else what the checker
 * knows of the handler. Reading annotations first spares the checker the inference of the whole call.
 */
export function handlerTypes(site: Site, name: string, reader: TypeReader): HandlerTypes | undefined {
  const handler = handlerOf(site, 1, `the endpoint ${name} has no handler`, 'FL1308', reader);
  if (!handler) return undefined;
  const [requestNode, responseNode] = site.node.typeArguments ?? [];
  return typesOf(handler, { request: requestNode, response: responseNode }, `the handler of ${name}`, 'FL1308', reader);
}

/** What an auth handler takes and gives; that it may give `null`, for nobody, is left out. */
export function authTypes(site: Site, reader: TypeReader): { request: TypeAt; data: TypeAt } | undefined {
  const { checker, report } = reader;
  const handler = handlerOf(site, 0, 'the auth handler has no function', 'FL1801', reader);
  if (!handler) return undefined;
  const [given, result] = site.node.typeArguments ?? [];
  const types = typesOf(handler, { request: given, response: result }, 'the auth handler', 'FL1801', reader);
  if (!types) return undefined;
  const { request, response } = types;
  const data = response && { type: present(response.type, checker).value, node: response.node };
  if (!request) {
    const help = 'Give it one parameter whose fields are `Header<…>`, `Query<…>` or `Cookie<…>`.';
    report.error('FL1802', handler, 'the auth handler takes nothing of a request', help);
  }
  if (!data) {
    const help = 'Return an object with a `userID: string`, or null for nobody.';
    report.error('FL1803', handler, 'the auth handler gives no auth data', help);
  }
  return request && data && { request, data };
}

function handlerOf(
  { node }: Site,
  index: number,
  why: string,
  code: 'FL1308' | 'FL1801',
  { report }: TypeReader,
): ts.Expression | undefined {
  const handler = node.arguments?.[index];
  if (handler) return handler;
  report.error(code, node, why, `Pass a function as the ${index === 0 ? 'first' : 'second'} argument.`);
  return undefined;
}

interface Known {
  request: ts.TypeNode | null | undefined;
  response: ts.TypeNode | undefined;
}

function typesOf(
  handler: ts.Expression,
  given: Known,
  what: string,
  code: 'FL1308' | 'FL1801',
  reader: TypeReader,
): HandlerTypes | undefined {
  const { checker } = reader;
  const annotated = isCast(handler) ? undefined : annotationsOf(unwrap(handler));
  const known = { request: given.request ?? annotated?.request, response: given.response ?? annotated?.response };
  const all = known.request !== undefined && known.response !== undefined;
  const signature = all ? undefined : signatureOf(handler, { node: handler, what }, code, reader);
  if (signature === null) return undefined;
  const request = known.request
    ? typeIn(known.request, checker)
    : signature && parameterOf(signature, 0, handler, checker);
  const response = known.response
    ? typeIn(known.response, checker)
    : signature && resultOf(signature, handler, checker);
  return {
    ...(known.request !== null && request && !isNothing(request.type) && { request }),
    ...(response && awaited(response, checker)),
  };
}

function typeIn(node: ts.TypeNode, checker: ts.TypeChecker): TypeAt {
  return { type: checker.getTypeFromTypeNode(node), node };
}

/** What a handler promises. That it may also answer with nothing is not part of the type. */
function awaited({ type, node }: TypeAt, checker: ts.TypeChecker): Pick<HandlerTypes, 'response'> {
  const whole = checker.getAwaitedType(type) ?? type;
  if (isNothing(whole)) return {};
  const { value, nullable } = present(whole, checker);
  return { response: { type: includesUndefined(whole) && !nullable ? value : whole, node } };
}

/** The last of its signatures, which is the one that the checker compares; null, and a report, when it has none that will do. */
function signatureOf(
  handler: ts.Expression,
  place: Place,
  code: 'FL1308' | 'FL1801',
  { checker, report, schemas }: TypeReader,
): ts.Signature | null {
  const type = typeOfHandler(handler, checker);
  const signature = type.getCallSignatures().at(-1);
  if (!signature && isErroneous(type)) schemas.suspects.set(handler, place);
  else if (!signature) {
    const untyped = (type.flags & ts.TypeFlags.Any) !== 0;
    const why = untyped ? `the type of ${place.what} is not known` : `${place.what} is not a function`;
    report.error(code, handler, why, untyped ? 'Give the handler a type.' : 'Pass a function.');
  } else if (signature.typeParameters) {
    const help = 'Give its parameter and its result a type of their own.';
    report.error(code, handler, `${place.what} has type parameters`, help);
  } else return signature;
  return null;
}

/** What `bind` gives and what untyped wrappers give says less than the function they are given. */
function typeOfHandler(handler: ts.Expression, checker: ts.TypeChecker): ts.Type {
  const node = unwrap(handler);
  const type = checker.getTypeAtLocation(handler);
  if (!ts.isCallExpression(node) || isCast(handler) || isErroneous(type)) return type;
  const { expression } = node;
  if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'bind') {
    return typeOfHandler(expression.expression, checker);
  }
  if (!saysNothing(type, checker)) return type;
  const inner = node.arguments.filter((argument) => typeOfHandler(argument, checker).getCallSignatures().length > 0);
  const [only] = inner;
  return only && inner.length === 1 ? typeOfHandler(only, checker) : type;
}

/** `any`, or a function of anything that gives anything. */
function saysNothing(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.flags & ts.TypeFlags.Any || type.symbol?.name === 'Function') return true;
  const signature = type.getCallSignatures().at(-1);
  const result = signature && checker.getReturnTypeOfSignature(signature);
  return result !== undefined && ((checker.getAwaitedType(result) ?? result).flags & ts.TypeFlags.Any) !== 0;
}

/** `handler as Type`, which counts more than what the handler says of itself. */
function isCast(handler: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(handler)) return isCast(handler.expression);
  return (
    (ts.isAsExpression(handler) || ts.isTypeAssertionExpression(handler)) && !ts.isConstTypeReference(handler.type)
  );
}

/** What an inline handler says of its own types; `request` is null when it has no parameter. */
function annotationsOf(handler: ts.Expression): { request?: ts.TypeNode | null; response?: ts.TypeNode } | undefined {
  if ((!ts.isArrowFunction(handler) && !ts.isFunctionExpression(handler)) || handler.typeParameters) return undefined;
  const [parameter] = parametersOf(handler);
  return {
    ...(!parameter && { request: null }),
    ...(parameter?.type && !parameter.dotDotDotToken && { request: parameter.type }),
    ...(handler.type && { response: handler.type }),
  };
}

/** Without `this`, which is no parameter of the values. */
function parametersOf(handler: ts.SignatureDeclaration): ts.ParameterDeclaration[] {
  return handler.parameters.filter(({ name }) => !(ts.isIdentifier(name) && name.text === 'this'));
}

/** The parameter at a place, also of `(...args: [A, B])`. */
function parameterOf(
  signature: ts.Signature,
  index: number,
  handler: ts.Expression,
  checker: ts.TypeChecker,
): TypeAt | undefined {
  const parameters = signature.getParameters();
  const last = parameters.at(-1);
  const at = last?.valueDeclaration;
  const rest = at && ts.isParameter(at) && at.dotDotDotToken && index >= parameters.length - 1 ? last : undefined;
  const parameter = rest ?? parameters[index];
  if (!parameter) return undefined;
  const declaration = parameter.valueDeclaration;
  const said = declaration && ts.isParameter(declaration) ? (declaration.type ?? declaration) : undefined;
  const node = placeIn(handler, said);
  const own = checker.getTypeOfSymbol(parameter);
  const type = rest ? elementOf(own, index - (parameters.length - 1), checker) : own;
  return type && { type, node };
}

function elementOf(type: ts.Type, index: number, checker: ts.TypeChecker): ts.Type | undefined {
  if (checker.isTupleType(type)) return checker.getTypeArguments(type as ts.TypeReference)[index];
  return type.getNumberIndexType();
}

function resultOf(signature: ts.Signature, handler: ts.Expression, checker: ts.TypeChecker): TypeAt {
  const declared = signature.getDeclaration() as ts.SignatureDeclaration | undefined;
  return { type: checker.getReturnTypeOfSignature(signature), node: placeIn(handler, declared?.type ?? handler) };
}

/** A place in the handler itself, or the handler as it is mentioned when its declaration is elsewhere. */
function placeIn(handler: ts.Expression, node: ts.Node | undefined): ts.Node {
  const inside =
    node && node.getSourceFile() === handler.getSourceFile() && node.pos >= handler.pos && node.end <= handler.end;
  return inside ? node : handler;
}

function isNothing(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) !== 0;
}

/** What a stream exchanges; the handshake and the answer are absent when it has none. */
export interface StreamTypes {
  handshake?: TypeAt;
  in?: TypeAt;
  out?: TypeAt;
  response?: TypeAt;
}

export type StreamDirection = 'in' | 'out' | 'inOut';

const streamNames = {
  'encore.dev/api#StreamIn': ['in'],
  'encore.dev/api#StreamOut': ['out'],
  'encore.dev/api#StreamInOut': ['in', 'out'],
} as const;

/** The numbers of type arguments that a call may have, and what they are. */
const typeArguments: Record<StreamDirection, (keyof StreamTypes)[][]> = {
  inOut: [
    ['in', 'out'],
    ['handshake', 'in', 'out'],
  ],
  in: [['in'], ['handshake', 'in'], ['handshake', 'in', 'response']],
  out: [['out'], ['handshake', 'out']],
};

/** The types of a stream's messages: the type arguments of the call, else what the handler's parameters say. */
export function streamTypes(
  site: Site,
  name: string,
  direction: StreamDirection,
  reader: TypeReader,
): StreamTypes | undefined {
  const handler = handlerOf(site, 1, `the stream ${name} has no handler`, 'FL1308', reader);
  if (!handler) return undefined;
  const given = site.node.typeArguments;
  return given && given.length > 0
    ? writtenStream(site, handler, given, name, direction, reader)
    : inferredStream(handler, name, direction, reader);
}

function writtenStream(
  { node }: Site,
  handler: ts.Expression,
  given: readonly ts.TypeNode[],
  name: string,
  direction: StreamDirection,
  { checker, report }: TypeReader,
): StreamTypes | undefined {
  const forms = typeArguments[direction];
  const counted = forms.find((form) => form.length === given.length);
  if (!counted) {
    const counts = forms.map((form) => form.length).join(' or ');
    const why = `the stream ${name} has ${given.length} type arguments instead of ${counts}`;
    report.error(
      'FL1309',
      given[0] ?? node,
      why,
      'Write the types of the messages, after that of the handshake if any.',
    );
    return undefined;
  }
  const answers = direction === 'in' && given.length === 2 && parameterCount(handler, checker) < 2;
  const form: (keyof StreamTypes)[] = answers ? ['in', 'response'] : counted;
  const entries = form.map((role, index) => [role, typeIn(given[index] as ts.TypeNode, checker)] as const);
  return Object.fromEntries(entries.filter(([, { type }]) => !isNothing(type)));
}

function parameterCount(handler: ts.Expression, checker: ts.TypeChecker): number {
  const node = unwrap(handler);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return parametersOf(node).length;
  return checker.getTypeAtLocation(handler).getCallSignatures().at(-1)?.getParameters().length ?? 0;
}

function inferredStream(
  handler: ts.Expression,
  name: string,
  direction: StreamDirection,
  reader: TypeReader,
): StreamTypes | undefined {
  const { checker, exports, report } = reader;
  const place = { node: handler, what: `the handler of ${name}` };
  const signature = signatureOf(handler, place, 'FL1308', reader);
  if (!signature) return undefined;
  const count = signature.getParameters().length;
  const stream = parameterOf(signature, Math.max(0, count - 1), handler, checker);
  const messages = stream && messagesOf(stream, checker, exports);
  const wanted: ('in' | 'out')[] = direction === 'inOut' ? ['in', 'out'] : [direction];
  const unknown = wanted.some((role) => {
    const message = messages?.[role];
    return !message || (message.type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter)) !== 0;
  });
  if (unknown || !messages) {
    const help = `Write them as type arguments, or annotate the parameter: \`stream: Stream${direction === 'inOut' ? 'InOut<In, Out>' : direction === 'in' ? 'In<In>' : 'Out<Out>'}\`.`;
    report.error('FL1309', stream?.node ?? handler, `the stream ${name} does not say the types of its messages`, help);
    return undefined;
  }
  const handshake = count > 1 ? parameterOf(signature, 0, handler, checker) : undefined;
  const result = direction === 'in' ? awaited(resultOf(signature, handler, checker), checker) : {};
  return { ...messages, ...(handshake && !isNothing(handshake.type) && { handshake }), ...result };
}

/** The messages of a parameter `stream: StreamInOut<In, Out>`, found by the symbol of its type. */
function messagesOf(
  { type, node }: TypeAt,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): Pick<StreamTypes, 'in' | 'out'> | undefined {
  const parts = type.isIntersection() ? [type, ...type.types] : [type];
  const found = parts.flatMap((part) => {
    const symbol = part.getSymbol();
    const roles = streamNames[(symbol && exports.get(symbol)) as keyof typeof streamNames] ?? [];
    const args = roles.length > 0 ? checker.getTypeArguments(part as ts.TypeReference) : [];
    return roles.flatMap((role, index) => (args[index] ? [[role, { type: args[index], node }] as const] : []));
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
