import { statusOf, toApiError } from '../http/error-body.ts';
import { answerCall } from '../internal/calls.ts';
import type { Host } from '../internal/host.ts';
import log from '../log/mod.ts';
import { startSpan } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import type { CronWake } from '../wire.ts';

/** Runs the job once. @returns the status that it would have answered with over HTTP */
export async function runJob(host: Host, { cron_job }: CronWake): Promise<number> {
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
export function report({ cron_job, run }: CronWake, status: number): void {
  const level = status === 200 ? 'info' : 'error';
  const line = { level, time: new Date().toISOString(), message: 'cron job ended', event: 'cron job ended' };
  process.stdout.write(`${JSON.stringify({ ...line, cron_job, run, status })}\n`);
}
