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

export function handlerOf(
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

export function typeIn(node: ts.TypeNode, checker: ts.TypeChecker): TypeAt {
  return { type: checker.getTypeFromTypeNode(node), node };
}

/** What a handler promises. That it may also answer with nothing is not part of the type. */
export function awaited({ type, node }: TypeAt, checker: ts.TypeChecker): Pick<HandlerTypes, 'response'> {
  const whole = checker.getAwaitedType(type) ?? type;
  if (isNothing(whole)) return {};
  const { value, nullable } = present(whole, checker);
  return { response: { type: includesUndefined(whole) && !nullable ? value : whole, node } };
}

/** The last of its signatures, which is the one that the checker compares; null, and a report, when it has none that will do. */
export function signatureOf(
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
export function parametersOf(handler: ts.SignatureDeclaration): ts.ParameterDeclaration[] {
  return handler.parameters.filter(({ name }) => !(ts.isIdentifier(name) && name.text === 'this'));
}

/** The parameter at a place, also of `(...args: [A, B])`. */
export function parameterOf(
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

export function resultOf(signature: ts.Signature, handler: ts.Expression, checker: ts.TypeChecker): TypeAt {
  const declared = signature.getDeclaration() as ts.SignatureDeclaration | undefined;
  return { type: checker.getReturnTypeOfSignature(signature), node: placeIn(handler, declared?.type ?? handler) };
}

/** A place in the handler itself, or the handler as it is mentioned when its declaration is elsewhere. */
function placeIn(handler: ts.Expression, node: ts.Node | undefined): ts.Node {
  const inside =
    node && node.getSourceFile() === handler.getSourceFile() && node.pos >= handler.pos && node.end <= handler.end;
  return inside ? node : handler;
}

export function isNothing(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) !== 0;
}
