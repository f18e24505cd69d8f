import { randomUUID } from 'node:crypto';
import { type Environment, processesOf } from '../pipeline/mod.ts';
import type { CronWake } from '../runtime/wire.ts';
import type { Aws } from './aws.ts';
import { awsError } from './errors.ts';
import { readLogs } from './logs.ts';
import type { AppOutputs } from './model.ts';
import { servicesOf } from './rollout/services.ts';
import { minute } from './time.ts';

/** Milliseconds that nothing may be heard of a run before it counts as lost: a process that was woken may be starting. */
const patience = 15 * minute;

/** Milliseconds that this machine's clock may be ahead of that of AWS. */
const askew = 5 * minute;

/** What a process writes when a run ends: see `CronQueue`. */
interface Ended {
  event: 'cron job ended';
  cron_job: string;
  run: string;
  status: number;
  message?: string;
}

/**
 * Wakes a cron job by its process's queue, and waits for the line that ends the run.
 * @throws UserError FL4016 when there is no such job, FL4017 when it fails
 */
export async function trigger(
  aws: Aws,
  environment: Environment,
  outputs: Partial<AppOutputs>,
  cronJob: string,
): Promise<void> {
  const process = await processOf(aws, environment, outputs, cronJob);
  const queue = (JSON.parse(outputs.CronQueues ?? '{}') as Record<string, string>)[process];
  if (queue === undefined || outputs.LogGroup === undefined)
    throw failed(cronJob, `${process} has no queue for it`, environment);
  const wake: CronWake = { cron_job: cronJob, run: `by hand ${randomUUID()}` };
  const sqs = await aws.clients.sqs();
  const since = new Date(aws.time.now().getTime() - askew);
  await sqs.sendMessage({ QueueUrl: queue, MessageBody: JSON.stringify(wake) });
  const ended = await endOf(aws, { group: outputs.LogGroup, process, since }, wake);
  if (!ended) throw failed(cronJob, `${process} did not say in time that it has ended`, environment);
  if (ended.status < 400) return;
  throw failed(
    cronJob,
    `status ${ended.status}${ended.message ? `: ${ended.message.slice(0, 1000)}` : ''}`,
    environment,
  );
}

async function endOf(
  aws: Aws,
  { group, process, since }: { group: string; process: string; since: Date },
  { run }: CronWake,
): Promise<Ended | undefined> {
  const stop = new AbortController();
  const deadline = aws.time.now().getTime() + patience;
  const watchdog = setInterval(() => aws.time.now().getTime() > deadline && stop.abort(), 1_000);
  watchdog.unref();
  try {
    for await (const { text } of readLogs(aws, group, { follow: true, process, since, signal: stop.signal })) {
      const ended = endedFrom(text);
      if (ended?.run === run) return ended;
    }
    return undefined;
  } finally {
    clearInterval(watchdog);
    stop.abort();
  }
}

function endedFrom(text: string): Ended | undefined {
  if (!text.includes('cron job ended')) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Ended> | null;
    return value?.event === 'cron job ended' ? (value as Ended) : undefined;
  } catch {
    return undefined;
  }
}

/** The process that hosts a job, by the release that runs. */
async function processOf(
  { images }: Aws,
  { application, name }: Environment,
  { Release, Services }: Partial<AppOutputs>,
  cronJob: string,
): Promise<string> {
  const { registry } = await images.of(application);
  const release = Release && (await registry.get(Release));
  const graph = release ? release.content.graph : undefined;
  const job = graph?.cronJobs.find((one) => one.name === cronJob);
  if (!graph || !job) {
    const names = graph?.cronJobs.map((one) => one.name).join(', ') || 'none';
    throw awsError(
      'FL4016',
      `there is no cron job ${cronJob} in ${name}; the release has ${names}`,
      'Name a cron job of the release that runs.',
    );
  }
  const running = Object.keys(servicesOf(Services));
  const allocation = running.includes('app') && running.length === 1 ? 'all-in-one' : 'per-service';
  return processesOf(graph, allocation).find(({ services }) => services.includes(job.service))!.name;
}

function failed(cronJob: string, why: string, { name }: Environment) {
  return awsError(
    'FL4017',
    `the cron job ${cronJob} failed: ${why}`,
    `See what the endpoint logged with fairlead logs --env ${name}.`,
  );
}
