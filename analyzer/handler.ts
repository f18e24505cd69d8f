import { ts } from '@ts-morph/common';
import type { Reader } from './context.ts';
import { unwrap } from './references.ts';
import type { Site } from './sites.ts';
import { isErroneous } from './type-facts.ts';

/** What a handler takes and gives, each with the place to point to; absent when it is nothing. */
export interface HandlerTypes {
  request?: { type: ts.Type; node: ts.Node };
  response?: { type: ts.Type; node: ts.Node };
}

/**
 * Request and response: the type arguments of `api` and the annotations of an inline handler where given, else what the checker
 * knows of the handler. Reading annotations first spares the checker the inference of the whole call.
 */
export function handlerTypes(site: Site, name: string, { checker, report, schemas }: Reader): HandlerTypes | undefined {
  const handler = site.node.arguments?.[1];
  if (!handler) {
    report.error(
      'FL1308',
      site.node,
      `the endpoint ${name} has no handler`,
      'Pass a function as the second argument of `api`.',
    );
    return undefined;
  }
  const [requestNode, responseNode] = site.node.typeArguments ?? [];
  const annotated = annotationsOf(unwrap(handler));
  const fromNode = (node: ts.TypeNode) => ({ type: checker.getTypeFromTypeNode(node), node });
  const known = {
    request: requestNode ?? annotated?.request,
    response: responseNode ?? annotated?.response,
  };
  const signature = known.request !== undefined && known.response ? undefined : signatureOf(handler, name);
  if (signature === null) return undefined;
  const parameter = signature?.getParameters()[0];
  const declared = signature?.getDeclaration() as ts.SignatureDeclaration | undefined;
  const request = known.request
    ? fromNode(known.request)
    : parameter && {
        type: checker.getTypeOfSymbol(parameter),
        node: placeIn(handler, declared?.parameters[0]?.type ?? declared?.parameters[0]),
      };
  const response = known.response
    ? fromNode(known.response)
    : signature && {
        type: checker.getReturnTypeOfSignature(signature),
        node: placeIn(handler, declared?.type ?? handler),
      };
  return {
    ...(request && !isNothing(request.type) && { request }),
    ...awaited(response),
  };

  function awaited(response: HandlerTypes['response']): Pick<HandlerTypes, 'response'> {
    if (!response) return {};
    const type = checker.getAwaitedType(response.type) ?? response.type;
    return isNothing(type) ? {} : { response: { type, node: response.node } };
  }

  /** Null, and a report, when the handler cannot be one. */
  function signatureOf(handler: ts.Expression, name: string): ts.Signature | null {
    const type = checker.getTypeAtLocation(handler);
    const signature = type.getCallSignatures()[0];
    const at = { node: handler, what: `the handler of ${name}` };
    if (!signature && isErroneous(type)) schemas.suspects.set(handler, at);
    else if (!signature) {
      report.error(
        'FL1308',
        handler,
        `${at.what} is not a function`,
        'Pass a function as the second argument of `api`.',
      );
    } else if (signature.typeParameters) {
      report.error(
        'FL1308',
        handler,
        `${at.what} has type parameters`,
        'Give its parameter and its result a type of their own.',
      );
    } else return signature;
    return null;
  }
}

/** What an inline handler says of its own types; `request` is null when it has no parameter. */
function annotationsOf(handler: ts.Expression): { request?: ts.TypeNode | null; response?: ts.TypeNode } | undefined {
  if ((!ts.isArrowFunction(handler) && !ts.isFunctionExpression(handler)) || handler.typeParameters) return undefined;
  const [parameter] = handler.parameters;
  const plain = parameter?.type && !parameter.questionToken && !parameter.initializer;
  return {
    ...(!parameter && { request: null }),
    ...(plain && { request: parameter.type }),
    ...(handler.type && { response: handler.type }),
  };
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

export type StreamDirection = 'in' | 'out' | 'inOut';

interface TypeAt {
  type: ts.Type;
  node: ts.Node;
}

/** The types of a stream: its type arguments. */
export interface StreamTypes {
  handshake?: TypeAt;
  in?: TypeAt;
  out?: TypeAt;
  response?: TypeAt;
}

export function streamTypes(
  site: Site,
  _name: string,
  direction: StreamDirection,
  { checker }: Reader,
): StreamTypes | undefined {
  const given = (site.node.typeArguments ?? []).map((node) => ({ type: checker.getTypeFromTypeNode(node), node }));
  const [a, b, c] = given;
  if (direction === 'inOut') {
    if (a && b && c) return { handshake: a, in: b, out: c };
    return a && b ? { in: a, out: b } : undefined;
  }
  if (direction === 'out') return a && b ? { handshake: a, out: b } : a && { out: a };
  return a && { in: a };
}

export function authTypes(site: Site, { checker }: Reader): { request: TypeAt; data: TypeAt } | undefined {
  const [a, b] = (site.node.typeArguments ?? []).map((node) => ({ type: checker.getTypeFromTypeNode(node), node }));
  return a && b && { request: a, data: b };
}
