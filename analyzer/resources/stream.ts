import { ConfigReader } from '../config.ts';
import type { Reader, Recogniser } from '../context.ts';
import type { Endpoint } from '../graph.ts';
import { requestOf, responseOf } from '../messages.ts';
import { parameterNames, type Segment } from '../paths.ts';
import { type StreamDirection, type StreamTypes, streamTypes } from '../stream-types.ts';
import { checkParameters, commonOf, commonOptions, type EndpointRead, linkEndpoint, nameOf } from './endpoint.ts';

const forms: Record<StreamDirection, string> = { in: 'streamIn', out: 'streamOut', inOut: 'streamInOut' };

/** `export const chat = api.streamInOut<Handshake, In, Out>({ … }, async (handshake, stream) => { … })` and its like. */
export const streams: readonly Recogniser<EndpointRead>[] = Object.entries(forms).map(([direction, name]) => ({
  declares: `encore.dev/api#api.${name}`,
  as: 'call',
  bound: 'variable',
  what: 'an endpoint',
  read(site, reader) {
    const config = new ConfigReader(site.node.arguments?.[0], commonOptions, reader.report);
    const { segments, ...common } = commonOf(config, site, reader);
    const types = streamTypes(site, nameOf(site), direction as StreamDirection, reader);
    return {
      kind: 'stream',
      methods: ['GET'],
      ...common,
      bodyLimit: null,
      ...(types && messagesOf(types, nameOf(site), segments, config.node('path') ?? site.node, reader)),
    };
  },
  link: linkEndpoint,
}));

function messagesOf(
  types: StreamTypes,
  name: string,
  segments: Segment[],
  path: Parameters<typeof checkParameters>[3],
  reader: Reader,
): Pick<Endpoint, 'request' | 'response' | 'stream'> {
  const { handshake, response } = types;
  const parameters = parameterNames(segments);
  const request =
    handshake &&
    requestOf(
      handshake.type,
      { node: handshake.node, what: `the handshake of ${name}` },
      { methods: ['GET'], parameters },
      reader,
    );
  checkParameters(handshake?.type, parameters, `the handshake of ${name}`, handshake?.node ?? path, reader);
  const message = (side: 'in' | 'out') => {
    const found = types[side];
    return (
      found && {
        [side]: reader.schemas.of(found.type, { node: found.node, what: `the ${side}going messages of ${name}` }),
      }
    );
  };
  return {
    ...(request && { request }),
    ...(response && {
      response: responseOf(
        response.type,
        { node: response.node, what: `the response of ${name}` },
        ['GET'],
        reader,
      ) as NonNullable<Endpoint['response']>,
    }),
    stream: { ...message('in'), ...message('out') },
  };
}
