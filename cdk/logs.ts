import type { LogLine, LogOptions } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { unlessMissing } from './errors.ts';
import { isInit } from './rollout/ending.ts';
import { hour, minute } from './time.ts';

/** How often a follower asks for more, in milliseconds: CloudWatch takes some seconds itself. */
const interval = 1_000;

/** Lines may come in after younger ones, by so many milliseconds. */
const late = 10_000;

interface Stamped extends LogLine {
  id: string;
  time: number;
}

/** The lines of an environment's processes in the order they came, then those to come until the signal or, not following, the end. */
export async function* readLogs(
  aws: Pick<Aws, 'clients' | 'time'>,
  logGroupName: string,
  { follow, tail, since, process, signal }: LogOptions,
): AsyncGenerator<LogLine> {
  const seen = new Set<string>();
  const fresh = async (startTime?: number) => {
    const lines: Stamped[] = [];
    for await (const line of events(aws, logGroupName, startTime))
      if ((process ?? line.process) === line.process && !seen.has(line.id)) lines.push(line);
    for (const { id } of lines) seen.add(id);
    // Of one time they stay as they came.
    return lines.sort((a, b) => a.time - b.time);
  };
  const begin = since?.getTime();
  const past = tail === undefined ? await fresh(begin) : await last(aws, tail, begin, fresh);
  let newest = past.at(-1)?.time ?? begin ?? (tail === undefined ? 0 : aws.time.now().getTime());
  yield* past.map(plain);
  while (follow && !signal?.aborted) {
    await Promise.race([aws.time.wait(interval), aborted(signal)]);
    if (signal?.aborted) return;
    const lines = await fresh(Math.max(newest - late, 0));
    newest = Math.max(newest, lines.at(-1)?.time ?? 0);
    yield* lines.map(plain);
  }
}

/** Milliseconds that are looked back over for the last lines, one after the other, before all there is: a log goes back for months. */
const windows = [10 * minute, hour, 24 * hour];

/** The last lines, and no older ones. */
async function last(
  { time }: Pick<Aws, 'time'>,
  tail: number,
  begin: number | undefined,
  fresh: (startTime?: number) => Promise<Stamped[]>,
): Promise<Stamped[]> {
  let found: Stamped[] = [];
  for (const window of [...windows, undefined]) {
    const from = window === undefined ? undefined : time.now().getTime() - window;
    const start = from === undefined || (begin ?? 0) > from ? begin : from;
    // Those that were seen are not fresh.
    found = [...(await fresh(start)), ...found];
    if (found.length >= tail || start === begin) break;
  }
  return tail === 0 ? [] : found.sort((a, b) => a.time - b.time).slice(-tail);
}

async function* events(
  { clients }: Pick<Aws, 'clients'>,
  logGroupName: string,
  startTime: number | undefined,
): AsyncGenerator<Stamped> {
  const logs = await clients.logs();
  let nextToken: string | undefined;
  do {
    const page = await unlessMissing(
      logs.filterLogEvents({
        logGroupName,
        ...(startTime !== undefined && { startTime }),
        ...(nextToken && { nextToken }),
      }),
    );
    for (const { eventId, timestamp, message, logStreamName } of page?.events ?? []) {
      const source = sourceOf(logStreamName);
      if (source === undefined) continue;
      yield { process: source, text: (message ?? '').replace(/\r?\n$/, ''), id: eventId!, time: timestamp! };
    }
    nextToken = page?.nextToken;
  } while (nextToken);
}

/** `<process>/<container>/<task>`. What init containers write is told by the deployment that ran them. */
function sourceOf(stream = ''): string | undefined {
  const [process, container, task] = stream.split('/');
  return process === undefined || task === undefined || isInit(container) ? undefined : process;
}

function plain({ process, text }: Stamped): LogLine {
  return { process, text };
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}
