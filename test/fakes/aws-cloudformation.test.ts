import { afterEach, describe, expect, test } from '@jest/globals';
import { type Cloud, cloud, queues } from './aws-cloudformation/cloud.ts';

let aws: Cloud;
afterEach(() => aws.dispose());

describe('Stacks', () => {
  test('are made in the order of their references, and say what they gave', async () => {
    aws = cloud();
    const id = await aws.create('shop', {
      Resources: {
        Queue: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            QueueName: 'orders',
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
          },
        },
        Dead: { Type: 'AWS::SQS::Queue' },
        Policy: {
          Type: 'AWS::SQS::QueuePolicy',
          DependsOn: 'Dead',
          Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: {} },
        },
      },
      Outputs: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Fn::Sub.
        Url: { Value: { 'Fn::Sub': '${AWS::StackName}/${Queue.QueueName}/${AWS::Region}' } },
        Dead: {
          Value: { 'Fn::Join': [':', [{ 'Fn::GetAtt': ['Dead', 'Arn'] }, { Ref: 'AWS::AccountId' }]] },
          Export: { Name: 'shop-dead' },
        },
      },
    });
    const stack = await aws.settled('shop');
    expect(stack).toMatchObject({ StackId: id, StackStatus: 'CREATE_COMPLETE', EnableTerminationProtection: false });
    expect(aws.outputs(stack).Url).toBe('shop/orders/eu-central-1');
    expect(aws.outputs(stack).Dead).toMatch(
      /^arn:aws:sqs:eu-central-1:123456789012:shop-Dead-[A-Z0-9]{12}:123456789012$/,
    );
    expect(await aws.story('shop')).toEqual([
      'shop CREATE_IN_PROGRESS User Initiated',
      'Dead CREATE_IN_PROGRESS',
      'Dead CREATE_IN_PROGRESS Resource creation Initiated',
      'Dead CREATE_COMPLETE',
      'Queue CREATE_IN_PROGRESS',
      'Queue CREATE_IN_PROGRESS Resource creation Initiated',
      'Queue CREATE_COMPLETE',
      'Policy CREATE_IN_PROGRESS',
      'Policy CREATE_IN_PROGRESS Resource creation Initiated',
      'Policy CREATE_COMPLETE',
      'shop CREATE_COMPLETE',
    ]);
    expect(await aws.call('ListExports')).toMatchObject({ Exports: [{ Name: 'shop-dead', ExportingStackId: id }] });
  });

  test('stay readable by their id when they are deleted', async () => {
    aws = cloud();
    const id = await aws.create('shop', queues('A', 'B'));
    await aws.settled('shop');
    await aws.call('DeleteStack', { StackName: 'shop' });
    expect((await aws.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    await expect(aws.call('DescribeStacks', { StackName: 'shop' })).rejects.toThrow(
      'Stack with id shop does not exist',
    );
    expect(await aws.call('DeleteStack', { StackName: 'shop' })).toEqual({});
    const { StackSummaries } = (await aws.call('ListStacks', { StackStatusFilter: ['DELETE_COMPLETE'] })) as {
      StackSummaries: unknown[];
    };
    expect(StackSummaries).toMatchObject([{ StackId: id }]);
  });

  test('are protected from being deleted', async () => {
    aws = cloud();
    await aws.create('shop', queues('A'), { EnableTerminationProtection: true });
    await aws.settled('shop');
    await expect(aws.call('DeleteStack', { StackName: 'shop' })).rejects.toThrow(
      'Stack [shop] cannot be deleted while TerminationProtection is enabled',
    );
    await aws.call('UpdateTerminationProtection', { StackName: 'shop', EnableTerminationProtection: false });
    await aws.call('DeleteStack', { StackName: 'shop' });
    await expect(aws.settled('shop')).rejects.toThrow('does not exist');
  });

  test('have events in pages, newest first', async () => {
    aws = cloud();
    await aws.create('shop', queues(...Array.from({ length: 40 }, (_, index) => `Q${index}`)));
    await aws.settled('shop');
    const first = (await aws.call('DescribeStackEvents', { StackName: 'shop' })) as {
      StackEvents: { ResourceStatus: string }[];
      NextToken: string;
    };
    expect(first.StackEvents).toHaveLength(100);
    expect(first.StackEvents[0]).toMatchObject({ LogicalResourceId: 'shop', ResourceStatus: 'CREATE_COMPLETE' });
    const rest = (await aws.call('DescribeStackEvents', {
      StackName: 'shop',
      NextToken: first.NextToken,
    })) as typeof first;
    expect(rest.StackEvents).toHaveLength(22);
    expect(rest.NextToken).toBeUndefined();
  });

  test('take one request once by its token', async () => {
    aws = cloud();
    const again = { ClientRequestToken: 'one' };
    expect(await aws.create('shop', queues('A'), again)).toBe(await aws.create('shop', queues('A'), again));
    await expect(aws.create('other', queues('A'), again)).rejects.toMatchObject({
      code: 'TokenAlreadyExistsException',
    });
  });
});

