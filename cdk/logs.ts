import type { LogLine, LogOptions } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { unlessMissing } from './errors.ts';
import { isInit } from './rollout/ending.ts';

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
  { follow, tail, process, signal }: LogOptions,
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
  const past = await fresh();
  let newest = past.at(-1)?.time ?? 0;
  yield* past.slice(Math.max(past.length - (tail ?? past.length), 0)).map(plain);
  while (follow && !signal?.aborted) {
    await Promise.race([aws.time.wait(interval), aborted(signal)]);
    if (signal?.aborted) return;
    const lines = await fresh(Math.max(newest - late, 0));
    newest = Math.max(newest, lines.at(-1)?.time ?? 0);
    yield* lines.map(plain);
  }
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
