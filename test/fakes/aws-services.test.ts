import { CloudWatchLogsClient, FilterLogEventsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as iamApi from '@aws-sdk/client-iam';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import * as secretsApi from '@aws-sdk/client-secrets-manager';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { Properties, Resource, ResourceContext } from './aws/model.ts';
import type { ServiceQuotas } from './aws/services/servicequotas/servicequotas.ts';

const account = '123456789012';
const day = 24 * 60 * 60 * 1000;

let aws: FakeAws;
beforeEach(async () => {
  aws = await makeFakeAws({ clock: 'manual', start: '2026-11-02T09:00:00Z' });
});
afterEach(() => aws.dispose());

const options = () => ({
  endpoint: aws.url,
  region: 'eu-central-1',
  maxAttempts: 1,
  credentials: { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! },
});
const call = () => ({ account, region: 'eu-central-1', requestId: 'r', principal: { kind: 'root' as const, account } });
const context = (): ResourceContext => ({
  ...call(),
  stack: { id: 'arn:stack', name: 'fairlead-shop-pr-1' },
  logicalId: 'Thing',
  tags: { 'fairlead:app': 'shop' },
  express: false,
  initiated: () => undefined,
  snapshot: false,
  signal: new AbortController().signal,
});
const create = (type: string, properties: Properties): Promise<Resource> =>
  aws.world.provider(type)!.create(properties, context());

describe('secrets', () => {
  const send: SecretsManagerClient['send'] = ((command: never) =>
    new SecretsManagerClient(options()).send(command)) as never;
  const make = (Name: string, SecretString = 'one') =>
    send(new secretsApi.CreateSecretCommand({ Name, SecretString, Tags: [{ Key: 'app', Value: 'shop' }] }));
  const value = async (SecretId: string, more: object = {}) =>
    (await send(new secretsApi.GetSecretValueCommand({ SecretId, ...more }))).SecretString;

  test('keep the version before', async () => {
    const { ARN = '', VersionId = '' } = await make('a');
    await send(new secretsApi.PutSecretValueCommand({ SecretId: 'a', SecretString: 'two' }));
    await send(new secretsApi.PutSecretValueCommand({ SecretId: ARN, SecretString: 'three' }));
    expect(await value('a')).toBe('three');
    expect(await value(ARN.slice(0, -7), { VersionStage: 'AWSPREVIOUS' })).toBe('two');
    expect(await value('a', { VersionId })).toBe('one');
    const { Versions = [] } = await send(new secretsApi.ListSecretVersionIdsCommand({ SecretId: 'a' }));
    expect(Versions.flatMap(({ VersionStages }) => VersionStages)).toEqual(['AWSPREVIOUS', 'AWSCURRENT']);
  });

  test('take the same write twice, and no other under its token', async () => {
    await make('a');
    const put = (SecretString: string) =>
      send(
        new secretsApi.PutSecretValueCommand({
          SecretId: 'a',
          SecretString,
          ClientRequestToken: 'token-of-32-characters-at-least-0',
        }),
      );
    await put('two');
    await put('two');
    await expect(put('three')).rejects.toBeInstanceOf(secretsApi.ResourceExistsException);
  });

  test('wait for their deletion, which can be taken back', async () => {
    await make('a');
    await send(new secretsApi.DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }));
    await expect(value('a')).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('marked for deletion'),
    });
    await expect(make('a')).rejects.toMatchObject({
      message: expect.stringContaining('already scheduled for deletion'),
    });
    const { SecretList } = await send(new secretsApi.ListSecretsCommand({}));
    expect(SecretList).toEqual([]);
    await send(new secretsApi.RestoreSecretCommand({ SecretId: 'a' }));
    expect(await value('a')).toBe('one');
    await send(new secretsApi.DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }));
    await aws.world.clock.advance(7 * day);
    await expect(value('a')).rejects.toBeInstanceOf(secretsApi.ResourceNotFoundException);
    await make('a');
    await send(new secretsApi.DeleteSecretCommand({ SecretId: 'a', ForceDeleteWithoutRecovery: true }));
    await make('a');
  });

  test('are listed by the beginning of their names, page by page', async () => {
    for (const name of ['shop/a', 'shop/b', 'shop/c', 'blog/a']) await make(name);
    const Filters = [{ Key: 'name' as const, Values: ['shop/'] }];
    const first = await send(new secretsApi.ListSecretsCommand({ Filters, MaxResults: 2 }));
    const second = await send(
      new secretsApi.ListSecretsCommand({ Filters, MaxResults: 2, NextToken: first.NextToken }),
    );
    expect([...first.SecretList!, ...second.SecretList!].map(({ Name }) => Name)).toEqual([
      'shop/a',
      'shop/b',
      'shop/c',
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  test('of a stack are generated, kept while the rules are the same, and gone at once', async () => {
    const GenerateSecretString = {
      SecretStringTemplate: '{"username":"master"}',
      GenerateStringKey: 'password',
      PasswordLength: 40,
      ExcludePunctuation: true,
    };
    const properties = { Name: 'db', GenerateSecretString };
    const { id } = await create('AWS::SecretsManager::Secret', properties);
    const before = await value('db');
    expect(JSON.parse(before!)).toEqual({ username: 'master', password: expect.stringMatching(/^[a-zA-Z0-9]{40}$/) });
    const provider = aws.world.provider('AWS::SecretsManager::Secret')!;
    await provider.update(id, { ...properties, Description: 'x' }, properties, context());
    expect(await value('db')).toBe(before);
    await provider.update(
      id,
      { Name: 'db', GenerateSecretString: { ...GenerateSecretString, PasswordLength: 20 } },
      properties,
      context(),
    );
    expect(JSON.parse((await value('db'))!).password).toHaveLength(20);
    await provider.delete(id, properties, context());
    await provider.delete(id, properties, context());
    await make('db');
  });
});

describe('roles', () => {
  const send: iamApi.IAMClient['send'] = ((command: never) => new iamApi.IAMClient(options()).send(command)) as never;
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const policy = (Action: string | string[] = 's3:GetObject', Resource = '*') => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource }],
  });
  const role = (RoleName: string) =>
    send(new iamApi.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));

  test('go only when nothing is on them', async () => {
    await role('r');
    const { Policy } = await send(
      new iamApi.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: JSON.stringify(policy()) }),
    );
    await send(new iamApi.AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: Policy!.Arn! }));
    await send(
      new iamApi.PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'own', PolicyDocument: JSON.stringify(policy()) }),
    );
    const remove = () => send(new iamApi.DeleteRoleCommand({ RoleName: 'r' }));
    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: expect.stringContaining('detach'),
    });
    await expect(send(new iamApi.DeletePolicyCommand({ PolicyArn: Policy!.Arn! }))).rejects.toBeInstanceOf(
      iamApi.DeleteConflictException,
    );
    await send(new iamApi.DetachRolePolicyCommand({ RoleName: 'r', PolicyArn: Policy!.Arn! }));
    await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining('delete policies first') });
    await send(new iamApi.DeleteRolePolicyCommand({ RoleName: 'r', PolicyName: 'own' }));
    await remove();
    await send(new iamApi.DeletePolicyCommand({ PolicyArn: Policy!.Arn! }));
    await expect(remove()).rejects.toBeInstanceOf(iamApi.NoSuchEntityException);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'MalformedPolicyDocumentException'],
    ['an action of no service', policy('GetObject'), 'MalformedPolicyDocumentException'],
    ['a resource that is no ARN', policy('s3:GetObject', 'my-bucket'), 'MalformedPolicyDocumentException'],
    ['a principal', { ...trust }, 'MalformedPolicyDocumentException'],
    [
      'more than fits',
      policy(Array.from({ length: 400 }, (_, index) => `s3:GetObjectNumber${String(index).padStart(20, '0')}`)),
      'LimitExceededException',
    ],
  ])('refuse a policy with %s', async (_name, document, name) => {
    const PolicyDocument = typeof document === 'string' ? document : JSON.stringify(document);
    await expect(send(new iamApi.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument }))).rejects.toMatchObject({
      name,
    });
  });

  test('have at most five versions of a policy', async () => {
    const { Policy } = await send(
      new iamApi.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: JSON.stringify(policy()) }),
    );
    const add = () =>
      send(
        new iamApi.CreatePolicyVersionCommand({
          PolicyArn: Policy!.Arn!,
          PolicyDocument: JSON.stringify(policy('s3:*')),
          SetAsDefault: true,
        }),
      );
    for (let version = 2; version <= 5; version += 1) await add();
    await expect(add()).rejects.toBeInstanceOf(iamApi.LimitExceededException);
    const { Versions } = await send(new iamApi.ListPolicyVersionsCommand({ PolicyArn: Policy!.Arn! }));
    expect(Versions!.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v5', true],
      ['v4', false],
      ['v3', false],
      ['v2', false],
      ['v1', false],
    ]);
  });

  test('of a stack change, and what somebody put on them stays in the way', async () => {
    const properties = {
      RoleName: 'task',
      AssumeRolePolicyDocument: trust,
      Policies: [{ PolicyName: 'a', PolicyDocument: policy() }],
      MaxSessionDuration: 7200,
    };
    const { id, attributes } = await create('AWS::IAM::Role', properties);
    expect({ id, arn: attributes?.Arn }).toEqual({ id: 'task', arn: `arn:aws:iam::${account}:role/task` });
    const provider = aws.world.provider('AWS::IAM::Role')!;
    expect(await provider.read(id, context())).toMatchObject(properties);
    const next = { ...properties, Policies: [{ PolicyName: 'b', PolicyDocument: policy('sqs:*') }] };
    await provider.update(id, next, properties, context());
    const { PolicyNames } = await send(new iamApi.ListRolePoliciesCommand({ RoleName: 'task' }));
    expect(PolicyNames).toEqual(['b']);
    await send(
      new iamApi.PutRolePolicyCommand({
        RoleName: 'task',
        PolicyName: 'foreign',
        PolicyDocument: JSON.stringify(policy()),
      }),
    );
    await expect(provider.delete(id, next, context())).rejects.toMatchObject({ code: 'DeleteConflict' });
    await send(new iamApi.DeleteRolePolicyCommand({ RoleName: 'task', PolicyName: 'foreign' }));
    await provider.delete(id, next, context());
    expect(await provider.read(id, context())).toBeUndefined();
  });

  test('say beforehand what they may', async () => {
    await role('r');
    await send(
      new iamApi.PutRolePolicyCommand({
        RoleName: 'r',
        PolicyName: 'own',
        PolicyDocument: JSON.stringify(policy('sqs:*', 'arn:aws:sqs:*:*:shop-*')),
      }),
    );
    const { EvaluationResults } = await send(
      new iamApi.SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${account}:role/r`,
        ActionNames: ['sqs:SendMessage', 'sns:Publish'],
        ResourceArns: [`arn:aws:sqs:eu-central-1:${account}:shop-a`],
      }),
    );
    expect(EvaluationResults!.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny']);
  });
});

describe('parameters', () => {
  const put = (more: object) =>
    new SSMClient(options()).send(
      new PutParameterCommand({ Name: '/shop/schema', Value: '1', Type: 'String', ...more }),
    );

  test('count their versions', async () => {
    await put({});
    await expect(put({ Value: '2' })).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put({ Value: '2', Overwrite: true })).toMatchObject({ Version: 2 });
    const get = async (Name: string) =>
      (await new SSMClient(options()).send(new GetParameterCommand({ Name }))).Parameter?.Value;
    expect([
      await get('/shop/schema'),
      await get('/shop/schema:1'),
      await get(`arn:aws:ssm:eu-central-1:${account}:parameter/shop/schema`),
    ]).toEqual(['2', '1', '2']);
    await expect(get('/shop/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('have four kibibytes of room', async () => {
    await put({ Value: 'x'.repeat(4096) });
    await expect(put({ Name: 'b', Value: 'x'.repeat(4097) })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('logs', () => {
  const write = (stream: string, messages: string[]) =>
    aws.world.service('logs').operations.PutLogEvents!(
      {
        logGroupName: 'g',
        logStreamName: stream,
        logEvents: messages.map((message) => ({ timestamp: aws.world.clock.now(), message })),
      },
      call(),
    );
  beforeEach(async () => {
    await create('AWS::Logs::LogGroup', { LogGroupName: 'g', RetentionInDays: 7 });
    for (const logStreamName of ['a', 'b'])
      await aws.world.service('logs').operations.CreateLogStream!({ logGroupName: 'g', logStreamName }, call());
  });
  const client = () => new CloudWatchLogsClient(options());
  const filter = async (more: object = {}) => {
    const { events = [], nextToken } = await client().send(new FilterLogEventsCommand({ logGroupName: 'g', ...more }));
    return { lines: events.map(({ message }) => message), nextToken };
  };

  test('are read across streams, page by page, and by what is in them', async () => {
    await write('a', ['{"level":"error","n":1}', 'plain']);
    await write('b', ['two words here']);
    const { lines, nextToken } = await filter({ limit: 2 });
    expect(lines).toHaveLength(2);
    expect((await filter({ limit: 2, nextToken })).lines).toEqual(['two words here']);
    const found: Record<string, string[]> = {
      plain: ['plain'],
      '"words here"': ['two words here'],
      '?plain ?two': ['plain', 'two words here'],
      'two -words': [],
      '{ $.level = "error" }': ['{"level":"error","n":1}'],
      '{ $.level = "error" && $.n != 1 }': [],
    };
    for (const [filterPattern, expected] of Object.entries(found))
      expect((await filter({ filterPattern })).lines).toEqual(expected);
    expect((await filter({ logStreamNames: ['b'] })).lines).toEqual(['two words here']);
  });

  test('are followed by a token that stays the same at the end', async () => {
    const follow = (more: object) =>
      client().send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 'a', startFromHead: true, ...more }));
    await write('a', ['1', '2', '3']);
    const first = await follow({ limit: 2 });
    const second = await follow({ nextToken: first.nextForwardToken });
    const third = await follow({ nextToken: second.nextForwardToken });
    expect([first, second, third].map(({ events }) => events!.map(({ message }) => message))).toEqual([
      ['1', '2'],
      ['3'],
      [],
    ]);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
    await write('a', ['4']);
    expect((await follow({ nextToken: third.nextForwardToken })).events!.map(({ message }) => message)).toEqual(['4']);
    expect((await follow({ startFromHead: false, limit: 1 })).events!.map(({ message }) => message)).toEqual(['4']);
  });

  test('are gone after their days', async () => {
    await write('a', ['old']);
    await aws.world.clock.advance(6 * day);
    await write('a', ['new']);
    expect((await filter()).lines).toEqual(['old', 'new']);
    await aws.world.clock.advance(day + 1);
    expect((await filter()).lines).toEqual(['new']);
  });
});

test('tags are found across services', async () => {
  await create('AWS::Logs::LogGroup', { LogGroupName: 'g', Tags: [{ Key: 'own', Value: '1' }] });
  await create('AWS::SecretsManager::Secret', { Name: 's', SecretString: 'x' });
  await create('AWS::SSM::Parameter', { Name: '/p', Type: 'String', Value: 'x' });
  const find = async (input: object) => {
    const { ResourceTagMappingList: found = [] } = await new ResourceGroupsTaggingAPIClient(options()).send(
      new GetResourcesCommand(input),
    );
    return found.map(({ ResourceARN }) => ResourceARN!.split(':')[2]);
  };
  const ours = [{ Key: 'fairlead:app', Values: ['shop', 'blog'] }];
  expect((await find({ TagFilters: ours })).sort()).toEqual(['logs', 'secretsmanager', 'ssm']);
  expect(await find({ TagFilters: [...ours, { Key: 'own' }] })).toEqual(['logs']);
  expect(await find({ TagFilters: ours, ResourceTypeFilters: ['logs:log-group'] })).toEqual(['logs']);
  expect(await find({ TagFilters: [{ Key: 'fairlead:app', Values: ['blog'] }] })).toEqual([]);
  expect((await find({ ResourcesPerPage: 2 })).length).toBe(2);
});

test('quotas are the published ones until they are set', async () => {
  const get = async () =>
    (
      await new ServiceQuotasClient(options()).send(
        new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' }),
      )
    ).Quota?.Value;
  expect(await get()).toBe(5);
  aws.world.service<ServiceQuotas>('servicequotas').set('L-F678F1CE', 50);
  expect(await get()).toBe(50);
});
