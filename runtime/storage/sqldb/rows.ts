/**
 * The rows of a statement that runs when the first one is asked for. Not a generator, which takes three turns of the queue for each row
 * and not one.
 */
export class Rows<T> implements AsyncGenerator<T, void, undefined> {
  readonly #run: () => Promise<T[]>;
  #running: Promise<void> | undefined;
  /** Undefined until they are there. */
  #rows: T[] | undefined;
  #given = 0;

  constructor(run: () => Promise<T[]>) {
    this.#run = run;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#rows) return Promise.resolve(this.#take(this.#rows));
    this.#running ??= this.#read();
    return this.#running.then(() => this.#take(this.#rows ?? []));
  }

  /** Ends it: a statement that has not been run never is. */
  async return(): Promise<IteratorResult<T, void>> {
    this.#end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    this.#end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  async #read(): Promise<void> {
    try {
      const rows = await this.#run();
      this.#rows ??= rows;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #take(rows: T[]): IteratorResult<T, void> {
    if (this.#given >= rows.length) return { done: true, value: undefined };
    const value = rows[this.#given] as T;
    this.#given += 1;
    return { done: false, value };
  }

  #end(): void {
    this.#rows = [];
    this.#given = 0;
  }
}
