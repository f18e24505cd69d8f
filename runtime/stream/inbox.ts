import type { Frame } from './channel.ts';

/** What may wait to be taken before the sender has to. */
const limits = { frames: 64, length: 64 * 1024 };

/** What arrived and was not asked for yet, or the other way round. */
export class Inbox {
  readonly #frames: Frame[] = [];
  readonly #readers: ((frame: Frame | undefined) => void)[] = [];
  readonly #writers: (() => void)[] = [];
  #length = 0;
  #ended = false;

  /** Whether more had better wait. */
  get full(): boolean {
    return !this.#ended && (this.#frames.length >= limits.frames || this.#length >= limits.length);
  }

  put(frame: Frame): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) {
      reader(frame);
      return;
    }
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  /** Undefined once it has ended and is empty. */
  next(): Promise<Frame | undefined> {
    const frame = this.#frames.shift();
    if (frame !== undefined) {
      this.#length -= frame.length;
      this.#wake();
      return Promise.resolve(frame);
    }
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Resolves once it is not full. */
  room(): Promise<void> {
    return this.full ? new Promise((resolve) => this.#writers.push(resolve)) : Promise.resolve();
  }

  /** Takes nothing more; what is in it can still be taken. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader(undefined);
    this.#wake();
  }

  /** Ends it and throws away what is in it. */
  discard(): void {
    this.#frames.length = 0;
    this.#length = 0;
    this.end();
  }

  #wake(): void {
    if (!this.full) for (const writer of this.#writers.splice(0)) writer();
  }
}
