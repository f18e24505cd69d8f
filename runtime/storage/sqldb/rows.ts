/**
 * The rows of a statement that runs when the first one is asked for, by the rules of a generator: what is asked for meanwhile is answered in
 * turn, and a failure is told once. Not a generator, which takes three turns of the queue for each row and not one.
 */
export class Rows<T> implements AsyncGenerator<T, void, undefined> {
  readonly #run: () => Promise<T[]>;
  /** Resolves when the rows are there, or are not going to be. */
  #running: Promise<void> | undefined;
  /** Undefined until they are there. */
  #rows: readonly T[] | undefined;
  #given = 0;

  constructor(run: () => Promise<T[]>) {
    this.#run = run;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#rows) return Promise.resolve(this.#take(this.#rows));
    if (this.#running) return this.#running.then(() => this.#take(this.#rows ?? []));
    const reading = this.#read();
    this.#running = reading.then(
      () => {},
      // Told to the one who asked first.
      () => {},
    );
    return reading.then(() => this.#take(this.#rows ?? []));
  }

  /** Ends it, when the statement is over and its connection is free again: one that has not been run never is. */
  async return(): Promise<IteratorResult<T, void>> {
    await this.#end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.#end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #read(): Promise<void> {
    try {
      this.#rows = await this.#run();
    } catch (error) {
      this.#rows = [];
      throw error;
    }
  }

  #take(rows: readonly T[]): IteratorResult<T, void> {
    if (this.#given >= rows.length) return { done: true, value: undefined };
    const value = rows[this.#given] as T;
    this.#given += 1;
    return { done: false, value };
  }

  async #end(): Promise<void> {
    await this.#running;
    this.#rows = [];
    this.#given = 0;
  }
}
