import type { World } from '../model.ts';
import type { Series } from './scheduler/expression.ts';

/** Does `work` at each time of the series, one after the other. Answers a function that ends it. */
export function keepTo(world: World, series: Series, work: (due: number) => Promise<void> | void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const run = async () => {
    for (let due = series(world.clock.now()); due !== undefined && !signal.aborted; due = series(due)) {
      await world.clock.sleep(due - world.clock.now(), { signal, background: true });
      await work(due);
    }
  };
  run().catch((error) => {
    if (!signal.aborted) console.error(error);
  });
  return () => stop.abort();
}
