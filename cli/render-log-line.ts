import type { LogLine } from '../pipeline/mod.ts';
import { printable } from './printable.ts';

type Paint = (format: 'red' | 'yellow' | 'green' | 'cyan' | 'dim', text: string) => string;

/** Fields that are told in another way, or mean nothing to who reads along. */
const told = new Set(['level', 'time', 'message', 'service', 'endpoint', 'trace_id', 'span_id', 'error', 'stack']);

const colors = { error: 'red', fatal: 'red', warn: 'yellow', info: 'cyan' } as const;

/** A line of the application's log for people; what is not JSON of our logger stays as it is. */
export function renderLogLine({ process, text }: LogLine, paint: Paint): string {
  const entry = parse(text);
  if (!entry) return `${paint('dim', process)} ${printable(text)}`;
  const clock = typeof entry.time === 'string' ? [paint('dim', entry.time.slice(11, 23))] : [];
  const source = paint('dim', [entry.service, entry.endpoint].filter(Boolean).join('.') || process);
  const body = isRequest(entry)
    ? [renderRequest(entry, paint), source]
    : [renderLevel(entry, paint), source, ...renderRest(entry, paint)];
  return [...clock, ...body].join(' ');
}

interface Entry {
  level: string;
  message?: string;
  [field: string]: unknown;
}

interface RequestEntry extends Entry {
  method: string;
  path: string;
  status: number;
  duration_ms: number;
}

function isRequest(entry: Entry): entry is RequestEntry {
  return entry.message === 'request completed' && typeof entry.status === 'number';
}

function renderRequest({ method, path, status, duration_ms }: RequestEntry, paint: Paint): string {
  const color = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  return `${method} ${printable(path)} ${paint(color, String(status))} ${Math.round(duration_ms)} ms`;
}

function renderLevel({ level }: Entry, paint: Paint): string {
  return paint(colors[level as keyof typeof colors] ?? 'dim', level.toUpperCase().padEnd(5));
}

function renderRest(entry: Entry, paint: Paint): string[] {
  const fields = Object.entries(entry)
    .filter(([name]) => !told.has(name))
    .map(
      ([name, value]) =>
        `${paint('dim', `${name}=`)}${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
  const error = entry.stack ?? entry.error;
  const trail = error === undefined ? [] : [`\n  ${paint('red', printable(String(error))).replaceAll('\n', '\n  ')}`];
  return [printable(entry.message ?? ''), ...fields, ...trail];
}

function parse(text: string): Entry | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Entry;
    return typeof value.level === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
