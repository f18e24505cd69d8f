import { physicalName } from '../names.ts';

/** The name a user of the cache signs in with. */
export function cacheUserName(key: string): string {
  return physicalName('cacheUser', ...key.split('/'));
}
