import { AwsError } from '../../model.ts';

/** When something is to happen next after a time; both in milliseconds since 1970. Undefined: never again. */
export type Series = (after: number) => number | undefined;

const fields = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day-of-month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') },
  { name: 'day-of-week', least: 1, most: 7, names: 'SUN MON TUE WED THU FRI SAT'.split(' ') },
  { name: 'year', least: 1970, most: 2199 },
];

const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * EventBridge Scheduler User Guide, "Schedule types": `rate(5 minutes)`, `cron(0 4 15 * ? *)`, `at(2026-11-20T13:00:00)`, in UTC.
 * @param start of a rate: when it was made
 */
export function seriesOf(expression: string, start: number): Series {
  const [, kind, content = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return rate(expression, content, start);
  if (kind === 'cron') return cron(expression, content);
  const at = kind === 'at' ? Date.parse(`${content}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(expression);
  return (after) => (at > after ? at : undefined);
}

const invalid = (expression: string) =>
  new AwsError('ValidationException', `Invalid Schedule Expression ${expression}.`);

function rate(expression: string, content: string, start: number): Series {
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(content) ?? [];
  const period = Number(count) * (units[unit] ?? Number.NaN);
  if (!(period > 0)) throw invalid(expression);
  return (after) => start + Math.max(1, Math.floor((after - start) / period) + 1) * period;
}

function cron(expression: string, content: string): Series {
  const texts = content.trim().toUpperCase().split(/\s+/);
  // "Cron-based schedules": six fields, and a `?` in one of the two that name days.
  if (texts.length !== 6 || (texts[2] === '?') === (texts[4] === '?')) throw invalid(expression);
  const [minutes, hours, days, months, weekdays, years] = fields.map((field, index) =>
    valuesOf(expression, texts[index] ?? '', field),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const isDay = (day: Date) =>
    years.has(day.getUTCFullYear()) &&
    months.has(day.getUTCMonth() + 1) &&
    (texts[2] === '?'
      ? weekdays.has(day.getUTCDay() + 1)
      : days.has(day.getUTCDate()) || (texts[2] === 'L' && isLast(day)));
  const times = [...hours]
    .flatMap((hour) => [...minutes].map((minute) => hour * 3_600_000 + minute * 60_000))
    .sort((a, b) => a - b);
  return (after) => {
    const first = Math.floor(after / 86_400_000) * 86_400_000;
    // Leap days come after eight years at the most.
    for (let day = first; day < first + 9 * 366 * 86_400_000; day += 86_400_000) {
      if (!isDay(new Date(day))) continue;
      const time = times.find((one) => day + one > after);
      if (time !== undefined) return day + time;
    }
    return undefined;
  };
}

const isLast = (day: Date) => new Date(day.getTime() + 86_400_000).getUTCDate() === 1;

function valuesOf(expression: string, text: string, { least, most, names }: (typeof fields)[number]): Set<number> {
  if (text === '?' || text === 'L') return new Set();
  const value = (one: string) => {
    const named = names?.indexOf(one) ?? -1;
    const number = named >= 0 ? named + least : Number(one);
    if (!(number >= least && number <= most) || one === '') throw invalid(expression);
    return number;
  };
  const values = text.split(',').flatMap((part) => {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const from = low === '*' ? least : value(low);
    const to = high !== undefined ? value(high) : low === '*' || step !== undefined ? most : from;
    const every = step === undefined ? 1 : Number(step);
    if (!(every >= 1)) throw invalid(expression);
    return Array.from({ length: Math.max(0, Math.floor((to - from) / every) + 1) }, (_, index) => from + index * every);
  });
  return new Set(values);
}
