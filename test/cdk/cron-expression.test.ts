import { expect, test } from '@jest/globals';
import { Cron } from 'croner';
import fc from 'fast-check';
import { scheduleExpressions } from '../../cdk/app/cron-expression.ts';

const minute = 60_000;

test.each([
  [1, ['cron(* * * * ? *)']],
  [15, ['cron(0/15 * * * ? *)']],
  [60, ['cron(0 * * * ? *)']],
  [90, ['cron(0 0/3 * * ? *)', 'cron(30 1/3 * * ? *)']],
  [360, ['cron(0 0/6 * * ? *)']],
  [720, ['cron(0 0,12 * * ? *)']],
  [1440, ['cron(0 0 * * ? *)']],
])('every %s minutes', (period, expressions) => {
  expect(scheduleExpressions({ every: period * minute })).toEqual(expressions);
});

test.each([
  ['0 4 * * *', ['cron(0 4 * * ? *)']],
  ['*/5 8-10 * * *', ['cron(0/5 8,9,10 * * ? *)']],
  ['0 0 1 jan,JUL *', ['cron(0 0 1 1,7 ? *)']],
  ['30 6 * * mon-fri', ['cron(30 6 ? * 2,3,4,5,6 *)']],
  ['30 6 * * 0', ['cron(30 6 ? * 1 *)']],
  ['30 6 * * 7', ['cron(30 6 ? * 1 *)']],
  ['0 12 13 * 5', ['cron(0 12 13 * ? *)', 'cron(0 12 ? * 6 *)']],
])('%s', (schedule, expressions) => {
  expect(scheduleExpressions({ schedule })).toEqual(expressions);
});

/** When expressions of EventBridge Scheduler fire on one day, in minutes: ours use lists and steps only. */
function fires(expressions: string[], date: Date): number[] {
  const of = expressions.flatMap((expression) => {
    const [minutes, hours, day, month, weekday] = expression.replace(/^cron\(|\)$/g, '').split(' ') as [
      string,
      string,
      string,
      string,
      string,
    ];
    const fits = (field: string, value: number, to: number) =>
      field === '*' || field === '?' || field.split(',').some((part) => steps(part, to).includes(value));
    const today =
      fits(day, date.getUTCDate(), 31) &&
      fits(month, date.getUTCMonth() + 1, 12) &&
      fits(weekday, date.getUTCDay() + 1, 7);
    if (!today) return [];
    return Array.from({ length: 1440 }, (_, time) => time).filter(
      (time) => fits(minutes, time % 60, 59) && fits(hours, Math.floor(time / 60), 23),
    );
  });
  return [...new Set(of)].sort((a, b) => a - b);
}

function steps(part: string, to: number): number[] {
  const [first, step] = part.split('/').map(Number) as [number, number | undefined];
  if (step === undefined) return [first];
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

test('any period fires when it is due, counted from midnight', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1440 }), (period) => {
      const expressions = scheduleExpressions({ every: period * minute });
      for (const expression of expressions) expect(expression.length).toBeLessThanOrEqual(256);
      const due = Array.from({ length: Math.ceil(1440 / period) }, (_, index) => index * period);
      expect(fires(expressions, new Date('2026-03-04'))).toEqual(due);
    }),
  );
});

test('any cron expression fires when croner says so', () => {
  const field = (from: number, to: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: from, max: to }).map(String),
      fc.tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to })).map((pair) => {
        const [low, high] = pair.sort((a, b) => a - b);
        return `${low}-${high}`;
      }),
      fc.integer({ min: 1, max: to }).map((step) => `*/${step}`),
      fc.array(fc.integer({ min: from, max: to }), { minLength: 2, maxLength: 3 }).map((values) => values.join(',')),
    );
  const day = fc.integer({ min: 0, max: 364 }).map((days) => new Date(Date.UTC(2026, 0, 1 + days)));
  const anyOr = (other: fc.Arbitrary<string>) => fc.oneof(fc.constant('*'), other);
  const schedule = fc
    .tuple(field(0, 59), field(0, 23), anyOr(field(1, 31)), anyOr(field(1, 12)), anyOr(field(0, 6)))
    .map((fields) => fields.join(' '));
  fc.assert(
    fc.property(schedule, day, (text, date) => {
      const start = new Date(date.getTime() - 1000);
      const end = date.getTime() + 86_400_000;
      const expected: number[] = [];
      const cron = new Cron(text, { timezone: 'UTC', paused: true });
      for (let next = cron.nextRun(start); next && next.getTime() < end; next = cron.nextRun(next))
        expected.push((next.getTime() - date.getTime()) / minute);
      expect(fires(scheduleExpressions({ schedule: text }), date)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});
