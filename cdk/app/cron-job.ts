import type { CronWake } from '../../runtime/wire.ts';
import { mean } from '../draft.ts';
import { eventbridge } from '../library.ts';
import { logicalId } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import { scheduleExpressions } from './cron-expression.ts';
import { queue } from './queue.ts';
import { role } from './role.ts';
import { declaredProcess, type Scope } from './scope.ts';

/** Where the wakes of a process's cron jobs come in. */
export interface CronQueueFacts {
  url: string;
  arn: string;
}

/** A wake that nobody took for so long is not worth much any more. Seconds. */
const retention = 3600;

/** How long a job may take before it is woken again. Seconds. */
const visibility = 900;

/**
 * By process: a queue wherever there are cron jobs, so that they can be triggered by hand; schedules into it where cron is on.
 */
export function cronJobs(scope: Scope): Record<string, CronQueueFacts> {
  const { plan } = scope.input;
  const jobs = plan.cronJobs.map((job) => {
    const host = plan.processes.find(({ services }) => services.includes(job.service));
    if (!host) throw new Error(`no process hosts the service ${job.service}`);
    return { ...job, process: host.name };
  });
  const names = [...new Set(jobs.map(({ process }) => process))].sort();
  const queues = Object.fromEntries(
    names.map((process) => {
      const made = queue(scope, logicalId('CronQueue', process), {
        name: scope.name('queue', 'cron', process),
        retention,
        visibility,
        meaning: { subject: `cron jobs of ${process}`, ...declaredProcess(scope, process) },
      });
      return [process, { url: made.ref, arn: made.attrArn }];
    }),
  );
  const scheduled = plan.settings.cron ? jobs.filter(({ enabled }) => enabled) : [];
  if (scheduled.length === 0) return queues;
  const scheduler = role(scope, 'SchedulerRole', {
    parts: ['scheduler'],
    principal: 'scheduler.amazonaws.com',
    statements: [
      allow(
        'Wake',
        ['sqs:SendMessage'],
        [...new Set(scheduled.map(({ process }) => process))].sort().map((process) => queues[process]!.arn),
      ),
    ],
    meaning: { subject: 'what the scheduler may do' },
  });
  for (const { name, process, when } of scheduled) {
    const position = plan.release.content.graph.cronJobs.find((one) => one.name === name)?.position;
    const wake: CronWake = { cron_job: name, run: '<aws.scheduler.scheduled-time>' };
    scheduleExpressions(when).forEach((expression, index) => {
      // The first keeps its name when another comes to it.
      const part = index === 0 ? [] : [String(index)];
      mean(
        scope,
        new eventbridge.CfnSchedule(scope.scope, logicalId('Schedule', name, ...part), {
          name: scope.name('schedule', 'cron', name, ...part),
          scheduleExpression: expression,
          scheduleExpressionTimezone: 'UTC',
          flexibleTimeWindow: { mode: 'OFF' },
          target: {
            arn: queues[process]!.arn,
            roleArn: scheduler.attrArn,
            input: JSON.stringify(wake),
            retryPolicy: { maximumEventAgeInSeconds: retention, maximumRetryAttempts: 10 },
          },
        }),
        { subject: `schedule of ${name}`, ...(position && { position }) },
      );
    });
  }
  return queues;
}
