import type { Series } from './series.ts';

/** For whoever adds up by themselves: what counters have gained since that was taken last. Gauges are as they are. */
export class Changes {
  readonly #taken = new Map<string, number>();

  of(all: readonly Readonly<Series>[]): Readonly<Series>[] {
    return all.map((series) => {
      if (series.type !== 'counter') return series;
      const before = this.#taken.get(keyOf(series)) ?? 0;
      // A sum that is less than before has begun anew, such as that of workers of which one was replaced.
      return { ...series, value: series.value >= before ? series.value - before : series.value };
    });
  }

  /** These have been taken: what has not is in the next changes, too. */
  taken(all: readonly Readonly<Series>[]): void {
    for (const series of all) if (series.type === 'counter') this.#taken.set(keyOf(series), series.value);
  }
}

function keyOf({ name, labels }: Readonly<Series>): string {
  return JSON.stringify([name, labels]);
}
