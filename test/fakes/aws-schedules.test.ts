import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import { type InStack, inStack, someNetwork } from './aws/in-stack.ts';
import type { Ec2 } from './aws/services/ec2/ec2.ts';
import type { Monitoring } from './aws/services/monitoring/monitoring.ts';
import type { Route53 } from './aws/services/route53/route53.ts';
import { seriesOf } from './aws/services/scheduler/expression.ts';
import type { Scheduler } from './aws/services/scheduler/scheduler.ts';
import type { Sns } from './aws/services/sns/sns.ts';

const start = '2026-11-02T09:00:00Z';
const minute = 60_000;

describe('an expression', () => {
  const next = (expression: string, after = start) => {
    const found = seriesOf(expression, Date.parse(start))(Date.parse(after));
    return found && new Date(found).toISOString();
  };
  test.each([
    ['rate(5 minutes)', '2026-11-02T09:05:00.000Z'],
    ['rate(1 day)', '2026-11-03T09:00:00.000Z'],
    ['cron(0 4 15 * ? *)', '2026-11-15T04:00:00.000Z'],
    ['cron(0/20 9 * * ? *)', '2026-11-02T09:20:00.000Z'],
    ['cron(30 8 ? * MON-FRI *)', '2026-11-03T08:30:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-11-30T00:00:00.000Z'],
    ['cron(0 0 29 2 ? *)', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2025)', undefined],
    ['at(2026-11-20T13:00:00)', '2026-11-20T13:00:00.000Z'],
    ['at(2020-11-20T13:00:00)', undefined],
  ])('%s comes next at %s', (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });
  test.each(['rate(0 minutes)', 'cron(0 4 15 * *)', 'cron(0 4 * * * *)', 'cron(61 4 * * ? *)', 'daily'])(
    '%s is refused',
    (expression) => {
      expect(() => seriesOf(expression, 0)).toThrow('Invalid Schedule Expression');
    },
  );
});

describe('in the world', () => {
  let aws: FakeAws;
  let stack: InStack;
  let options: object;
  beforeEach(async () => {
    aws = await makeFakeAws({ clock: 'manual', start });
    stack = inStack(aws);
    const credentials = { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! };
    options = { endpoint: aws.url, region: 'eu-central-1', credentials };
  });
  afterEach(() => aws.dispose());

  const role = async (RoleName: string, Service: string, actions: string[]) => {
    const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }];
    const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
    const { attributes } = await stack.make('AWS::IAM::Role', {
      RoleName,
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement },
      Policies: actions.length ? [{ PolicyName: 'p', PolicyDocument }] : [],
    });
    return String(attributes!.Arn);
  };

  test('a schedule sends to its queue at its times, with the rights of its role', async () => {
    const sqs = new SQSClient(options);
    const scheduler = new SchedulerClient(options);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'cron' }));
    const Arn = 'arn:aws:sqs:eu-central-1:123456789012:cron';
    const Input = '{"cron_job":"tidy","run":"<aws.scheduler.scheduled-time>"}';
    const make = (Name: string, RoleArn: string) =>
      scheduler.send(
        new CreateScheduleCommand({
          Name,
          ScheduleExpression: 'cron(0/10 * * * ? *)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn, RoleArn, Input },
        }),
      );
    await expect(
      make('foreign', await role('foreign', 'ecs-tasks.amazonaws.com', ['sqs:SendMessage'])),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await make('tidy', await role('wakes', 'scheduler.amazonaws.com', ['sqs:SendMessage']));
    await make('weak', await role('weak', 'scheduler.amazonaws.com', []));
    expect(await scheduler.send(new GetScheduleCommand({ Name: 'tidy' }))).toMatchObject({
      State: 'ENABLED',
      GroupName: 'default',
    });
    await aws.world.clock.advance(20 * minute);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => JSON.parse(Body!).run)).toEqual(['2026-11-02T09:10:00Z', '2026-11-02T09:20:00Z']);
    expect(aws.world.service<Scheduler>('scheduler').failures.map(({ code }) => code)).toEqual([
      'AccessDenied',
      'AccessDenied',
    ]);
  });

  test('a subnet does not go while something is plugged in, for as long as that takes', async () => {
    const { subnets, group } = await someNetwork(stack);
    const ec2 = new EC2Client(options);
    const { interfaces } = aws.world.service<Ec2>('ec2');
    const call = { account: '123456789012', region: 'eu-central-1' };
    const { id } = interfaces.plug(call, {
      subnetId: subnets[0]!,
      securityGroups: [group],
      description: 'task',
      requester: 'ecs',
    });
    const Filters = [{ Name: 'group-id', Values: [group] }];
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(NetworkInterfaces).toMatchObject([{ NetworkInterfaceId: id, Status: 'in-use', SubnetId: subnets[0] }]);
    const refused = expect(stack.unmake('AWS::EC2::SecurityGroup', group)).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
    await aws.world.clock.advance(20 * minute);
    await refused;
    interfaces.linger(5 * minute);
    void interfaces.unplug(id);
    let gone = false;
    const going = stack.unmake('AWS::EC2::Subnet', subnets[0]!).then(() => {
      gone = true;
    });
    await aws.world.clock.advance(4 * minute);
    expect(gone).toBe(false);
    await aws.world.clock.advance(2 * minute);
    await going;
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    expect(Subnets!.map(({ SubnetId }) => SubnetId)).toEqual([subnets[1]]);
  });

  test('a certificate is issued when the record that proves the domain is there', async () => {
    const route53 = aws.world.service<Route53>('route53');
    const zone = route53.addZone({ account: '123456789012' }, 'shop.test');
    const DomainValidationOptions = [{ DomainName: 'shop.test', HostedZoneId: zone }];
    const made = await stack.make('AWS::CertificateManager::Certificate', {
      DomainName: 'shop.test',
      SubjectAlternativeNames: ['*.shop.test'],
      DomainValidationOptions,
    });
    expect(made.id).toMatch(/^arn:aws:acm:eu-central-1:123456789012:certificate\//);
    expect(route53.records(zone)).toMatchObject([{ Type: 'CNAME' }]);
    const pending = stack.make('AWS::CertificateManager::Certificate', { DomainName: 'nobody.test' });
    const refused = expect(pending).rejects.toThrow('did not stabilize');
    await aws.world.clock.advance(73 * 60 * minute);
    await refused;
  });

  test('an alarm tells its topic when its state changes', async () => {
    const sqs = new SQSClient(options);
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'heard', Attributes: { Policy: openPolicy } }),
    );
    const { id: topic } = await stack.make('AWS::SNS::Topic', { TopicName: 'alarms' });
    aws.world
      .service<Sns>('sns')
      .subscribe(topic, 'sqs', 'arn:aws:sqs:eu-central-1:123456789012:heard', { RawMessageDelivery: 'true' });
    await stack.make('AWS::CloudWatch::Alarm', { AlarmName: 'dead-letters', AlarmActions: [topic] });
    const monitoring = aws.world.service<Monitoring>('monitoring');
    expect(monitoring.alarmState('dead-letters')).toBe('INSUFFICIENT_DATA');
    monitoring.setAlarmState('dead-letters', 'ALARM');
    monitoring.setAlarmState('dead-letters', 'ALARM');
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => JSON.parse(Body!).NewStateValue)).toEqual(['ALARM']);
  });
});

const openPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
  ],
});
