import type { MigrationStatement } from '../../graph.ts';

/** What a statement does to what was there before it. */
export interface Effect {
  /** A clause without a subject. */
  does: string;
  /** Data goes, or code written for the former schema may fail. */
  breaks?: boolean;
  /** Who waits for it, and for how long: `while …`. */
  locks?: string;
}

export function additive(does: string): Effect {
  return { does };
}

export function locking(does: string, locks: string): Effect {
  return { does, locks };
}

export function destructive(does: string, locks?: string): Effect {
  return { does, breaks: true, ...(locks !== undefined && { locks }) };
}

/** The same to something that was not there before: it holds no data, and no code knows it. */
export function harmless({ does }: Effect): Effect {
  return { does };
}

/** Several effects of one statement as one. */
export function merge(effects: readonly Effect[]): Effect {
  const locks = effects.find((effect) => effect.locks !== undefined)?.locks;
  return {
    does: effects.map(({ does }) => does).join(' and '),
    ...(effects.some(({ breaks }) => breaks) && { breaks: true }),
    ...(locks !== undefined && { locks }),
  };
}

export function classOf({ breaks, locks }: Effect): MigrationStatement['safety'] {
  if (breaks) return 'destructive';
  return locks === undefined ? 'additive' : 'locking';
}

export function reasonOf({ does, locks }: Effect): string {
  return locks === undefined ? does : `${does}, ${locks}`;
}

export function rewritten(table: string): string {
  return `while ${table} is rewritten and nobody can use it`;
}

export function scanned(table: string): string {
  return `while ${table} is scanned and nobody can use it`;
}

export function scannedForReaders(table: string): string {
  return `while ${table} is scanned and nobody can write to it`;
}
