/** What went wrong with a cache. */
export class CacheError extends Error {
  override readonly name: string = 'CacheError';
}

/** The key to replace is not there. */
export class CacheMiss extends CacheError {
  override readonly name: string = 'CacheMiss';
}

/** The key to make is already there. */
export class CacheKeyExists extends CacheError {
  override readonly name: string = 'CacheKeyExists';
}
