import { duration } from '../pipeline/duration.ts';
import type { Phase, Reporter } from '../pipeline/mod.ts';

/** Where progress is shown. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
}

/** A reporter that remembers how long what took. */
export interface Phases {
  report: Reporter;
  /** In the order in which they began. */
  all: readonly Phase[];
  /** Those that have not ended, the innermost last. */
  open(): Phase[];
}

/** Reports to a log; `now` in milliseconds. */
export function collectPhases(log: Log, now: () => number): Phases {
  const all: Phase[] = [];
  const open = () => all.filter(({ milliseconds }) => milliseconds === undefined);
  return {
    all,
    open,
    report: {
      async step(title, work) {
        const begin = now();
        const phase: Phase = { title, depth: open().length, failed: true };
        all.push(phase);
        try {
          const result = await work();
          phase.failed = false;
          return result;
        } finally {
          phase.milliseconds = now() - begin;
          log.info(`${phase.failed ? '✖' : '✔'} ${title} (${duration(phase.milliseconds)})`);
        }
      },
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
    },
  };
}
