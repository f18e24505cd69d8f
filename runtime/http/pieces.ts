/** Bytes as they come in, however small their pieces: a list of many takes hundreds of times what is in them. */
export class Pieces {
  /** Of all pieces together, in bytes. */
  length = 0;
  /** The first one, or a copy of them all, with room for more behind. */
  #bytes: Buffer = empty;

  add(piece: Buffer): void {
    const length = this.length + piece.length;
    if (this.length === 0) this.#bytes = piece;
    else {
      if (length > this.#bytes.length) this.#bytes = grown(this.#bytes, 2 * length, this.length);
      piece.copy(this.#bytes, this.length);
    }
    this.length = length;
  }

  /** All of them, in one piece. */
  whole(): Buffer {
    return this.#bytes.length === this.length ? this.#bytes : this.#bytes.subarray(0, this.length);
  }
}

const empty: Buffer = Buffer.alloc(0);

function grown(bytes: Buffer, size: number, used: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  bytes.copy(larger, 0, 0, used);
  return larger;
}
