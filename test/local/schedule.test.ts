import { expect, test } from '@jest/globals';
import { nextRun } from '../../local/supervisor/schedule.ts';

const minutes = (count: number) => ({ every: count * 60_000 });

test.each([
  [minutes(60), '2026-03-01T10:20:00.000Z', '2026-03-01T11:00:00.000Z'],
  [minutes(60), '2026-03-01T10:00:00.000Z', '2026-03-01T11:00:00.000Z'],
  [minutes(60), '2026-03-01T10:59:59.999Z', '2026-03-01T11:00:00.000Z'],
  [minutes(24 * 60), '2026-03-01T10:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  // Seven hours do not divide a day: after the third run the count starts again at midnight.
  [minutes(7 * 60), '2026-03-01T20:59:00.000Z', '2026-03-01T21:00:00.000Z'],
  [minutes(7 * 60), '2026-03-01T21:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  [{ schedule: '0 4 15 * *' }, '2026-03-15T04:00:00.000Z', '2026-04-15T04:00:00.000Z'],
  [{ schedule: '*/20 * * * *' }, '2026-03-15T23:45:00.000Z', '2026-03-16T00:00:00.000Z'],
  // No daylight saving time in UTC.
  [{ schedule: '30 2 29 3 *' }, '2026-01-01T00:00:00.000Z', '2026-03-29T02:30:00.000Z'],
  [{ schedule: '0 0 30 2 *' }, '2026-01-01T00:00:00.000Z', undefined],
])('%j after %s runs at %s', (when, now, expected) => {
  expect(nextRun(when, new Date(now))?.toISOString()).toBe(expected);
});
