import { afterEach, describe, expect, test } from '@jest/globals';
import type { Properties, Service } from './aws/model.ts';
import { type Cloud, cloud, queues } from './aws-cloudformation/cloud.ts';

let aws: Cloud;
afterEach(() => aws.dispose());

const values: Record<string, string> = { '/fairlead/schema': 'seven', secret: '{"password":"hidden"}' };
let given: Properties[] = [];

/** What templates ask of other services, and a type that says what it was given. */
const others: Service[] = [
  {
    id: 'ssm',
    operations: {
      GetParameter: ({ Name }: { Name: string }) => {
        if (!(Name in values)) throw new Error('ParameterNotFound');
        return { Parameter: { Value: values[Name] } };
      },
    },
  },
  {
    id: 'secretsmanager',
    operations: { GetSecretValue: ({ SecretId }: { SecretId: string }) => ({ SecretString: values[SecretId] }) },
  },
  {
    id: 's3',
    operations: {
      GetObject: ({ Bucket, Key }: Properties) => ({ Body: Buffer.from(objects.get(`${Bucket}/${Key}`) ?? '') }),
    },
  },
  {
    id: 'given',
    operations: {},
    resources: {
      'AWS::SNS::Topic': {
        create: async (properties) => {
          given.push(properties);
          return { id: 'arn:topic' };
        },
        update: async (id, properties) => {
          given.push(properties);
          return { id };
        },
        delete: async () => {},
        read: async () => ({}),
      },
    },
  },
];
const objects = new Map<string, string>();

async function output(value: unknown, more: object = {}): Promise<string | undefined> {
  aws = cloud('instant', { services: others });
  const template = {
    Transform: 'AWS::LanguageExtensions',
    ...queues('Queue'),
    Outputs: { Value: { Value: value } },
    ...more,
  };
  await aws.create('shop', template, { Capabilities: ['CAPABILITY_AUTO_EXPAND'] });
  return aws.outputs(await aws.settled('shop')).Value;
}

const conditions = {
  Parameters: { Stage: { Type: 'String', Default: 'preview' }, Zones: { Type: 'CommaDelimitedList', Default: 'a, b' } },
  Mappings: { Sizes: { preview: { cpu: '256' }, production: { cpu: '1024' } } },
  Conditions: {
    IsPreview: { 'Fn::Equals': [{ Ref: 'Stage' }, 'preview'] },
    IsOther: { 'Fn::Not': [{ Condition: 'IsPreview' }] },
    Both: {
      'Fn::And': [{ Condition: 'IsPreview' }, { 'Fn::Or': [{ Condition: 'IsOther' }, { Condition: 'IsPreview' }] }],
    },
  },
};

