import { mean } from '../draft.ts';
import { eventbridge } from '../library.ts';
import { logicalId } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import { scheduleExpressions } from './cron-expression.ts';
import { role } from './role.ts';
import type { Scope } from './scope.ts';

/** Where previews sleep at times: schedules that let no task run, and one again. */
export function sleep(scope: Scope, services: Record<string, string>): void {
  const { settings, account, foundation } = scope.input;
  if (!scope.preview || !settings.sleep) return;
  const { partition, region, id } = account;
  const { clusterName, clusterArn } = foundation;
  const scheduler = role(scope, 'SleepRole', {
    parts: ['sleep'],
    principal: 'scheduler.amazonaws.com',
    statements: [
      allow(
        'Sleep',
        ['ecs:UpdateService'],
        Object.values(services).map((name) => `arn:${partition}:ecs:${region}:${id}:service/${clusterName}/${name}`),
      ),
    ],
    meaning: { subject: 'what the schedule of sleep may do' },
  });
  const turns = [
    { name: 'sleep', schedule: settings.sleep.at, desired: 0 },
    { name: 'wake', schedule: settings.sleep.wake, desired: 1 },
  ];
  for (const [process, service] of Object.entries(services)) {
    for (const { name, schedule, desired } of turns) {
      scheduleExpressions({ schedule }).forEach((expression, index) => {
        const parts = [name, process, ...(index === 0 ? [] : [String(index)])];
        mean(
          scope,
          new eventbridge.CfnSchedule(scope.scope, logicalId('Sleep', ...parts), {
            name: scope.name('schedule', ...parts),
            scheduleExpression: expression,
            scheduleExpressionTimezone: 'UTC',
            flexibleTimeWindow: { mode: 'OFF' },
            target: {
              arn: `arn:${partition}:scheduler:::aws-sdk:ecs:updateService`,
              roleArn: scheduler.attrArn,
              input: JSON.stringify({ Cluster: clusterArn, Service: service, DesiredCount: desired }),
            },
          }),
          { subject: `${name} of ${process}` },
        );
      });
    }
  }
}
