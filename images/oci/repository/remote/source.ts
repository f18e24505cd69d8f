import { once } from 'node:events';
import { Readable } from 'node:stream';
import { changedWhileRead } from '../errors.ts';
import type { ByteStream, Content, Open } from '../repository.ts';
import { pieces, verified } from '../verify.ts';

/** Content to be sent in parts, each of which may have to be sent again: it is read on when it can be, else from the start. */
export class Source {
  readonly #content: Content;
  readonly #open: Open;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #part: Readable | undefined;
  #position = 0;
  #rest: Uint8Array = Buffer.alloc(0);
  #failure: { error: unknown } | undefined;

  constructor(content: Content, open: Open) {
    [this.#content, this.#open] = [content, open];
  }

  /** `length` bytes from `start` on. What goes wrong with the content itself is thrown by `check` then. */
  part(start: number, length: number): Readable {
    const before = this.#part;
    this.#part = Readable.from(this.#take(before, start, length), { objectMode: false });
    return this.#part;
  }

  /** Throws why the content could not be read, which is no fault of the registry. */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    await ended(this.#part);
    await this.#iterator?.return?.();
  }

  async *#take(before: Readable | undefined, start: number, length: number): ByteStream {
    await ended(before);
    await this.#reading(() => this.#goTo(start));
    for (let left = length; left > 0; ) {
      const chunk = await this.#reading(() => this.#next(left));
      left -= chunk.length;
      yield chunk;
    }
    if (this.#position === this.#content.size) await this.#reading(() => this.#iterator!.next());
  }

  async #goTo(start: number): Promise<void> {
    if (!this.#iterator || this.#position > start) await this.#restart();
    while (this.#position < start) await this.#next(start - this.#position);
  }

  async #restart(): Promise<void> {
    await this.#iterator?.return?.();
    const { digest } = this.#content;
    const stream = verified(pieces(this.#open()), this.#content, (how) => changedWhileRead(digest, how));
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
  }

  /** At least one byte, and not more than `most`. */
  async #next(most: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.#iterator!.next();
      if (done) throw changedWhileRead(this.#content.digest, `it has ${this.#position} bytes`);
      this.#rest = value;
    }
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    this.#position += chunk.length;
    return chunk;
  }

  /** Errors of the connection come to the generator, too; those of the content are told apart here. */
  async #reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

/** Two parts never read at the same time. */
async function ended(part: Readable | undefined): Promise<void> {
  if (!part || part.closed) return;
  // A part that fails on its way out has ended as well.
  const closed = once(part, 'close').catch(() => undefined);
  part.on('error', () => undefined).destroy();
  await closed;
  if (!part.closed) await once(part, 'close');
}
