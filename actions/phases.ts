import { duration } from '../pipeline/duration.ts';
import { plain, table } from '../pipeline/markdown.ts';
import type { Reporter } from '../pipeline/mod.ts';

/** One step of the work, and how long it took. */
export interface Phase {
  title: string;
  /** 0 for what is part of nothing else. */
  depth: number;
  milliseconds?: number;
  failed: boolean;
}

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

/** Phases as a table of Markdown; empty when there are none. */
export function renderPhases(phases: readonly Phase[]): string {
  if (phases.length === 0) return '';
  const rows = phases.map(({ title, depth, milliseconds, failed }) => [
    `${'&nbsp;'.repeat(depth * 4)}${plain(title)}${failed ? ' ✖' : ''}`,
    milliseconds === undefined ? 'stopped' : duration(milliseconds),
  ]);
  return table(['Phase', 'Time'], rows);
}
