/** Messages in a row after which everybody else gets a turn. */
const row = 64;

/**
 * Lets a handler that sends without ever having to wait be interrupted: otherwise nothing else of the process would run, and nobody
 * would notice the end of the stream.
 */
export class Pace {
  #sent = 0;

  /** Resolves at once, or after all that is due. */
  async step(): Promise<void> {
    this.#sent++;
    if (this.#sent === 1) setImmediate(() => this.#restart());
    if (this.#sent >= row) await new Promise((resolve) => setImmediate(resolve));
  }

  #restart(): void {
    this.#sent = 0;
  }
}
