import type { Environment, Lock } from '../../../pipeline/mod.ts';
import type { Run } from './run.ts';

/** One run at a time for each environment, in the order of asking; freed when its holder dies. */
export class Turns {
  readonly #queues = new Map<string, { run: Run; begin: () => void }[]>();

  lockOf(run: Run): Lock {
    return { hold: ({ name }: Environment, work) => this.#hold(run, name, work) };
  }

  async #hold<T>(run: Run, name: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    const turn = { run, begin: () => {} };
    const leave = () => {
      const index = queue.indexOf(turn);
      if (index >= 0) queue.splice(index, 1);
      if (index === 0) queue[0]?.begin();
    };
    run.onDeath.push(leave);
    await new Promise<void>((begin) => {
      turn.begin = begin;
      queue.push(turn);
      if (queue.length === 1) begin();
    });
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
