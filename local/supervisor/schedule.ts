import { Cron } from 'croner';

const day = 24 * 60 * 60 * 1000;

/** The first moment after `now` at which the job is due, in UTC: `every` counts from each midnight. Undefined: never again. */
export function nextRun(when: { every: number } | { schedule: string }, now: Date): Date | undefined {
  if ('schedule' in when)
    return new Cron(when.schedule, { timezone: 'UTC', mode: '5-part', paused: true }).nextRun(now) ?? undefined;
  const midnight = Math.floor(now.getTime() / day) * day;
  const next = midnight + (Math.floor((now.getTime() - midnight) / when.every) + 1) * when.every;
  return new Date(Math.min(next, midnight + day));
}
