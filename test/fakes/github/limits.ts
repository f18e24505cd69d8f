import type { Clock } from './model/clock.ts';

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: a workflow's token has 1,000 per hour and repository. */
export class Limits {
  readonly #clock: Clock;
  readonly limit: number;
  readonly #used = new Map<string, { hour: number; used: number }>();

  constructor(clock: Clock, limit = 1000) {
    this.#clock = clock;
    this.limit = limit;
  }

  /** Counts one request. @returns whether it is still within the limit, and the headers that say so */
  count(who: string, exhausted = false): { within: boolean; headers: Record<string, string> } {
    const now = this.#clock.now().getTime();
    const hour = Math.floor(now / 3_600_000);
    const former = this.#used.get(who);
    const used = (former?.hour === hour ? former.used : 0) + 1;
    this.#used.set(who, { hour, used });
    const within = used <= this.limit && !exhausted;
    const headers = {
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(within ? this.limit - used : 0),
      'x-ratelimit-used': String(within ? used : this.limit),
      'x-ratelimit-reset': String((hour + 1) * 3600),
      'x-ratelimit-resource': 'core',
    };
    return { within, headers };
  }
}
