/** How long a value stays, from the moment it is written. */
export type Expiry = { readonly after: number } | { readonly dailyAt: number } | 'never' | 'keep';

const [second, minute, hour] = [1000, 60_000, 3_600_000];
const day = 24 * hour;

/** The value goes after so many milliseconds. @throws RangeError when they are less than 1 */
export function expireIn(milliseconds: number): Expiry {
  if (!(milliseconds >= 1 && milliseconds <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`a value expires after 1 ms at the least: ${milliseconds}`);
  return { after: Math.round(milliseconds) };
}

/** The value goes after so many seconds. @throws RangeError when they are less than 1 ms */
export function expireInSeconds(seconds: number): Expiry {
  return expireIn(seconds * second);
}

/** The value goes after so many minutes. @throws RangeError when they are less than 1 ms */
export function expireInMinutes(minutes: number): Expiry {
  return expireIn(minutes * minute);
}

/** The value goes after so many hours. @throws RangeError when they are less than 1 ms */
export function expireInHours(hours: number): Expiry {
  return expireIn(hours * hour);
}

/** The value goes at the next such time of day, in UTC. @throws RangeError when there is no such time */
export function expireDailyAt(hours: number, minutes: number, seconds: number): Expiry {
  const fits = (value: number, below: number) => Number.isInteger(value) && value >= 0 && value < below;
  if (!fits(hours, 24) || !fits(minutes, 60) || !fits(seconds, 60))
    throw new RangeError(`there is no such time of day: ${hours}:${minutes}:${seconds}`);
  return { dailyAt: hours * hour + minutes * minute + seconds * second };
}

/** The value stays; an expiry that the key has goes. */
export const neverExpire: Expiry = 'never';

/** The key keeps the expiry that it has. */
export const keepTTL: Expiry = 'keep';

/** What else would be no expiry at all: the value would stay. @throws TypeError */
export function checkExpiry(expiry: Expiry | undefined): Expiry | undefined {
  if (expiry === undefined || expiry === 'never' || expiry === 'keep') return expiry;
  const { after, dailyAt } = Object(expiry) as { after?: unknown; dailyAt?: unknown };
  if (Number.isFinite(after ?? dailyAt)) return expiry;
  throw new TypeError(`an expiry is what \`expireIn\` and its like give: ${String(expiry)}`);
}

/** What the options of a write say. @throws TypeError for an expiry in their place, which would go unheard */
export function expiryIn(options: { expiry?: Expiry }): Expiry | undefined {
  const given: unknown = options;
  if (typeof given === 'object' && given !== null && !('after' in given) && !('dailyAt' in given))
    return checkExpiry(options.expiry);
  throw new TypeError('options are an object such as `{ expiry: expireInMinutes(5) }`');
}

/** Milliseconds from `now` on, which are milliseconds since 1970; undefined when it does not expire by this. */
export function timeToLive(expiry: Expiry | undefined, now: number): number | undefined {
  if (typeof expiry !== 'object') return undefined;
  if ('after' in expiry) return expiry.after;
  const left = (expiry.dailyAt - (now % day) + day) % day;
  return left === 0 ? day : left;
}
