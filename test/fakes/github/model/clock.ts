/** The time of a simulation: it stands still until someone moves it. */
export class VirtualClock {
  #now: number;

  /** @param start ISO 8601 */
  constructor(start = '2026-11-02T09:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** @param milliseconds at least 0 */
  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new RangeError('Time does not go back.');
    this.#now += milliseconds;
  }
}

export interface Clock {
  now(): Date;
}

/** As GitHub writes times: ISO 8601 in UTC, to the second. */
export function isoTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
