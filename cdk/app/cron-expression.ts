const minutesOfDay = 1440;

const fields = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  {
    from: 1,
    to: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
    first: 1,
  },
  { from: 0, to: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], first: 0 },
] as const;

/**
 * The expressions of EventBridge Scheduler, in UTC, that together fire when a cron job does. There are several where its language
 * cannot say it in one: periods such as 90 minutes, and a day of the month or of the week.
 */
export function scheduleExpressions(when: { every: number } | { schedule: string }): string[] {
  return 'every' in when ? periodic(when.every / 60_000) : calendar(when.schedule);
}

/** Counted from midnight. */
function periodic(period: number): string[] {
  const times = Array.from({ length: Math.ceil(minutesOfDay / period) }, (_, index) => index * period);
  const byMinute = Map.groupBy(times, (time) => time % 60);
  const byHours = Map.groupBy(byMinute, ([, own]) =>
    list(
      own.map((time) => Math.floor(time / 60)),
      0,
      23,
    ),
  );
  return [...byHours].map(([hours, minutes]) => {
    const of = minutes.map(([minute]) => minute).sort((a, b) => a - b);
    return `cron(${list(of, 0, 59)} ${hours} * * ? *)`;
  });
}

/** Five fields: minute, hour, day of the month, month, day of the week. Where both days say something, either is enough. */
function calendar(schedule: string): string[] {
  const texts = schedule.trim().toLowerCase().split(/\s+/);
  if (texts.length !== 5) throw new Error(`the cron expression ${schedule} has not five fields`);
  const values = texts.map((text, index) => valuesOf(text, fields[index]!));
  const [minute, hour, day, month] = fields.map(({ from, to }, index) => list(values[index]!, from, to));
  const weekdays = [...new Set(values[4]!.map((value) => value % 7))].sort((a, b) => a - b);
  const dayOfWeek = weekdays.length === 7 ? '*' : weekdays.map((value) => value + 1).join(',');
  const [everyDay, everyWeekday] = [texts[2] === '*', texts[4] === '*'];
  const onDays = `cron(${minute} ${hour} ${day} ${month} ? *)`;
  const onWeekdays = `cron(${minute} ${hour} ? ${month} ${dayOfWeek} *)`;
  if (everyWeekday) return [onDays];
  return everyDay ? [onWeekdays] : [onDays, onWeekdays];
}

function valuesOf(text: string, field: (typeof fields)[number]): number[] {
  const values = text.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [low = '', high] = range.split('-');
    const from = low === '*' ? field.from : numberOf(low, field);
    // `5/10` goes on to the end; `5` is itself alone.
    const to = high === undefined ? (low === '*' || part.includes('/') ? field.to : from) : numberOf(high, field);
    // `fri-sun` ends with the Sunday after it.
    const last = to === 0 && from > 0 ? 7 : to;
    const length = Math.max(0, Math.floor((last - from) / Number(step)) + 1);
    return Array.from({ length }, (_, index) => from + index * Number(step));
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function numberOf(text: string, field: (typeof fields)[number]): number {
  const named = 'names' in field ? (field.names as readonly string[]).indexOf(text.slice(0, 3)) : -1;
  if ('names' in field && named >= 0) return named + field.first;
  return Number(text);
}

/** As short as can be: an expression has 256 characters. */
function list(values: number[], from: number, to: number): string {
  if (values.length === to - from + 1) return '*';
  const [first = from, second = to] = values;
  const step = second - first;
  const whole = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
  return values.length > 2 && values.join() === whole.join() ? `${first}/${step}` : values.join(',');
}
