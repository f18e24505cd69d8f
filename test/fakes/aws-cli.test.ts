import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aws, awsCli } from '../support/aws-cli.ts';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';

(process.env.CI ? test : test.skip)('the command of AWS is there', () => expect(awsCli).toBeDefined());

(awsCli ? describe : describe.skip)("AWS's own command (needs python3)", () => {
  let fake: FakeAws;
  const run = (...args: string[]) => aws(fake.env, ...args);
  beforeAll(async () => {
    fake = await makeFakeAws();
  });
  afterAll(() => fake.dispose());

  test('says who calls', async () => {
    expect(await run('sts', 'get-caller-identity')).toEqual({
      UserId: '123456789012',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
    });
  });

  test('query: makes a role and reads its document', async () => {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    await run(
      'iam',
      'create-role',
      '--role-name',
      'task',
      '--assume-role-policy-document',
      JSON.stringify(trust),
      '--tags',
      'Key=a,Value=b',
    );
    const { Role } = (await run('iam', 'get-role', '--role-name', 'task')) as { Role: object };
    expect(Role).toMatchObject({ RoleName: 'task', AssumeRolePolicyDocument: trust, Tags: [{ Key: 'a', Value: 'b' }] });
    await expect(run('iam', 'get-role', '--role-name', 'none')).rejects.toThrow('(NoSuchEntity)');
  });

  test('JSON: keeps a secret and a parameter', async () => {
    await run('secretsmanager', 'create-secret', '--name', 'shop/token', '--secret-string', 'geheim');
    expect(await run('secretsmanager', 'get-secret-value', '--secret-id', 'shop/token')).toMatchObject({
      SecretString: 'geheim',
      VersionStages: ['AWSCURRENT'],
    });
    await run('ssm', 'put-parameter', '--name', '/shop/a', '--type', 'String', '--value', '1');
    expect(await run('ssm', 'get-parameters-by-path', '--path', '/shop')).toMatchObject({
      Parameters: [{ Name: '/shop/a', Version: 1 }],
    });
  });

  test('reads logs to their end', async () => {
    await run('logs', 'create-log-group', '--log-group-name', 'g');
    await run('logs', 'create-log-stream', '--log-group-name', 'g', '--log-stream-name', 's');
    const logEvents = Array.from({ length: 5 }, (_, index) => ({
      timestamp: fake.world.clock.now(),
      message: `line ${index}`,
    }));
    const call = {
      account: '123456789012',
      region: 'eu-central-1',
      requestId: 'r',
      principal: { kind: 'root' as const, account: '123456789012' },
    };
    await fake.world.service('logs').operations.PutLogEvents!(
      { logGroupName: 'g', logStreamName: 's', logEvents },
      call,
    );
    const { events } = (await run('logs', 'filter-log-events', '--log-group-name', 'g', '--page-size', '2')) as {
      events: { message: string }[];
    };
    expect(events.map(({ message }) => message)).toEqual(logEvents.map(({ message }) => message));
  });
});
