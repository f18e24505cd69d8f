import { AwsError, type Properties, type World } from '../../model.ts';
import type { Alarms } from '../ecs/load-balancing.ts';
import { actions, arn, generatedName, type Keeper, type Kept, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { Sns } from '../sns/sns.ts';

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Amazon CloudWatch: alarms, whose state a test says. */
export interface Monitoring extends Alarms {
  /** What `SetAlarmState` does: those who are to hear of it do. */
  setAlarmState(name: string, state: State, reason?: string): void;
}

export function createMonitoring(world: World): Monitoring {
  const states = new Map<string, State>();
  const alarms: Keeper = keeper({
    id: (properties, context) => properties.AlarmName ?? generatedName(context, world.random),
    attributes: ({ id }, context) => ({ Arn: arn('cloudwatch', context, `alarm:${id}`) }),
    made: ({ id }) => void states.set(id, 'INSUFFICIENT_DATA'),
    remove: ({ id }) => void states.delete(id),
    latency: latencies.small,
    wishes: actions(
      {
        create: ['cloudwatch:PutMetricAlarm', 'cloudwatch:DescribeAlarms', 'cloudwatch:TagResource'],
        update: ['cloudwatch:PutMetricAlarm', 'cloudwatch:DescribeAlarms', 'cloudwatch:TagResource'],
        delete: ['cloudwatch:DeleteAlarms', 'cloudwatch:DescribeAlarms'],
      },
      (properties, context, id) =>
        arn('cloudwatch', context, `alarm:${id ?? properties.AlarmName ?? `${context.stack.name}-*`}`),
    ),
  });

  function alarmAt(name: string): Kept {
    const alarm = alarms.all.get(name);
    if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404);
    return alarm;
  }

  /** CloudWatch User Guide, "Using Amazon CloudWatch alarms": actions are taken when the state changes, and only then. */
  function setAlarmState(name: string, state: State, reason = 'set'): void {
    const alarm = alarmAt(name);
    const old = states.get(name) ?? 'INSUFFICIENT_DATA';
    if (old === state) return;
    states.set(name, state);
    if (String(alarm.properties.ActionsEnabled) === 'false') return;
    const key = { OK: 'OKActions', ALARM: 'AlarmActions', INSUFFICIENT_DATA: 'InsufficientDataActions' }[state];
    const Message = JSON.stringify({
      AlarmName: name,
      AWSAccountId: alarm.account,
      NewStateValue: state,
      NewStateReason: reason,
      OldStateValue: old,
      StateChangeTime: new Date(world.clock.now()).toISOString(),
      AlarmArn: alarm.attributes.Arn,
    });
    for (const action of (alarm.properties[key] ?? []) as string[])
      if (action.split(':')[2] === 'sns') tell(alarm, action, { Message, Subject: `${state}: "${name}"` });
  }

  /** "Amazon SNS access control": CloudWatch publishes by leave of the topic's policy, where the topic has one. */
  function tell(alarm: Kept, topicArn: string, publication: { Message: string; Subject: string }): void {
    const { account, region } = alarm;
    const sns = world.service<Sns>('sns');
    if (sns.policyOf?.(topicArn)) {
      const principal = { kind: 'service' as const, account, service: 'cloudwatch.amazonaws.com' };
      const context = { 'aws:SourceArn': String(alarm.attributes.Arn), 'aws:SourceAccount': account };
      world.authorize({ account, region, principal }, [{ action: 'sns:Publish', resource: topicArn, context }]);
    }
    sns.publish(topicArn, publication);
  }

  return {
    id: 'monitoring',
    alarmState: (name) => states.get(name),
    setAlarmState,
    tagged: () => [...alarms.all.values()].map(({ attributes, tags }) => ({ arn: String(attributes.Arn), tags })),
    resources: { 'AWS::CloudWatch::Alarm': alarms.provider },
    operations: {
      DescribeAlarms: (
        { AlarmNames, AlarmNamePrefix = '' }: { AlarmNames?: string[]; AlarmNamePrefix?: string },
        call,
      ) => ({
        MetricAlarms: alarms
          .of(call)
          .filter(({ id }) => (AlarmNames?.includes(id) ?? true) && id.startsWith(AlarmNamePrefix))
          .map(
            ({ id, attributes, properties }): Properties => ({
              ...properties,
              AlarmName: id,
              AlarmArn: attributes.Arn,
              StateValue: states.get(id),
            }),
          ),
      }),
      SetAlarmState: (input: { AlarmName: string; StateValue: State; StateReason: string }) =>
        setAlarmState(input.AlarmName, input.StateValue, input.StateReason),
    },
  };
}
