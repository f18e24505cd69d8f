import { constants } from 'node:os';

type Signal = 'SIGINT' | 'SIGTERM';

/** The user asked to stop, and the work stopped at a safe point. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: Signal) {
    super(`stopped by ${signal}`);
    this.exitCode = exitCodeOf(signal);
  }
}

/**
 * Turns SIGINT and SIGTERM into a stop at the next safe point. Who has something to finish marks it with `busy`; while
 * nobody has, the process ends at once. So it does at a second signal.
 */
export class Interruption {
  readonly #controller = new AbortController();
  /** What to say of each work that is going on, the outermost first. */
  readonly #busy = new Set<() => void>();
  #pending: Interrupted | undefined;
  #since = 0;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#received(signal));
  }

  /** Aborts with the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs work that a signal must not cut; `announce` is called when one comes. */
  async busy<T>(work: () => Promise<T>, announce: () => void = () => {}): Promise<T> {
    const entry = () => announce();
    this.#busy.add(entry);
    try {
      return await work();
    } finally {
      this.#busy.delete(entry);
    }
  }

  /** A safe point: throws once after a signal, so that what unwinds may take further steps. Calls `stopping` before. @throws Interrupted */
  checkpoint(stopping: () => void = () => {}): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return;
    stopping();
    throw pending;
  }

  #received(signal: Signal): void {
    if (this.#busy.size === 0) process.exit(exitCodeOf(signal));
    if (!this.signal.aborted) {
      this.#since = performance.now();
      this.#pending = new Interrupted(signal);
      [...this.#busy].at(-1)?.();
      this.#controller.abort(this.#pending);
      return;
    }
    // One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
    if (performance.now() - this.#since > 300) process.exit(exitCodeOf(signal));
  }
}

function exitCodeOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}
