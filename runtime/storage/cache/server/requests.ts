import type { Binary } from '../engine/reply.ts';

/** What a client may send at most before it is known, and after that. */
export interface RequestLimits {
  words: number;
  /** Bytes of one word. */
  bytes: number;
}

/** What is sent is no request, or too large a one: the connection cannot go on. `message` is for the client. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const [asterisk, dollar, lineFeed] = [0x2a, 0x24, 0x0a];

/** Of the line that says how many words or bytes follow: a sign, digits and what ends the line. */
const longestLine = 32;

/**
 * Cuts what a client sends into requests: arrays of texts, `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`, which are the same in both versions of
 * the protocol (RESP2, RESP3). Each byte is looked at once, however it is cut into chunks.
 */
export class RequestReader {
  #limits: RequestLimits;
  #chunks: Buffer[] = [];
  #size = 0;
  /** How many bytes there have to be until it is worth while to look again. */
  #wanted = 0;
  /** Of the request that is not complete. */
  #words: Binary[] = [];
  #missing = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  set limits(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** The requests that this chunk completes, each when it is asked for: the limits may change in between. @throws ProtocolError */
  *read(chunk: Buffer): Generator<Binary[], void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    for (let next = this.#next(all, at); typeof next === 'object'; next = this.#next(all, at)) {
      at = next.end;
      if (next.word !== undefined) this.#words.push(next.word);
      if (next.word === undefined || --this.#missing > 0) continue;
      const words = this.#words;
      this.#words = [];
      yield words;
    }
    const rest = all.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#wanted = rest.length + this.#lacking(rest);
  }

  /** The head of a request, which has no word, or one of its words; undefined when it is not there in full. */
  #next(all: Buffer, at: number): { word?: Binary; end: number } | undefined {
    const inside = this.#missing > 0;
    const head = this.#head(all, at, inside ? dollar : asterisk);
    if (!head) return undefined;
    const { count, end } = head;
    if (!inside) {
      if (count > this.#limits.words) throw new ProtocolError('ERR Protocol error: invalid multibulk length');
      // A request of no words is none.
      this.#missing = Math.max(count, 0);
      return { end };
    }
    if (count < 0 || count > this.#limits.bytes) throw new ProtocolError('ERR Protocol error: invalid bulk length');
    if (end + count + 2 > all.length) return undefined;
    return { word: all.toString('latin1', end, end + count), end: end + count + 2 };
  }

  /** A line of a sign and a number. */
  #head(all: Buffer, at: number, sign: number): { count: number; end: number } | undefined {
    if (at >= all.length) return undefined;
    const line = all.subarray(at, at + longestLine);
    if (line[0] !== sign)
      throw new ProtocolError(
        `ERR Protocol error: expected '${String.fromCharCode(sign)}', got '${String.fromCharCode(line[0]!)}'`,
      );
    const end = line.indexOf(lineFeed);
    if (end < 0 && line.length < longestLine) return undefined;
    const [, text] = /^(-?\d+)\r$/.exec(line.toString('latin1', 1, Math.max(end, 1))) ?? [];
    if (text === undefined) throw new ProtocolError('ERR Protocol error: invalid length');
    return { count: Number(text), end: at + end + 1 };
  }

  /** At the least. */
  #lacking(rest: Buffer): number {
    const head = rest.length > 0 && this.#missing > 0 ? this.#head(rest, 0, dollar) : undefined;
    return head ? head.end + head.count + 2 - rest.length : 1;
  }
}
