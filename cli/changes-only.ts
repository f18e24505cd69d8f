import type { Reporter } from '../pipeline/mod.ts';

/** Tells what is done over and over only what it has not told the last time. */
export interface ChangesOnly {
  /** Reports a warning once, until a round has ended without it. */
  report: Reporter;
  /** Whether a text differs from the one before. */
  isNew(text: string): boolean;
  /** A round was done to its end: what it did not warn of is told again when it comes back. */
  roundEnded(): void;
}

export function changesOnly(report: Reporter): ChangesOnly {
  let told = new Set<string>();
  let current = new Set<string>();
  let last: string | undefined;
  return {
    report: {
      ...report,
      warn(message) {
        current.add(message);
        if (told.has(message)) return;
        told.add(message);
        report.warn(message);
      },
    },
    isNew(text) {
      const differs = text !== last;
      last = text;
      return differs;
    },
    roundEnded() {
      told = current;
      current = new Set();
    },
  };
}
