import { ts } from '@ts-morph/common';
import { ConfigReader } from '../config.ts';
import type { Reader, Recogniser } from '../context.ts';
import { bodyLimitOf, commonOf, commonOptions, type EndpointRead, linkEndpoint, methodsOf } from './endpoint.ts';

/** `export const hook = api.raw({ … }, (request, response) => { … })`. Its path's parameters are no fields of anything. */
export const raw: Recogniser<EndpointRead> = {
  declares: 'encore.dev/api#api.raw',
  as: 'call',
  bound: 'variable',
  what: 'an endpoint',
  read(site, reader) {
    const config = new ConfigReader(site.node.arguments?.[0], [...commonOptions, 'method', 'bodyLimit'], reader.report);
    const { segments: _, ...common } = commonOf(config, site, reader);
    const handler = site.node.arguments?.[1];
    const wrong = handler
      ? !mayBeCalled(handler, reader) && 'the handler is not a function'
      : 'the endpoint has no handler';
    if (wrong)
      reader.report.error(
        'FL1308',
        handler ?? site.node,
        wrong,
        'Pass a function as the second argument of `api.raw`.',
      );
    return { kind: 'raw', methods: methodsOf(config, ['POST'], reader), ...common, bodyLimit: bodyLimitOf(config) };
  },
  link: linkEndpoint,
};

/** Also what is not known, such as the function of a package that has no types. */
function mayBeCalled(handler: ts.Expression, { checker }: Reader): boolean {
  if (ts.isArrowFunction(handler) || ts.isFunctionExpression(handler)) return true;
  const type = checker.getTypeAtLocation(handler);
  return (type.flags & ts.TypeFlags.Any) !== 0 || type.getCallSignatures().length > 0;
}
