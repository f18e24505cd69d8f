import type { APIError } from '../api/error.ts';
import { codecFor, parseJson, type Schemas, writeJson } from '../codec/mod.ts';
import { fromErrorBody } from '../http/error-body.ts';
import log from '../log/mod.ts';
import type { ManifestSchema } from '../wire.ts';
import type { Channel, Frame } from './channel.ts';
import { closedError, StreamClosed } from './closing.ts';
import { Pace } from './pace.ts';

/** What processes of the application send each other besides messages. Neither is JSON, so that nothing else can be meant. */
export const control = {
  /** The caller sends no more messages, and stays for the answer. */
  end: '',
  /** Before an error body: the stream failed. */
  failure: '!',
} as const;

/** How many messages that are not what they should be a stream complains of. */
const complaints = 10;

/** The messages that arrive on a channel, decoded. One that is not what its schema says is dropped, with a line in the log. */
export class Incoming<Message> implements AsyncIterable<Message> {
  readonly #channel: Channel;
  readonly #decode: (json: unknown) => Message;
  /** Whether another process of the application is on the other side, and its control frames count. */
  readonly #internal: boolean;
  #dropped = 0;
  #end: APIError | undefined;

  constructor(channel: Channel, decode: (json: unknown) => Message, internal: boolean) {
    this.#channel = channel;
    this.#decode = decode;
    this.#internal = internal;
  }

  /** The next message. @throws APIError once the connection is closed: that of the other side, if it failed */
  async recv(): Promise<Message> {
    for (;;) {
      if (this.#end) throw this.#end;
      const frame = await this.#channel.next();
      const end = await this.#endOf(frame);
      if (end) this.#end ??= end;
      if (end || frame === undefined) continue;
      try {
        return this.#decode(parseJson(textOf(frame)));
      } catch (error) {
        this.#drop(error as Error);
      }
    }
  }

  /** Ends with the connection, however that ended. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      try {
        yield await this.recv();
      } catch (error) {
        if (error !== this.#end) throw error;
        this.#tell(error as APIError);
        return;
      }
    }
  }

  async #endOf(frame: Frame | undefined): Promise<APIError | undefined> {
    if (frame === undefined) return closedError(await this.#channel.closed);
    if (!this.#internal || typeof frame !== 'string') return undefined;
    if (frame === control.end) return new StreamClosed();
    if (!frame.startsWith(control.failure)) return undefined;
    return fromErrorBody(JSON.parse(frame.slice(control.failure.length)), 500);
  }

  /** Of the failure of another service the loop says nothing. */
  #tell(error: APIError): void {
    if (!this.#internal || error instanceof StreamClosed) return;
    log.warn('a stream ended with an error', { code: error.code, error: error.message });
  }

  #drop(error: Error): void {
    this.#dropped++;
    if (this.#dropped > complaints) return;
    const more = this.#dropped === complaints && { more: 'further ones are dropped in silence' };
    log.warn('a message was dropped: it cannot be decoded', { error: error.message, ...more });
  }
}

/** Takes messages for the other side of a channel. */
export class Outgoing<Message> {
  readonly #channel: Channel;
  readonly #pace = new Pace();
  readonly #encode: (message: Message) => unknown;

  constructor(channel: Channel, encode: (message: Message) => unknown) {
    this.#channel = channel;
    this.#encode = encode;
  }

  async send(message: Message): Promise<void> {
    await this.#channel.send(writeJson(this.#encode(message) ?? null));
    await this.#pace.step();
  }
}

/** JSON that a schema describes, either way. */
export interface JsonCodec {
  decode(json: unknown): unknown;
  encode(value: unknown): unknown;
}

export function jsonCodec(schema: ManifestSchema, schemas: Schemas): JsonCodec {
  const codec = codecFor(schema, schemas);
  return { decode: (json) => codec.decode(json, ''), encode: (value) => codec.encode(value) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(frame: Frame): string {
  return typeof frame === 'string' ? frame : utf8.decode(frame);
}
