import type { CacheScope } from './cache-scopes.ts';
import type { Clock } from './clock.ts';

export interface Cache {
  id: number;
  scope: string;
  key: string;
  /** Of the paths and the compression. */
  version: string;
  content: Uint8Array;
  /** Milliseconds since 1970. */
  createdAt: number;
  usedAt: number;
}

/** "GitHub will remove any cache entries that have not been accessed in over 7 days." */
const unused = 7 * 24 * 3_600_000;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching */
export class Caches {
  readonly #clock: Clock;
  #caches: Cache[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Newest first. */
  list(): Cache[] {
    const oldest = this.#clock.now().getTime() - unused;
    this.#caches = this.#caches.filter(({ usedAt }) => usedAt >= oldest);
    return [...this.#caches].reverse();
  }

  /** Entries do not change: undefined when there is one of this key. */
  add(cache: Omit<Cache, 'createdAt' | 'usedAt'>): Cache | undefined {
    if (this.has(cache.scope, cache.key, cache.version)) return undefined;
    const now = this.#clock.now().getTime();
    const kept = { ...cache, createdAt: now, usedAt: now };
    this.#caches.push(kept);
    return kept;
  }

  has(scope: string, key: string, version: string): boolean {
    return this.list().some((one) => one.scope === scope && one.key === key && one.version === version);
  }

  /**
   * Scope by scope: the key itself, then what begins with it, then what begins with one of the other keys, newest first.
   * https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#cache-key-matching
   */
  find(scopes: CacheScope[], key: string, restoreKeys: string[], version: string): Cache | undefined {
    for (const { scope } of scopes) {
      const own = this.list().filter((one) => one.scope === scope && one.version === version);
      const found =
        own.find((one) => one.key === key) ??
        [key, ...restoreKeys].map((prefix) => own.find((one) => one.key.startsWith(prefix))).find(Boolean);
      if (found) {
        found.usedAt = this.#clock.now().getTime();
        return found;
      }
    }
    return undefined;
  }
}
