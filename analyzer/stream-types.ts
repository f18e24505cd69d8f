import { ts } from '@ts-morph/common';
import {
  awaited,
  handlerOf,
  isNothing,
  parameterOf,
  parametersOf,
  resultOf,
  signatureOf,
  type TypeAt,
  typeIn,
} from './handler.ts';
import { unwrap } from './references.ts';
import type { TypeReader } from './schemas.ts';
import type { Site } from './sites.ts';

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
