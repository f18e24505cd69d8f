import { currentAuthData } from '../request.ts';

/** What the auth handler said of the caller of the current request: what `~encore/auth` is made of. Null for an anonymous one. */
export function getAuthData(): object | null {
  return currentAuthData() ?? null;
}
