import { statusOf, toApiError } from '../http/error-body.ts';
import { answerCall } from '../internal/calls.ts';
import type { Host } from '../internal/host.ts';
import log from '../log/mod.ts';
import { startSpan } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import type { CronWake } from '../wire.ts';

/** How a run ended. */
export interface Ended {
  /** That it would have answered with over HTTP. */
  status: number;
  /** Absent when there is no such job. */
  trace_id?: string;
}

/** Runs the job once. */
export async function runJob(host: Host, { cron_job }: CronWake): Promise<Ended> {
  const job = host.manifest.cronJobs.find(({ name }) => name === cron_job);
  const hosted = job && host.endpoints.get(`${job.service}.${job.endpoint}`);
  if (!hosted) return { status: 404 };
  const trace = startSpan(undefined, 'internal');
  const trace_id = trace.traceId;
  try {
    const work = answerCall(host, hosted, '', { trace });
    await (spans()?.ran(trace, cron_job, hosted.endpoint, work) ?? work);
    return { status: 200, trace_id };
  } catch (error) {
    const { code, message } = toApiError(error);
    const { service, endpoint } = hosted;
    log.error(`the cron job ${cron_job} failed: ${message}`, {
      ...{ service, endpoint: endpoint.name, code, trace_id },
    });
    return { status: statusOf(code), trace_id };
  }
}

/** The line that whoever triggered the run waits for, whatever the level of the log. */
export function report({ cron_job, run }: CronWake, ended: Ended): void {
  const level = ended.status === 200 ? 'info' : 'error';
  const line = { level, time: new Date().toISOString(), message: 'cron job ended', event: 'cron job ended' };
  process.stdout.write(`${JSON.stringify({ ...line, cron_job, run, ...ended })}\n`);
}
