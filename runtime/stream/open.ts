import type { CallOpts } from '../api/api.ts';
import { APIError } from '../api/error.ts';
import type { StreamIn, StreamInOut, StreamOutWithResponse } from '../api/stream.ts';
import { encodeJson, messageCodec } from '../codec/mod.ts';
import { errorBody, fromErrorBody, toApiError } from '../http/error-body.ts';
import { callMeta, currentCaller, decodeParams } from '../internal/calls.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { type Caller, unauthenticated } from '../internal/invoke.ts';
import { spans } from '../tracing/spans.ts';
import type { ManifestEndpoint } from '../wire.ts';
import type { Channel } from './channel.ts';
import { normal, StreamClosed } from './closing.ts';
import { dial } from './dial.ts';
import { channelPair } from './local-channel.ts';
import { control, Incoming, jsonCodec, Outgoing } from './messages.ts';
import { trackOpened, trackServed } from './open-streams.ts';
import { type Asked, serveStream } from './serve.ts';

/** The route that takes streams from other processes: the handshake as JSON in base64url is its query string. */
export const streamRoute = '/__fairlead/stream/';

type CallerStream = StreamInOut<unknown, unknown> | StreamIn<unknown> | StreamOutWithResponse<unknown, unknown>;

/**
 * Opens a stream of a service for the code that runs, wherever the service is; both ways go through the same encoding.
 * @throws APIError when the stream is not taken: what happens later, the stream says
 */
export async function openStream(
  host: Host,
  service: string,
  endpoint: ManifestEndpoint,
  params: unknown,
  opts?: CallOpts,
): Promise<CallerStream> {
  const hosted = host.endpoints.get(`${service}.${endpoint.name}`);
  const { trace, auth } = currentCaller(host, opts, hosted !== undefined);
  const caller: Caller = { trace, ...(auth && { auth }) };
  const { request } = endpoint;
  const message = request && messageCodec(request, host.manifest.schemas);
  const handshake = message ? encodeJson(message.codec, params ?? {}) : '';
  const path = pathTo(service, endpoint.name, handshake);
  const opening = hosted
    ? openHere(host, hosted, handshake, caller)
    : dial(host, service, { path, origin: 'internal', caller });
  // Its query string holds the parameters.
  const called = { service, endpoint, ...(!hosted && { path: path.replace(/\?.*/, '') }) };
  const channel = await (spans()?.called(trace, called, opening) ?? opening);
  trackOpened(channel);
  return streamOf(host, endpoint, channel);
}

/** What a process of the application asks for, out of the handshake as JSON text. @throws APIError when it does not get it */
export function askedByProcess(host: Host, hosted: Hosted, handshake: string, caller: Caller): Asked {
  const { endpoint } = hosted;
  if (endpoint.kind !== 'stream') throw APIError.unimplemented(`${hosted.service}.${endpoint.name} is no stream`);
  if (endpoint.auth && !caller.auth) throw unauthenticated();
  const params = endpoint.request && decodeParams(endpoint.request, handshake, host);
  return { hosted, params, meta: callMeta(endpoint, params), caller, internal: true };
}

function pathTo(service: string, name: string, handshake: string): string {
  const query = handshake === '' ? '' : `?${Buffer.from(handshake).toString('base64url')}`;
  return `${streamRoute}${encodeURIComponent(service)}/${encodeURIComponent(name)}${query}`;
}

/** The failure goes through the same form as between processes: the caller gets an error of its own, with its own stack. */
async function openHere(host: Host, hosted: Hosted, handshake: string, caller: Caller): Promise<Channel> {
  try {
    const asked = askedByProcess(host, hosted, handshake, caller);
    const [near, far] = channelPair();
    trackServed(
      far,
      serveStream(host, asked, far).then(() => {}),
    );
    return near;
  } catch (error) {
    const sent = errorBody(toApiError(error), 'internal');
    throw fromErrorBody(JSON.parse(JSON.stringify(sent)), 500);
  }
}

/** What the caller holds: the other end of what the handler does. */
function streamOf(host: Host, endpoint: ManifestEndpoint, channel: Channel): CallerStream {
  const { schemas } = host.manifest;
  const { in: sent, out: received } = endpoint.stream ?? {};
  const outgoing = sent && new Outgoing(channel, jsonCodec(sent, schemas).encode);
  if (!received && outgoing) return withAnswer(host, endpoint, channel, outgoing);
  const incoming = new Incoming(channel, jsonCodec(received ?? {}, schemas).decode, true);
  const recv = () => incoming.recv();
  if (!outgoing) return { recv, [Symbol.asyncIterator]: () => untilLeft(incoming, channel) };
  return {
    recv,
    [Symbol.asyncIterator]: () => incoming[Symbol.asyncIterator](),
    send: (message) => outgoing.send(message),
    close: () => channel.close(normal),
  };
}

/** Who leaves the loop has no other way to say that enough has come. */
async function* untilLeft(incoming: Incoming<unknown>, channel: Channel): AsyncGenerator<unknown, void, undefined> {
  try {
    yield* incoming;
  } finally {
    await channel.close(normal);
  }
}

function withAnswer(
  host: Host,
  { response }: ManifestEndpoint,
  channel: Channel,
  outgoing: Outgoing<unknown>,
): StreamOutWithResponse<unknown, unknown> {
  const codec = response && messageCodec(response, host.manifest.schemas).codec;
  const incoming = new Incoming(channel, (json) => codec?.decode(json, ''), true);
  let answer: Promise<unknown> | undefined;
  let ended = false;
  return {
    async send(message) {
      if (ended) throw new StreamClosed();
      await outgoing.send(message);
    },
    async close() {
      if (ended) return;
      ended = true;
      // A stream that the service has closed needs no end.
      await channel.send(control.end).catch(() => {});
    },
    response() {
      answer ??= incoming.recv().catch((error: unknown) => {
        // As it should be, without an answer.
        if (error instanceof StreamClosed) return undefined;
        throw error;
      });
      return answer;
    },
  };
}
