/** What goes wrong, when, how often. */
export interface Fault {
  /** @default any */
  method?: string;
  /** Of the path, without the query. @default any */
  path?: RegExp;
  /** How many fitting requests go well first. @default 0 */
  after?: number;
  /** How many go wrong then. @default 1 */
  times?: number;
  how: How;
}

/**
 * `drop`: the connection ends before the request does anything; `lose`: it is done, but the answer is lost.
 * `limit`: no requests are left: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * `secondary`: too many at once, with the seconds to wait.
 */
export type How =
  | 'drop'
  | 'lose'
  | { status: 404 | 500 | 502 | 503 | 504 }
  | { limit: true; status?: Limited }
  | { secondary: number; status?: Limited };

/** GitHub answers either. @default 403 */
type Limited = 403 | 429;

export class Faults {
  #faults: { fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** What goes wrong with this request. The faults are asked in their order; what one takes, the next ones do not count. */
  next(method: string, path: string): How | undefined {
    for (const entry of this.#faults) {
      const { fault } = entry;
      if ((fault.method && fault.method !== method) || (fault.path && !fault.path.test(path))) continue;
      entry.seen += 1;
      const { after = 0, times = 1 } = fault;
      if (entry.seen > after && entry.seen <= after + times) return fault.how;
    }
    return undefined;
  }
}
