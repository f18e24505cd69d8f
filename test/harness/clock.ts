/** A process: what it waits for can be taken away from it, and then it never goes on. */
export class Task {
  readonly name: string;
  /** How many of its waits are open. */
  waiting = 0;
  done = false;
  dead = false;
  readonly interruption = new AbortController();

  constructor(name: string) {
    this.name = name;
  }
}

interface Moment {
  at: number;
  order: number;
  task: Task | undefined;
  run: () => void;
}

const patience = 20_000;

/**
 * Virtual time. Nothing happens between two moments; at each, one thing happens, and then everything that follows from it
 * without waiting.
 */
export class VirtualClock {
  /** Milliseconds since 1970. */
  time: number;
  #order = 0;
  #moments: Moment[] = [];
  readonly #tasks = new Set<Task>();

  /** @param start ISO 8601 */
  constructor(start = '2026-11-02T09:00:00Z') {
    this.time = Date.parse(start);
  }

  now(): Date {
    return new Date(this.time);
  }

  /** Calls back after a while, unless the answer is called before. */
  after(milliseconds: number, run: () => void, task?: Task): () => void {
    const moment = { at: this.time + milliseconds, order: this.#order++, task, run };
    const place = this.#moments.findIndex(({ at }) => at > moment.at);
    this.#moments.splice(place === -1 ? this.#moments.length : place, 0, moment);
    return () => {
      const index = this.#moments.indexOf(moment);
      if (index !== -1) this.#moments.splice(index, 1);
    };
  }

  /** For a process: resolves after a while, or never when it has been killed. */
  sleep(milliseconds: number, task: Task): Promise<void> {
    if (task.dead) return new Promise(() => {});
    task.waiting++;
    return new Promise((resolve) => {
      this.after(
        milliseconds,
        () => {
          task.waiting--;
          resolve();
        },
        task,
      );
    });
  }

  start(task: Task): void {
    this.#tasks.add(task);
  }

  end(task: Task): void {
    task.done = true;
    this.#tasks.delete(task);
  }

  kill(task: Task): void {
    task.dead = true;
    this.#tasks.delete(task);
    this.#moments = this.#moments.filter((moment) => moment.task !== task);
  }

  get idle(): boolean {
    return this.#moments.length === 0;
  }

  /** Does what is next, if anything is before `until`; else it is then. */
  async advance(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.rest();
    const next = this.#moments[0];
    if (!next || next.at > until) {
      if (Number.isFinite(until)) this.time = Math.max(this.time, until);
      return false;
    }
    this.#moments.shift();
    this.time = next.at;
    next.run();
    await this.rest();
    return true;
  }

  /** Until every process waits for a moment, has ended or is dead. */
  async rest(): Promise<void> {
    await macrotask();
    for (let turns = 0; ; turns++) {
      const busy = [...this.#tasks].find(({ waiting, done, dead }) => waiting === 0 && !done && !dead);
      if (!busy) return;
      if (turns === patience) throw new Error(`${busy.name} neither ends nor waits for anything of the virtual clock`);
      await macrotask();
    }
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
