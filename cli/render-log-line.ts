import { withoutImages } from '../local/without-images.ts';
import type { LogLine } from '../pipeline/mod.ts';
import { printable } from './printable.ts';
import { withoutColors, withoutRuntime } from './shorten-stack.ts';

type Paint = (format: 'red' | 'yellow' | 'green' | 'cyan' | 'dim', text: string) => string;

/** Fields that are told in another way, or mean nothing to who reads along. */
const told = new Set(['level', 'time', 'message', 'service', 'endpoint', 'trace_id', 'span_id', 'error', 'stack']);

/** The name its lines go under. */
const frontDoor = '@front-door';

const colors = { error: 'red', fatal: 'red', warn: 'yellow', info: 'cyan' } as const;

/**
 * A line of an environment's log for people; what is not JSON of our logger stays as it is. Undefined for what the front
 * door has told already: it sees every request once, however many processes it passes.
 * @param requests `all` where the lines of the front door are not among those that are rendered
 */
export function renderLogLine(
  { process, text }: LogLine,
  paint: Paint,
  requests: 'front door' | 'all' = 'front door',
): string | undefined {
  const entry = parse(text);
  if (!entry) return `${paint('dim', process)} ${withoutImages(printable(withoutColors(text)))}`;
  const isRequest = hasRequest(entry);
  const isTold = requests === 'front door' && process !== frontDoor;
  if (isRequest && isTold && !entry.path.startsWith('/__fairlead/cron/')) return undefined;
  const clock = typeof entry.time === 'string' ? [paint('dim', entry.time.slice(11, 23))] : [];
  if (isRequest) return [...clock, renderRequest(entry, paint)].join(' ');
  const source = paint('dim', [entry.service, entry.endpoint].filter(Boolean).join('.') || process);
  return [...clock, renderLevel(entry, paint), source, ...renderRest(entry, paint)].join(' ');
}

/** A line as its process wrote it, for anything but a terminal, which it could steer. */
export function renderRawLine({ process, text }: LogLine, paint: Paint): string {
  return `${paint('dim', process)} ${text}`;
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
  /** Milliseconds: the front door's word for it, and the runtime's. */
  duration?: number;
  duration_ms?: number;
}

function hasRequest(entry: Entry): entry is RequestEntry {
  return typeof entry.method === 'string' && typeof entry.path === 'string' && typeof entry.status === 'number';
}

function renderRequest({ method, path, status, duration, duration_ms = 0 }: RequestEntry, paint: Paint): string {
  const color = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  return `${method} ${printable(path)} ${paint(color, String(status))} ${Math.round(duration ?? duration_ms)} ms`;
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
  const trail =
    error === undefined
      ? []
      : [`\n  ${paint('red', withoutRuntime(withoutImages(printable(String(error))))).replaceAll('\n', '\n  ')}`];
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
