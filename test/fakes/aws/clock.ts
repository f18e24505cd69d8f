import type { Clock, SleepOptions } from './model.ts';

/**
 * `manual`: stands still until it is advanced. `factor`: so many times as fast as the wall clock. `instant`: runs with the wall clock,
 * and leaps to the end of each sleep that somebody waits for, in the order in which they end.
 */
export type ClockMode = 'manual' | 'instant' | { factor: number };

interface Timer {
  due: number;
  order: number;
  background: boolean;
  ring: () => void;
}

export class VirtualClock implements Clock {
  readonly #mode: ClockMode;
  /** Virtual milliseconds at `#wall`. */
  #base: number;
  #wall = performance.now();
  #timers: Timer[] = [];
  #order = 0;
  #wake: NodeJS.Timeout | undefined;
  #leaping = false;
  #disposed = false;

  /** @param start milliseconds since 1970 */
  constructor(mode: ClockMode, start: number) {
    this.#mode = mode;
    this.#base = start;
  }

  now(): number {
    return Math.floor(this.#base + (performance.now() - this.#wall) * this.#factor);
  }

  sleep(milliseconds: number, { signal, background = false }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        reject(signal?.reason);
      };
      const ring = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      // Whole, as `now` is: the clock could not get to a fraction.
      const timer = { due: this.now() + Math.ceil(Math.max(0, milliseconds)), order: this.#order++, background, ring };
      signal?.addEventListener('abort', abort, { once: true });
      this.#timers.push(timer);
      this.#arm();
    });
  }

  async advance(milliseconds: number): Promise<void> {
    // What was just called may still be about to sleep.
    await settle();
    const end = this.now() + milliseconds;
    for (let next = this.#first(); next && next.due <= end; next = this.#first()) {
      await this.#leapTo(next.due);
    }
    this.#set(Math.max(end, this.now()));
    await settle();
    this.#arm();
  }

  /** Nothing that sleeps wakes any more. */
  dispose(): void {
    this.#disposed = true;
    this.#timers = [];
    clearTimeout(this.#wake);
  }

  get #factor(): number {
    if (this.#mode === 'manual') return 0;
    return this.#mode === 'instant' ? 1 : this.#mode.factor;
  }

  #first(which: (timer: Timer) => boolean = () => true): Timer | undefined {
    return this.#timers.filter(which).sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }

  #set(now: number): void {
    this.#base = now;
    this.#wall = performance.now();
  }

  /** Sets the time, rings what is due, and lets what hangs on it happen, which may sleep again. */
  async #leapTo(due: number): Promise<void> {
    this.#set(Math.max(due, this.now()));
    this.#ring();
    await settle();
  }

  #ring(): void {
    const now = this.now();
    for (let next = this.#first(); next && next.due <= now; next = this.#first()) {
      this.#timers.splice(this.#timers.indexOf(next), 1);
      next.ring();
    }
  }

  #arm(): void {
    if (this.#disposed || this.#mode === 'manual') return;
    if (this.#mode === 'instant' && this.#first(({ background }) => !background)) {
      if (!this.#leaping) void this.#leap();
      return;
    }
    clearTimeout(this.#wake);
    const next = this.#first();
    if (!next) return;
    const wait = Math.min(Math.max(0, (next.due - this.now()) / this.#factor), 2 ** 31 - 1);
    this.#wake = setTimeout(() => {
      this.#ring();
      this.#arm();
    }, Math.ceil(wait)).unref();
  }

  async #leap(): Promise<void> {
    this.#leaping = true;
    await settle();
    const waited = () => this.#first(({ background }) => !background);
    for (let last = waited(); last && !this.#disposed; last = waited()) {
      const next = this.#first();
      if (next) await this.#leapTo(Math.min(next.due, last.due));
    }
    this.#leaping = false;
    this.#arm();
  }
}

/** What follows from promises that are resolved now has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
