import type { Status } from './fairlead.ts';

/** Where the story is played, and what can be seen there whatever Fairlead says. */
export interface Place {
  /** `this machine`. */
  readonly name: string;
  /** What environments have left there. `environments` are those that are known now. */
  traces(environments: Status[]): Promise<Traces>;
  /** Whether a table of the preview holds a row with these values. */
  has(database: string, table: string, row: Record<string, number>): Promise<boolean>;
}

/** Names of things by their kind. */
export type Traces = Record<string, string[]>;

/** What is in the one and not in the other, without kinds of which there is nothing. */
export function difference(these: Traces, those: Traces): Traces {
  const entries = Object.entries(these).map(([kind, names]): [string, string[]] => [
    kind,
    names.filter((name) => !those[kind]?.includes(name)),
  ]);
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0));
}
