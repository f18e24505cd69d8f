/** How long a message is kept at a time, so that one whose process dies is not late for everybody. Milliseconds. */
const longestStep = 60_000;

/** What is not worth a request. Milliseconds. */
const slack = 500;

export interface LeaseOptions {
  /** Milliseconds that a message may be handled for. */
  deadline: number;
  /** Keeps the message from everybody else for so many milliseconds, from now on. */
  extend(milliseconds: number): void;
}

/** How long a message is kept when it is received. @param deadline milliseconds that it may be handled for */
export function firstStep(deadline: number): number {
  return Math.min(deadline, longestStep);
}

/**
 * Keeps a message, that was received for {@link firstStep}, while it waits for its turn and then for its deadline. It is let go by
 * itself afterwards: whoever is not done by then is not waited for.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #step: number;
  readonly #timer: NodeJS.Timeout;
  #until: number;
  #end = Number.POSITIVE_INFINITY;

  constructor(options: LeaseOptions, now: number = Date.now()) {
    this.#options = options;
    this.#step = firstStep(options.deadline);
    this.#until = now + this.#step;
    this.#timer = setInterval(() => this.#keep(Date.now()), this.#step / 3);
  }

  /** From here on the deadline counts. */
  begin(now: number = Date.now()): void {
    this.#end = now + this.#options.deadline;
  }

  release(): void {
    clearInterval(this.#timer);
  }

  #keep(now: number): void {
    const until = Math.min(now + this.#step, this.#end);
    if (until > this.#until + slack) {
      this.#options.extend(until - now);
      this.#until = until;
    }
    if (now > this.#end) this.release();
  }
}
