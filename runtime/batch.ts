/**
 * Does together what is asked for in one turn of the event loop, or while the last of it is being done: one statement and one wait for the
 * disk instead of many. Nothing waits for company.
 */
export class Batch<Item> {
  readonly #work: (items: Item[]) => Promise<unknown>;
  readonly #most: number;
  #waiting: { item: Item; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #working = false;

  /**
   * @param work when it fails, it fails for each of the items
   * @param most items at once
   */
  constructor(work: (items: Item[]) => Promise<unknown>, most: number) {
    this.#work = work;
    this.#most = most;
  }

  /** Resolves when the work with this item is done. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#working) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#working = true;
    for (;;) {
      // Whoever has just been answered may ask for more.
      await new Promise(setImmediate);
      if (this.#waiting.length === 0) break;
      const taken = this.#waiting.splice(0, this.#most);
      try {
        await this.#work(taken.map(({ item }) => item));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.#working = false;
  }
}
