/** A message: `number` counts those of its key from 0, and handlers never take one that is poison. */
export interface Job {
  key: string;
  number: number;
  poison: boolean;
}

export type Entry =
  /** The publisher was told that the message is kept. */
  ({ what: 'acknowledged' } & Job) | ({ what: 'begin' | 'end'; subscription: string } & Job);

/** Those of the topic. */
export const subscriptions: readonly string[] = ['work', 'audit'];

/** Generous: a message may be in the hands of several processes that are killed, one after the other. */
export const maxRetries = 12;

/** A row that is left in the queue of a subscription when all has been done. */
export interface Left {
  subscription: string;
  state: string;
  body: string;
  last_error: string | null;
}

export interface Verdict {
  acknowledged: number;
  /** Messages and subscriptions that came to an end, those included whose publisher was killed before it heard so. */
  handled: number;
  /** Ends beyond the first. */
  duplicates: number;
  deadLetters: number;
  /** What must not be, in words; the first hundred. */
  faults: string[];
}

/** Holds what happened to what is promised. `entries` are in the order in which they were written. */
export function judge(entries: readonly Entry[], left: readonly Left[]): Verdict {
  const faults: string[] = [];
  const acknowledged = entries.filter((entry) => entry.what === 'acknowledged');
  const ends = new Map<string, number>();
  for (const entry of entries)
    if (entry.what === 'end')
      ends.set(idOf(entry.subscription, entry), (ends.get(idOf(entry.subscription, entry)) ?? 0) + 1);
  const dead = new Map<string, Left>();
  for (const row of left) {
    const job = JSON.parse(row.body) as Job;
    const id = idOf(row.subscription, job);
    if (row.state !== 'dead') faults.push(`${id} is ${row.state} and not done`);
    else if (!job.poison) faults.push(`${id} is a dead letter, and nothing is wrong with it: ${row.last_error}`);
    else if (row.last_error !== `poison ${job.key} ${job.number}`)
      faults.push(`${id} is a dead letter with: ${row.last_error}`);
    dead.set(id, row);
  }
  for (const job of acknowledged)
    for (const subscription of subscriptions) {
      const id = idOf(subscription, job);
      if (job.poison ? !dead.has(id) : !ends.has(id)) faults.push(`${id} was acknowledged and is lost`);
    }
  faults.push(...disorder(entries));
  return {
    acknowledged: acknowledged.length,
    handled: ends.size,
    duplicates: [...ends.values()].reduce((sum, count) => sum + count - 1, 0),
    deadLetters: dead.size,
    faults: faults.slice(0, 100),
  };
}

/** Of one key no message is begun before the one before it is done with, and none again after a later one was begun. */
function disorder(entries: readonly Entry[]): string[] {
  const latest = new Map<string, number>();
  return entries.flatMap((entry) => {
    if (entry.what !== 'begin') return [];
    const key = `${entry.subscription} ${entry.key}`;
    const former = latest.get(key) ?? -1;
    latest.set(key, Math.max(former, entry.number));
    if (entry.number >= former && entry.number <= former + 1) return [];
    return [`${idOf(entry.subscription, entry)} was begun after ${former}`];
  });
}

function idOf(subscription: string, { key, number }: Job): string {
  return `${subscription} ${key} ${number}`;
}
