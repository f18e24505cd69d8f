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
  #pass: ((signal: NodeJS.Signals) => void) | undefined;

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

  /** While it runs, every signal is somebody else's concern: it is passed on and does nothing here. */
  async passOn<T>(pass: (signal: NodeJS.Signals) => void, work: () => Promise<T>): Promise<T> {
    const hangUp = () => pass('SIGHUP');
    process.on('SIGHUP', hangUp);
    this.#pass = pass;
    try {
      return await work();
    } finally {
      this.#pass = undefined;
      process.off('SIGHUP', hangUp);
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
    if (this.#pass) {
      this.#pass(signal);
      return;
    }
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
