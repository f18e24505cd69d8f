import { openSqs, QueueConsumer } from '../aws/queue.ts';
import { statusOf, toApiError } from '../http/error-body.ts';
import { answerCall } from '../internal/calls.ts';
import type { Host } from '../internal/host.ts';
import log from '../log/mod.ts';
import type { Consumer } from '../pubsub/provider.ts';
import { startSpan } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import type { CronQueue, CronWake } from '../wire.ts';

/** Jobs that run at once in one process. */
const concurrency = 100;

/** After so long another process takes over from one that died. Milliseconds. */
const deadline = 60_000;

/**
 * Runs the cron jobs of this process when their wakes come in. A run that fails is over, as is one that ends well; only when the
 * process dies in the middle does it begin again, elsewhere.
 */
export function consumeWakes(host: Host, { url }: CronQueue): Consumer {
  const client = openSqs(url);
  const running = new Set<string>();
  const consumer = new QueueConsumer(client, {
    url,
    about: { queue: 'cron' },
    ...{ deadline, concurrency, extend: true },
    handle: async ({ body }) => {
      const wake = parse(body);
      if (!wake) {
        log.error('a message that wakes no cron job was dropped');
        return 'done';
      }
      const key = JSON.stringify([wake.cron_job, wake.run]);
      // A queue may give a message twice.
      if (running.has(key)) return { again: deadline };
      running.add(key);
      const status = await run(host, wake).finally(() => running.delete(key));
      report(wake, status);
      return 'done';
    },
  });
  return { stop: () => consumer.stop().finally(() => client.destroy()) };
}

function parse(body: string): CronWake | undefined {
  try {
    const { cron_job, run } = JSON.parse(body) as Partial<CronWake>;
    return typeof cron_job === 'string' && typeof run === 'string' ? { cron_job, run } : undefined;
  } catch {
    return undefined;
  }
}

/** The status that the job would have answered with over HTTP. */
async function run(host: Host, { cron_job }: CronWake): Promise<number> {
  const job = host.manifest.cronJobs.find(({ name }) => name === cron_job);
  const hosted = job && host.endpoints.get(`${job.service}.${job.endpoint}`);
  if (!hosted) return 404;
  const trace = startSpan(undefined, 'internal');
  try {
    const work = answerCall(host, hosted, '', { trace });
    await (spans()?.ran(trace, cron_job, hosted.endpoint, work) ?? work);
    return 200;
  } catch (error) {
    const { code, message } = toApiError(error);
    const { service, endpoint } = hosted;
    log.error(`the cron job ${cron_job} failed: ${message}`, {
      ...{ service, endpoint: endpoint.name, code, trace_id: trace.traceId },
    });
    return statusOf(code);
  }
}

/** The line that whoever triggered the run waits for, whatever the level of the log. */
function report({ cron_job, run }: CronWake, status: number): void {
  const level = status === 200 ? 'info' : 'error';
  const line = { level, time: new Date().toISOString(), message: 'cron job ended', event: 'cron job ended' };
  process.stdout.write(`${JSON.stringify({ ...line, cron_job, run, status })}\n`);
}
