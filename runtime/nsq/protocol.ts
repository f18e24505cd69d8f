/** The TCP protocol of nsqd, version 2: what is sent, and how what comes is cut into frames. */

export const magic = '  V2';

/** What nsqd says every so often, and hears `NOP` for. */
export const heartbeat = '_heartbeat_';

export interface NsqMessage {
  /** Sixteen letters, of this nsqd. */
  id: string;
  /** 1 for the first delivery; it stays at 65535. */
  attempts: number;
  body: Buffer;
}

export type Frame =
  | { type: 'response'; text: string }
  | { type: 'error'; text: string }
  | { type: 'message'; message: NsqMessage };

export const commands = {
  identify: (settings: object): Buffer => withBody('IDENTIFY', JSON.stringify(settings)),
  publish: (topic: string, body: string): Buffer => withBody(`PUB ${topic}`, body),
  subscribe: (topic: string, channel: string): Buffer => line(`SUB ${topic} ${channel}`),
  /** How many messages may be with this connection at once. */
  ready: (count: number): Buffer => line(`RDY ${count}`),
  finish: (id: string): Buffer => line(`FIN ${id}`),
  /** @param delay milliseconds */
  requeue: (id: string, delay: number): Buffer => line(`REQ ${id} ${Math.ceil(delay)}`),
  /** Begins the time anew after which nsqd takes a message back. */
  touch: (id: string): Buffer => line(`TOUCH ${id}`),
  nop: (): Buffer => line('NOP'),
  /** No more messages. */
  close: (): Buffer => line('CLS'),
};

function line(text: string): Buffer {
  return Buffer.from(`${text}\n`);
}

function withBody(command: string, body: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(Buffer.byteLength(body));
  return Buffer.concat([line(command), size, Buffer.from(body)]);
}

/** More than any nsqd sends that is set up sensibly: something else answers at that port. Bytes. */
const largestFrame = 256 * 1024 * 1024;

/** Cuts what comes in into frames, whose size and type are before them. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** @throws Error when that is not nsqd's */
  read(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (let size = this.#nextSize(); size !== undefined && this.#length >= size + 4; size = this.#nextSize()) {
      frames.push(frameOf(this.#take(size + 4).subarray(4)));
    }
    return frames;
  }

  #nextSize(): number | undefined {
    if (this.#length < 4) return undefined;
    const size = this.#joined(4).readUInt32BE();
    if (size < 4 || size > largestFrame) throw new Error('what answers is not nsqd');
    return size;
  }

  #take(length: number): Buffer {
    const all = this.#joined(length);
    this.#chunks = [all.subarray(length), ...this.#chunks.slice(1)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  /** The first chunk, made as long as that: what is whole is not copied, and a long frame once. */
  #joined(length: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= length) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function frameOf(frame: Buffer): Frame {
  const data = frame.subarray(4);
  switch (frame.readUInt32BE()) {
    case 0:
      return { type: 'response', text: data.toString() };
    case 1:
      return { type: 'error', text: data.toString() };
    case 2:
      return {
        type: 'message',
        // Eight bytes of time are before it.
        message: { attempts: data.readUInt16BE(8), id: data.toString('latin1', 10, 26), body: data.subarray(26) },
      };
    default:
      throw new Error('what answers is not nsqd');
  }
}
