import { ConfigReader } from '../config.ts';
import type { Recogniser } from '../context.ts';
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
    if (!site.node.arguments?.[1]) {
      reader.report.error(
        'FL1308',
        site.node,
        'the endpoint has no handler',
        'Pass a function as the second argument of `api.raw`.',
      );
    }
    return { kind: 'raw', methods: methodsOf(config, ['POST'], reader), ...common, bodyLimit: bodyLimitOf(config) };
  },
  link: linkEndpoint,
};
