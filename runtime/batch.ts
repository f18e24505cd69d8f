export interface BatchOptions<Item> {
  /** Does all of it, or nothing and fails. */
  work(items: Item[]): Promise<unknown>;
  /** Items at once. */
  most: number;
  /** Whether a failure says nothing of the items: nobody was there, or has gone and may have done it. */
  isLost(error: unknown): boolean;
}

interface Waiting<Item> {
  item: Item;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Does together what is asked for in one turn of the event loop, or while the last of it is being done: one statement and one wait for the
 * disk instead of many. Nothing waits for company.
 */
export class Batch<Item> {
  readonly #options: BatchOptions<Item>;
  #waiting: Waiting<Item>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  /** Resolves when the work with this item is done. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      // Whoever has just been answered may ask for more.
      await new Promise(setImmediate);
      if (this.#waiting.length === 0) break;
      const taken = this.#waiting.splice(0, this.#options.most);
      const behind = this.#waiting.length;
      const lost = await this.#do(taken);
      // They have waited for as long as that took, and would wait for as long again.
      if (lost) for (const { reject } of this.#waiting.splice(0, behind)) reject(lost.error);
    }
    this.#running = undefined;
  }

  /** What fails together is done by halves, so that one item does not take the others with it. @returns the failure after which nothing is tried */
  async #do(taken: Waiting<Item>[]): Promise<{ error: unknown } | undefined> {
    try {
      await this.#options.work(taken.map(({ item }) => item));
      for (const { resolve } of taken) resolve();
      return undefined;
    } catch (error) {
      const isLost = this.#options.isLost(error);
      if (!isLost && taken.length > 1) return this.#doByHalves(taken);
      for (const { reject } of taken) reject(error);
      return isLost ? { error } : undefined;
    }
  }

  async #doByHalves(taken: Waiting<Item>[]): Promise<{ error: unknown } | undefined> {
    const middle = Math.ceil(taken.length / 2);
    const lost = await this.#do(taken.slice(0, middle));
    if (!lost) return this.#do(taken.slice(middle));
    for (const { reject } of taken.slice(middle)) reject(lost.error);
    return lost;
  }
}
