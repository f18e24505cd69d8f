import type { UserError } from '../../../../pipeline/mod.ts';
import type { Clock } from './clock.ts';

/** What may go better the next time. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** What the user is told when it never does. */
  readonly final: UserError;
  /** Milliseconds that the registry asked to wait. */
  readonly after: number | undefined;

  constructor(final: UserError, after?: number) {
    super(final.message);
    [this.final, this.after] = [final, after];
  }
}

export interface RetryPolicy {
  /** The first one counts. @default 5 */
  attempts: number;
  /** The longest wait before the second attempt; it doubles from then on. Milliseconds. @default 500 */
  base: number;
  /** The longest wait of our own choice. Milliseconds. @default 20_000 */
  longest: number;
  /** The longest wait that a registry may ask for; one that asks for more is given up. Milliseconds. @default 300_000 */
  patience: number;
}

export const defaultRetry: RetryPolicy = { attempts: 5, base: 500, longest: 20_000, patience: 300_000 };

export interface Retrier {
  policy: RetryPolicy;
  clock: Clock;
  /** From 0 to 1, so that many clients do not come back at the same time. */
  random: () => number;
}

/** Counts what failed in a row. */
export class Attempts {
  readonly #retrier: Retrier;
  readonly #signal: AbortSignal | undefined;
  #failed = 0;

  constructor(retrier: Retrier, signal?: AbortSignal) {
    [this.#retrier, this.#signal] = [retrier, signal];
  }

  /** Waits until it is worth another attempt, or throws what the user is to know. */
  async after(error: unknown): Promise<void> {
    if (!(error instanceof Transient)) throw error;
    const { policy, clock, random } = this.#retrier;
    this.#failed += 1;
    const wait = waitAfter(this.#failed, error.after, policy, random());
    if (wait === undefined) throw error.final;
    await clock.sleep(wait, this.#signal);
  }

  /** There was progress: what fails from now on is new. */
  succeed(): void {
    this.#failed = 0;
  }
}

/** Calls `work` until it does not throw a Transient any more. */
export async function retry<T>(retrier: Retrier, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const attempts = new Attempts(retrier, signal);
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      await attempts.after(error);
    }
  }
}

/** Milliseconds, or undefined when it is time to give up. What a registry asks for is kept to, with a little on top. */
export function waitAfter(
  attempt: number,
  asked: number | undefined,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  if (attempt >= policy.attempts || (asked ?? 0) > policy.patience) return undefined;
  const own = Math.min(policy.longest, policy.base * 2 ** (attempt - 1));
  return Math.round(asked === undefined ? own * random : asked + policy.base * random);
}

/** The milliseconds of a Retry-After header: seconds, or a date. Undefined when it is neither. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
