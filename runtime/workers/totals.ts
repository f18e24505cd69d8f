import { type Series, sumOf } from '../metrics/series.ts';

/** What the workers of a process have counted, together. */
export class Totals {
  /** Counters of workers that are no more: a sum that fell would be taken for a new beginning. */
  #gone: readonly Series[] = [];
  /** By index of the worker, as it last said. */
  readonly #latest = new Map<number, readonly Series[]>();

  report(worker: number, series: readonly Series[]): void {
    this.#latest.set(worker, series);
  }

  ended(worker: number): void {
    const counters = this.#latest.get(worker)?.filter(({ type }) => type === 'counter') ?? [];
    this.#gone = sumOf([this.#gone, counters]);
    this.#latest.delete(worker);
  }

  series(): Series[] {
    return sumOf([this.#gone, ...this.#latest.values()]);
  }
}
