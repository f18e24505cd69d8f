import type { APIError } from '../api/error.ts';
import type { StreamIn, StreamInOut, StreamOut } from '../api/stream.ts';
import { encodeJson, messageCodec } from '../codec/mod.ts';
import { errorBody, toApiError } from '../http/error-body.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { type Caller, type CallMeta, invoke } from '../internal/invoke.ts';
import { wrap } from '../internal/wrap.ts';
import type { Channel } from './channel.ts';
import { closingOf, normal } from './closing.ts';
import { control, Incoming, jsonCodec, Outgoing } from './messages.ts';

/** A stream that somebody asks for. */
export interface Asked {
  hosted: Hosted;
  /** The handshake, decoded; absent where the handler takes none. */
  params: Record<string, unknown> | undefined;
  meta: CallMeta;
  caller: Caller;
  /** Whether a process of the application asks, which understands control frames. */
  internal: boolean;
}

/**
 * Runs the handler of a stream on an open channel, and closes the channel when it is done: after its answer, or with its failure.
 * Never rejects. @returns the failure
 */
export async function serveStream(host: Host, asked: Asked, channel: Channel): Promise<APIError | undefined> {
  try {
    const answer = await run(host, asked, channel);
    // A client that closed the stream before has no use for it.
    if (answer !== undefined) await channel.send(answer).catch(() => {});
    await channel.close(normal);
    return undefined;
  } catch (thrown) {
    const error = toApiError(thrown);
    if (asked.internal) {
      const whole = JSON.stringify(errorBody(error, 'internal'));
      await channel.send(`${control.failure}${whole}`).catch(() => {});
    }
    await channel.close(closingOf(error));
    return error;
  }
}

/** The answer as JSON text; undefined when there is none. */
function run(
  host: Host,
  { hosted, params, meta, caller, internal }: Asked,
  channel: Channel,
): Promise<string | undefined> {
  const { endpoint, middleware, handler } = hosted;
  const { schemas } = host.manifest;
  return invoke(host, hosted, meta, caller, async (context) => {
    if (params) context.meta.parsedPayload = params;
    const stream = streamOf(host, hosted, channel, internal);
    const given = endpoint.request ? [params, stream] : [stream];
    const call = handler as ((...given: unknown[]) => unknown) | undefined;
    const { payload } = await wrap(middleware, context, { stream }, () => call?.(...given));
    if (!endpoint.response || payload === undefined) return undefined;
    return encodeJson(messageCodec(endpoint.response, schemas).codec, payload);
  });
}

type HandlerStream = StreamIn<unknown> | StreamOut<unknown> | StreamInOut<unknown, unknown>;

/** What the handler holds: as much of a stream as its endpoint declares. */
function streamOf(host: Host, { endpoint }: Hosted, channel: Channel, internal: boolean): HandlerStream {
  const { schemas } = host.manifest;
  const { in: taken, out: sent } = endpoint.stream ?? {};
  const incoming = taken && new Incoming(channel, jsonCodec(taken, schemas).decode, internal);
  const outgoing = sent && new Outgoing(channel, jsonCodec(sent, schemas).encode);
  return {
    ...(incoming && {
      recv: () => incoming.recv(),
      [Symbol.asyncIterator]: () => incoming[Symbol.asyncIterator](),
    }),
    ...(outgoing && {
      send: (message: unknown) => outgoing.send(message),
      close: () => channel.close(normal),
    }),
  } as HandlerStream;
}
