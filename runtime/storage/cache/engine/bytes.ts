import type { Binary } from './reply.ts';

/** Text that is changed in place: appending and overwriting cost as much as what is written. */
export class Bytes {
  #room: Buffer;
  #length: number;

  constructor(text: Binary) {
    this.#room = Buffer.from(text, 'latin1');
    this.#length = text.length;
  }

  get length(): number {
    return this.#length;
  }

  /** What lies between the end and `offset` is zero. */
  write(offset: number, text: Binary): void {
    const end = offset + text.length;
    if (end > this.#room.length) {
      const larger = Buffer.alloc(Math.max(end, Math.min(this.#room.length * 2, this.#room.length + 1_048_576)));
      this.#room.copy(larger, 0, 0, this.#length);
      this.#room = larger;
    }
    this.#room.write(text, offset, 'latin1');
    this.#length = Math.max(this.#length, end);
  }

  slice(start: number, end: number): Binary {
    return this.#room.toString('latin1', start, Math.min(end, this.#length));
  }

  toString(): Binary {
    return this.slice(0, this.#length);
  }
}
