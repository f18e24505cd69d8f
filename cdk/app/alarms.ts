import { mean } from '../draft.ts';
import { hearers } from '../foundation/hearers.ts';
import { cloudwatch } from '../library.ts';
import type { Meaning } from '../model.ts';
import { logicalId } from '../names.ts';
import type { FrontDoor } from './gateway.ts';
import type { Scope } from './scope.ts';
import type { SubscriptionQueue } from './subscription.ts';

/** What somebody should look at, in environments that last: messages nobody could handle, errors, and tasks that do not answer. */
export function alarms(scope: Scope, queues: SubscriptionQueue[], { targetGroupNames }: FrontDoor): void {
  if (scope.preview) return;
  const { foundation, settings, plan } = scope.input;
  const actions = hearers(settings.alarms, foundation.alarmTopicArn);
  const { application, name: environment } = plan.environment;
  for (const { topic, subscription, deadLetterQueue, position } of queues) {
    const whose = `${topic} → ${subscription}`;
    mean(
      scope,
      new cloudwatch.CfnAlarm(scope.scope, logicalId('DeadLetterAlarm', topic, subscription), {
        alarmName: scope.name('alarm', topic, subscription, 'dead letters'),
        alarmDescription: `Messages of ${whose} in ${environment} of ${application} could not be handled.`,
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensions: [{ name: 'QueueName', value: deadLetterQueue }],
        statistic: 'Maximum',
        period: 60,
        evaluationPeriods: 1,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: 0,
        treatMissingData: 'notBreaching',
        alarmActions: actions,
      }),
      { subject: `alarm about dead letters of ${whose}`, ...(position && { position }) },
    );
  }
  const ofTargets = (
    id: string,
    part: string,
    description: string,
    { metricName, stat, periods, threshold }: { metricName: string; stat: string; periods: number; threshold: number },
    meaning: Meaning,
  ) => {
    const parts = targetGroupNames.map((name, index) => ({
      id: `m${index}`,
      returnData: false,
      metricStat: {
        stat,
        period: 60,
        metric: {
          namespace: 'AWS/ApplicationELB',
          metricName,
          dimensions: [
            { name: 'LoadBalancer', value: foundation.loadBalancerName },
            { name: 'TargetGroup', value: name },
          ],
        },
      },
    }));
    mean(
      scope,
      new cloudwatch.CfnAlarm(scope.scope, id, {
        alarmName: scope.name('alarm', part),
        alarmDescription: `${description} in ${environment} of ${application}.`,
        metrics: [
          { id: 'all', expression: parts.map((one) => `FILL(${one.id}, 0)`).join(' + '), returnData: true },
          ...parts,
        ],
        evaluationPeriods: periods,
        comparisonOperator: 'GreaterThanThreshold',
        threshold,
        treatMissingData: 'notBreaching',
        alarmActions: actions,
      }),
      meaning,
    );
  };
  ofTargets(
    'ErrorAlarm',
    'errors',
    'More than five requests in each of three minutes ended with an error of the server',
    { metricName: 'HTTPCode_Target_5XX_Count', stat: 'Sum', periods: 3, threshold: 5 },
    { subject: 'alarm about errors' },
  );
  ofTargets(
    'UnhealthyAlarm',
    'unhealthy',
    'For three minutes tasks did not answer',
    { metricName: 'UnHealthyHostCount', stat: 'Maximum', periods: 3, threshold: 0 },
    { subject: 'alarm about tasks that do not answer' },
  );
}