describe('Functions', () => {
  test.each<[unknown, string]>([
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-eu-central-1'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [',', 'x,y,z'] }] }, 'y'],
    [
      { 'Fn::Sub': ['$' + '{A}/$' + '{AWS::AccountId}/$' + '{!Literal}', { A: 'b' }] },
      'b/123456789012/$' + '{Literal}',
    ],
    [{ 'Fn::If': ['IsPreview', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsOther', 'yes', { 'Fn::If': ['Both', 'both', 'none'] }] }, 'both'],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'cpu'] }, '256'],
    [{ 'Fn::Base64': 'hello' }, 'aGVsbG8='],
    [{ 'Fn::Select': [2, { 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }] }, '10.0.2.0/24'],
    [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'eu-central-1a'],
    [{ 'Fn::ToJsonString': { a: [{ Ref: 'Stage' }] } }, '{"a":["preview"]}'],
    [{ 'Fn::Length': { Ref: 'Zones' } }, '2'],
    [{ 'Fn::Select': [1, { Ref: 'Zones' }] }, 'b'],
  ])('%j is %s', async (value, expected) => {
    expect(await output(value, conditions)).toBe(expected);
  });

  test('of the language extensions need the transform, and that an acknowledgement', async () => {
    aws = cloud();
    const template = { ...queues('A'), Outputs: { Value: { Value: { 'Fn::Length': [1] } } } };
    await expect(aws.create('shop', template)).rejects.toThrow('Unrecognized function Fn::Length');
    const transformed = { ...template, Transform: 'AWS::LanguageExtensions' };
    await expect(aws.create('shop', transformed)).rejects.toThrow('Requires capabilities : [CAPABILITY_AUTO_EXPAND]');
  });

  test('leave out what has no value, and resources whose condition does not hold', async () => {
    given = [];
    aws = cloud('instant', { services: others });
    const topic = {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: { 'Fn::If': ['IsOther', 'x', { Ref: 'AWS::NoValue' }] }, DisplayName: 'd' },
    };
    await aws.create('shop', {
      ...conditions,
      Resources: { T: topic, U: { Type: 'AWS::SNS::Topic', Condition: 'IsOther' } },
    });
    await aws.settled('shop');
    expect(given).toEqual([{ DisplayName: 'd' }]);
    expect(Object.keys(await aws.physicalIds('shop'))).toEqual(['T']);
  });

  test('take over what another stack exports, which then has to stay', async () => {
    aws = cloud();
    await aws.create('base', { ...queues('Q'), Outputs: { Name: { Value: 'v', Export: { Name: 'base-name' } } } });
    await aws.settled('base');
    await aws.create('shop', {
      Resources: { A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::ImportValue': 'base-name' } } } },
    });
    await aws.settled('shop');
    expect(Object.values(await aws.physicalIds('shop'))[0]).toContain('v');
    await expect(aws.call('DeleteStack', { StackName: 'base' })).rejects.toThrow(
      'Cannot delete export base-name as it is in use by shop',
    );
    await aws.create('twin', { ...queues('Q'), Outputs: { Name: { Value: 'v', Export: { Name: 'base-name' } } } });
    expect(await aws.settled('twin')).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
  });
});

describe('Values from elsewhere', () => {
  const fromStore = {
    Parameters: { Schema: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/fairlead/schema' } },
  };

  test('of Parameter Store are parameters', async () => {
    expect(await output({ Ref: 'Schema' }, fromStore)).toBe('seven');
    expect(await aws.settled('shop')).toMatchObject({
      Parameters: [{ ParameterKey: 'Schema', ParameterValue: '/fairlead/schema', ResolvedValue: 'seven' }],
    });
    await expect(
      aws.create(
        'other',
        { ...queues('A'), ...fromStore },
        { Parameters: [{ ParameterKey: 'Schema', ParameterValue: '/none' }] },
      ),
    ).rejects.toThrow('Unable to fetch parameters [/none] from parameter store for this account.');
  });

  test('by dynamic references are given to the resource, and kept nowhere', async () => {
    given = [];
    aws = cloud('instant', { services: others });
    const topic = {
      Type: 'AWS::SNS::Topic',
      Properties: {
        DisplayName: '{{resolve:secretsmanager:secret:SecretString:password}}-{{resolve:ssm:/fairlead/schema}}',
      },
    };
    await aws.create('shop', { Resources: { T: topic } });
    await aws.settled('shop');
    expect(given).toEqual([{ DisplayName: 'hidden-seven' }]);
    expect(JSON.stringify(await aws.call('DescribeStackEvents', { StackName: 'shop' }))).not.toContain('hidden');
  });
});

describe('A template', () => {
  const yaml = `
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '\${AWS::StackName}-q'
      Tags: [{ Key: a, Value: !Join ['-', [x, !Ref AWS::Region]] }]
Outputs:
  Arn: { Value: !GetAtt Queue.Arn }
  First: { Value: !Select [0, !Split [':', !GetAtt Queue.Arn]] }
`;

  test('may be YAML with short forms, and comes back as it was', async () => {
    aws = cloud();
    await aws.create('shop', {}, { TemplateBody: yaml });
    expect(aws.outputs(await aws.settled('shop'))).toEqual({
      Arn: 'arn:aws:sqs:eu-central-1:123456789012:shop-q',
      First: 'arn',
    });
    expect(await aws.call('GetTemplate', { StackName: 'shop' })).toMatchObject({ TemplateBody: yaml });
    await expect(aws.create('bad', {}, { TemplateBody: 'a: [' })).rejects.toThrow(
      'Template format error: YAML not well-formed.',
    );
  });

  test('that is long lies in S3', async () => {
    aws = cloud('instant', { services: others });
    const long = JSON.stringify({ ...queues('Queue'), Metadata: 'x'.repeat(60_000) });
    objects.set('bucket/dir/template.json', long);
    objects.set('bucket/huge.json', JSON.stringify({ ...queues('Queue'), Metadata: 'x'.repeat(1_000_000) }));
    await aws.call('CreateStack', { StackName: 'shop', TemplateURL: 'http://127.0.0.1:9000/bucket/dir/template.json' });
    expect((await aws.settled('shop')).StackStatus).toBe('CREATE_COMPLETE');
    await expect(
      aws.call('ValidateTemplate', { TemplateURL: 'https://bucket.s3.eu-central-1.amazonaws.com/huge.json' }),
    ).rejects.toThrow('may not exceed 1000000 bytes');
  });

  test('is summed up', async () => {
    aws = cloud();
    const roles = {
      Resources: { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } } },
      ...{ Parameters: { P: { Type: 'String', Default: 'd' } } },
    };
    expect(await aws.call('GetTemplateSummary', { TemplateBody: JSON.stringify(roles) })).toMatchObject({
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ResourceTypes: ['AWS::IAM::Role'],
      Parameters: [{ ParameterKey: 'P', DefaultValue: 'd', ParameterType: 'String' }],
    });
  });
});