describe('What is refused', () => {
  const parameters = {
    Size: { Type: 'Number', Default: 1, MaxValue: 3 },
    Name: { Type: 'String', AllowedValues: ['a', 'b'] },
  };
  const many = (count: number) => queues(...Array.from({ length: count }, (_, index) => `Q${index}`));

  test.each<[string, object, object, string]>([
    [
      'a type that there is not',
      { Resources: { A: { Type: 'AWS::Foo::Bar' } } },
      {},
      'Template format error: Unrecognized resource types: [AWS::Foo::Bar]',
    ],
    ['no resources', { Resources: {} }, {}, 'At least one Resources member must be defined'],
    [
      'a reference to nothing',
      { Resources: { A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'B' } } } } },
      {},
      'Unresolved resource dependencies [B] in the Resources block',
    ],
    [
      'an attribute that there is not',
      { ...queues('A'), Outputs: { X: { Value: { 'Fn::GetAtt': ['A', 'Nope'] } } } },
      {},
      'resource A does not support attribute type Nope in Fn::GetAtt',
    ],
    [
      'a circle',
      { Resources: { A: { Type: 'AWS::SQS::Queue', DependsOn: 'B' }, B: { Type: 'AWS::SQS::Queue', DependsOn: 'A' } } },
      {},
      'Circular dependency between resources: [A, B]',
    ],
    ['501 resources', many(501), {}, 'Number of resources, 501, is greater than maximum allowed, 500'],
    [
      'a long template',
      { ...queues('A'), Description: 'x'.repeat(51_200) },
      {},
      'Member must have length less than or equal to 51200',
    ],
    [
      'a role without acknowledgement',
      { Resources: { R: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } } } },
      {},
      'Requires capabilities : [CAPABILITY_IAM]',
    ],
    [
      'a named role without its own',
      { Resources: { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } } } },
      { Capabilities: ['CAPABILITY_IAM'] },
      'Requires capabilities : [CAPABILITY_NAMED_IAM]',
    ],
    [
      'a parameter without a value',
      { ...queues('A'), Parameters: parameters },
      {},
      'Parameters: [Name] must have values',
    ],
    [
      'a value that is not allowed',
      { ...queues('A'), Parameters: parameters },
      { Parameters: [{ ParameterKey: 'Name', ParameterValue: 'c' }] },
      "Parameter 'Name' must be one of AllowedValues",
    ],
    [
      'a parameter that there is not',
      queues('A'),
      { Parameters: [{ ParameterKey: 'Nope', ParameterValue: 'c' }] },
      'Parameters: [Nope] do not exist in the template',
    ],
    [
      'a name with an underscore',
      queues('A'),
      { StackName: 'a_b' },
      "Value 'a_b' at 'stackName' failed to satisfy constraint",
    ],
    [
      'a property of templates that there is not',
      { ...queues('A'), Nope: 1 },
      {},
      'Invalid template property or properties [Nope]',
    ],
  ])('%s', async (_what, template, more, message) => {
    aws = cloud();
    await expect(aws.create('shop', template, more)).rejects.toThrow(message);
    expect(await aws.call('ListStacks')).toMatchObject({ StackSummaries: [] });
  });

  test('two operations at a time', async () => {
    aws = cloud('manual');
    const id = await aws.create('shop', queues('A'));
    await expect(aws.update('shop', queues('A', 'B'))).rejects.toThrow(
      `Stack:${id} is in CREATE_IN_PROGRESS state and can not be updated.`,
    );
    await expect(aws.changeSet('shop', queues('A', 'B'))).rejects.toThrow('CREATE_IN_PROGRESS');
    await expect(aws.create('shop', queues('A'))).rejects.toMatchObject({ code: 'AlreadyExistsException' });
  });

  test('an update that changes nothing', async () => {
    aws = cloud();
    await aws.create('shop', queues('A'));
    await aws.settled('shop');
    await expect(aws.update('shop', queues('A'))).rejects.toThrow('No updates are to be performed.');
  });

  test('properties that the schema does not know, when it comes to them', async () => {
    aws = cloud();
    await aws.create('shop', { Resources: { A: { Type: 'AWS::SQS::Queue', Properties: { QueName: 'a' } } } });
    expect((await aws.settled('shop')).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await aws.story('shop')).toContain(
      'A CREATE_FAILED Properties validation failed for resource A with message:\n#: extraneous key [QueName] is not permitted',
    );
  });
});
