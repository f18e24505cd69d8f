import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the next analysis finds what it need not compute again, unless it is told another place. */
export function defaultCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead');
}
