import { Readable } from 'node:stream';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import {
  CreateScheduleCommand,
  GetScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, QueueDoesNotExist, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import { AwsError, type Operation, type Service } from './aws/model.ts';

let aws: FakeAws;
const inputs: Record<string, unknown> = {};

// What services do is tested with them; here, what arrives at one and what comes back from it.
const echo = (id: string, answers: Record<string, unknown>): Service => ({
  id,
  operations: Object.fromEntries(
    Object.entries(answers).map(([name, answer]): [string, Operation] => [
      name,
      (input) => {
        inputs[name] = input;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    ]),
  ),
});

const at = new Date('2026-11-02T09:00:00Z');

beforeAll(async () => {
  aws = await makeFakeAws();
  const services = [
    echo('sqs', { SendMessage: { MessageId: 'm' }, ListQueues: new AwsError('QueueDoesNotExist', 'No such queue.') }),
    echo('sns', { Publish: { MessageId: '1' } }),
    echo('ec2', {
      DescribeVpcs: {
        Vpcs: [{ VpcId: 'vpc-1', IsDefault: false, Tags: [{ Key: 'name', Value: '<a> & "b"\r\n' }] }],
        NextToken: 'n',
      },
      CreateVpc: new AwsError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.'),
    }),
    echo('scheduler', {
      CreateSchedule: { ScheduleArn: 'arn' },
      GetSchedule: new AwsError('ResourceNotFoundException', 'Schedule n does not exist.', 404),
    }),
    echo('s3', {
      PutObject: { ETag: '"e"' },
      UploadPart: { ETag: '"p"' },
      CopyObject: { CopyObjectResult: { ETag: '"c"', LastModified: at } },
      GetObject: { Body: Buffer.from('hello'), ContentLength: 5, LastModified: at, Metadata: { a: 'b' }, ETag: '"e"' },
      HeadObject: new AwsError('NotFound', 'Not Found', 404),
      ListObjectsV2: {
        Contents: [{ Key: 'a&b', Size: 1, LastModified: at }],
        CommonPrefixes: [{ Prefix: 'p/' }],
        IsTruncated: false,
      },
      DeleteObjects: { Deleted: [{ Key: 'a' }] },
      ListBuckets: { Buckets: [{ Name: 'b', CreationDate: at }] },
      GetBucketLocation: { LocationConstraint: 'eu-central-1' },
      PutBucketPolicy: {},
      CreateMultipartUpload: { UploadId: 'u' },
    }),
  ];
  for (const service of services) (aws.world.services as Map<string, Service>).set(service.id, service);
});
afterAll(() => aws.dispose());
beforeEach(() => void aws.world.journal.splice(0));

const options = () => ({
  endpoint: aws.url,
  region: 'eu-central-1',
  maxAttempts: 1,
  credentials: { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! },
});

describe('the query protocol', () => {
  test('reads structures, maps and lists', async () => {
    const input = {
      TopicArn: 'arn:t',
      Message: 'ä & <b>',
      MessageAttributes: {
        one: { DataType: 'String', StringValue: 'v' },
        two: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
      },
    };
    const { MessageId, $metadata } = await new SNSClient(options()).send(new PublishCommand(input));
    expect(inputs.Publish).toEqual(input);
    expect(MessageId).toBe('1');
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('tells errors by the names that the API has for them', async () => {
    const failure = new IAMClient(options()).send(new GetRoleCommand({ RoleName: 'nobody' }));
    await expect(failure).rejects.toBeInstanceOf(NoSuchEntityException);
    await expect(failure).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('the query protocol of EC2', () => {
  test('reads flat lists and writes sets of items', async () => {
    const input = {
      VpcIds: ['vpc-1', 'vpc-2'],
      Filters: [{ Name: 'tag:a', Values: ['1', '2'] }],
      DryRun: false,
      MaxResults: 5,
    };
    const { Vpcs, NextToken } = await new EC2Client(options()).send(new DescribeVpcsCommand(input));
    expect(inputs.DescribeVpcs).toEqual(input);
    expect(Vpcs).toEqual([{ VpcId: 'vpc-1', IsDefault: false, Tags: [{ Key: 'name', Value: '<a> & "b"\r\n' }] }]);
    expect(NextToken).toBe('n');
  });

  test('tells errors', async () => {
    const failure = new EC2Client(options()).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    await expect(failure).rejects.toMatchObject({
      name: 'VpcLimitExceeded',
      message: expect.stringContaining('maximum'),
    });
  });
});

describe('the JSON protocol', () => {
  test('takes and gives binary data', async () => {
    const input = {
      QueueUrl: `${aws.url}/1/q`,
      MessageBody: 'x',
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array([65]) } },
    };
    await new SQSClient({ ...options(), md5: false }).send(new SendMessageCommand(input));
    expect(inputs.SendMessage).toEqual(input);
  });

  test('tells errors with the code of the former protocol', async () => {
    const failure = new SQSClient(options()).send(new ListQueuesCommand({}));
    await expect(failure).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(failure).rejects.toMatchObject({
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      message: 'No such queue.',
    });
  });
});

describe('REST with XML', () => {
  const client = () => new s3.S3Client(options());

  test('paths, headers, metadata and content', async () => {
    const Key = "a b/c+(d)'é%2F.txt";
    await client().send(
      new s3.PutObjectCommand({ Bucket: 'b', Key, Body: 'hello', ContentType: 'text/plain', Metadata: { foo: 'bar' } }),
    );
    expect(inputs.PutObject).toMatchObject({ Bucket: 'b', Key, ContentType: 'text/plain', Metadata: { foo: 'bar' } });
    expect(Buffer.from((inputs.PutObject as { Body: Uint8Array }).Body).toString()).toBe('hello');
    const { Body, LastModified, Metadata } = await client().send(
      new s3.GetObjectCommand({ Bucket: 'b', Key, Range: 'bytes=0-4' }),
    );
    expect(inputs.GetObject).toMatchObject({ Key, Range: 'bytes=0-4' });
    expect(await Body?.transformToString()).toBe('hello');
    expect({ LastModified, Metadata }).toEqual({ LastModified: at, Metadata: { a: 'b' } });
  });

  test('content in frames, as streams are sent', async () => {
    const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('end')]);
    await client().send(new s3.PutObjectCommand({ Bucket: 'b', Key: 'k', Body, ContentLength: 70_003 }));
    const { Body: content, ContentEncoding } = inputs.PutObject as { Body: Uint8Array; ContentEncoding?: string };
    expect(Buffer.from(content).toString()).toBe(`${'a'.repeat(70_000)}end`);
    expect(ContentEncoding).toBeUndefined();
  });

  test.each<[string, () => Promise<unknown>, object]>([
    ['ListBuckets', () => client().send(new s3.ListBucketsCommand({})), {}],
    [
      'ListObjectsV2',
      () => client().send(new s3.ListObjectsV2Command({ Bucket: 'b', Prefix: 'a/', MaxKeys: 3 })),
      { Bucket: 'b', Prefix: 'a/', MaxKeys: 3 },
    ],
    [
      'UploadPart',
      () => client().send(new s3.UploadPartCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 2, Body: 'x' })),
      { UploadId: 'u', PartNumber: 2 },
    ],
    [
      'CopyObject',
      () => client().send(new s3.CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/a' })),
      { CopySource: 'b/a' },
    ],
    [
      'DeleteObjects',
      () =>
        client().send(new s3.DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a' }, { Key: 'c' }] } })),
      { Delete: { Objects: [{ Key: 'a' }, { Key: 'c' }] } },
    ],
    ['GetBucketLocation', () => client().send(new s3.GetBucketLocationCommand({ Bucket: 'b' })), { Bucket: 'b' }],
    [
      'PutBucketPolicy',
      () => client().send(new s3.PutBucketPolicyCommand({ Bucket: 'b', Policy: '{"a":1}' })),
      { Bucket: 'b', Policy: '{"a":1}' },
    ],
    [
      'CreateMultipartUpload',
      () => client().send(new s3.CreateMultipartUploadCommand({ Bucket: 'b', Key: 'k' })),
      { Bucket: 'b', Key: 'k' },
    ],
  ])('finds the operation %s', async (name, send, input) => {
    await send();
    expect(aws.world.journal.map(({ operation }) => operation)).toEqual([name]);
    expect(inputs[name]).toMatchObject(input);
  });

  test('writes lists', async () => {
    const { Contents, CommonPrefixes } = await client().send(new s3.ListObjectsV2Command({ Bucket: 'b' }));
    expect(Contents).toEqual([{ Key: 'a&b', Size: 1, LastModified: at }]);
    expect(CommonPrefixes).toEqual([{ Prefix: 'p/' }]);
    const { LocationConstraint } = await client().send(new s3.GetBucketLocationCommand({ Bucket: 'b' }));
    expect(LocationConstraint).toBe('eu-central-1');
  });

  test('tells errors, also without content', async () => {
    await expect(client().send(new s3.HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toBeInstanceOf(
      s3.NotFound,
    );
  });
});

describe('REST with JSON', () => {
  const client = () => new SchedulerClient(options());

  test('labels, times and content', async () => {
    const input = {
      Name: 'n',
      ScheduleExpression: 'rate(1 hour)',
      StartDate: at,
      FlexibleTimeWindow: { Mode: 'OFF' as const },
      Target: { Arn: 'a', RoleArn: 'r', Input: '{}' },
    };
    expect(await client().send(new CreateScheduleCommand(input))).toMatchObject({ ScheduleArn: 'arn' });
    expect(inputs.CreateSchedule).toMatchObject(input);
  });

  test('tells errors', async () => {
    const failure = client().send(new GetScheduleCommand({ Name: 'n', GroupName: 'g' }));
    await expect(failure).rejects.toBeInstanceOf(ResourceNotFoundException);
    expect(inputs.GetSchedule).toEqual({ Name: 'n', GroupName: 'g' });
  });
});

describe('what is not there', () => {
  test('an operation that the fake does not model says so, and is in the journal', async () => {
    const failure = new s3.S3Client(options()).send(new s3.GetBucketAclCommand({ Bucket: 'b' }));
    await expect(failure).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('s3:GetBucketAcl'),
    });
    expect(aws.world.journal).toMatchObject([
      { service: 's3', operation: 'GetBucketAcl', error: 'UnknownOperationException' },
    ]);
  });

  test('a fault of the fake itself is an internal failure, and loud', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    (aws.world.services.get('sqs')!.operations as Record<string, Operation>).GetQueueUrl = () => {
      throw new TypeError('broken');
    };
    const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    await expect(new SQSClient(options()).send(new GetQueueUrlCommand({ QueueName: 'q' }))).rejects.toMatchObject({
      name: 'InternalFailure',
    });
    expect(told).toHaveBeenCalled();
    told.mockRestore();
  });
});

test('the fault script has its way with calls', async () => {
  const put = (name: string) =>
    new SSMClient({ ...options(), maxAttempts: 3 }).send(new PutParameterCommand({ Name: name, Value: 'v' }));
  aws.world.faults.add({
    when: ({ service, operation }) => service === 'ssm' && operation === 'PutParameter',
    times: 2,
    effect: { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' },
  });
  await put('a');
  expect(aws.world.journal.map(({ error }) => error)).toEqual([
    'ThrottlingException',
    'ThrottlingException',
    undefined,
  ]);
});
