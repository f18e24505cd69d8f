import type { LogLine } from '../pipeline/mod.ts';

type Paint = (format: 'red' | 'yellow' | 'green' | 'cyan' | 'dim', text: string) => string;

/** Fields that are told in another way, or mean nothing to who reads along. */
const told = new Set(['level', 'time', 'message', 'service', 'endpoint', 'trace_id', 'span_id', 'error', 'stack']);

const colors = { error: 'red', fatal: 'red', warn: 'yellow', info: 'cyan' } as const;

/** A line of the application's log for people; what is not JSON of our logger stays as it is. */
export function renderLogLine({ process, text }: LogLine, paint: Paint): string {
  const entry = parse(text);
  if (!entry) return `${paint('dim', process)} ${text}`;
  const { level = 'info', time, message = '', service, endpoint, error, stack } = entry;
  const clock = typeof time === 'string' ? `${time.slice(11, 23)} ` : '';
  const source = [service, endpoint].filter(Boolean).join('.') || process;
  const color = colors[level as keyof typeof colors] ?? 'dim';
  const fields = Object.entries(entry)
    .filter(([name]) => !told.has(name))
    .map(([name, value]) => `${paint('dim', `${name}=`)}${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [
    `${paint('dim', clock)}${paint(color, String(level).toUpperCase().padEnd(5))} ${paint('dim', source)} ${message}`,
    ...fields,
    ...(error === undefined ? [] : [`\n  ${paint('red', String(stack ?? error)).replaceAll('\n', '\n  ')}`]),
  ].join(' ');
}

function parse(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'level' in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
