import { describe, expect, test } from '@jest/globals';
import { expiresFor } from '../../cdk/apply/expires.ts';
import { withoutServices } from '../../cdk/apply/without-services.ts';
import { emptyBucket } from '../../cdk/destroy/buckets.ts';
import { endingOf } from '../../cdk/rollout/ending.ts';
import type { Event } from '../../cdk/stacks/events.ts';
import { firstCause, plainReason } from '../../cdk/stacks/first-cause.ts';
import { makeSmallCloud } from './support/small-cloud.ts';

const event = (logicalId: string, status: string, reason?: string, type = 'AWS::SQS::Queue'): Event => ({
  ...{ id: `${logicalId} ${status}`, at: new Date(0), logicalId, type, status },
  ...(reason !== undefined && { reason }),
});

describe('The first cause of a failure', () => {
  test.each<[string, Event[], string | undefined]>([
    ['is none where nothing failed', [event('A', 'CREATE_COMPLETE')], undefined],
    [
      'is no cancelled resource and not the stack itself',
      [
        event('A', 'CREATE_FAILED', 'Resource creation cancelled'),
        event('S', 'CREATE_FAILED', 'The following resource(s) failed', 'AWS::CloudFormation::Stack'),
        event('B', 'CREATE_FAILED', 'It broke'),
        event('C', 'CREATE_FAILED', 'It broke, too'),
      ],
      'B',
    ],
    [
      'is the stack where no resource was touched',
      [event('S', 'ROLLBACK_IN_PROGRESS', 'Not allowed', 'AWS::CloudFormation::Stack')],
      'S',
    ],
  ])('%s', (_, events, expected) => expect(firstCause(events)?.logicalId).toBe(expected));

  test.each([
    [
      'Resource handler returned message: "It broke" (RequestToken: 12-34, HandlerErrorCode: InvalidRequest)',
      'It broke',
    ],
    ['No such role (Service: Iam, Status Code: 404)', 'No such role'],
    ['It broke', 'It broke'],
  ])('is told plainly: %s', (reason, plain) => expect(plainReason(reason)).toBe(plain));
});

test.each([
  [undefined, undefined, undefined],
  [7, undefined, '2026-11-10T00:00:00.000Z'],
  [7, '2026-11-10T00:00:00.000Z', '2026-11-10T00:00:00.000Z'],
  // Up to a day short it stays: another time would touch every resource.
  [7, '2026-11-09T00:00:00.000Z', '2026-11-09T00:00:00.000Z'],
  [7, '2026-11-08T00:00:00.000Z', '2026-11-10T00:00:00.000Z'],
])('keeps an environment for %s days, where %s is written, until %s', (days, written, expected) => {
  const now = new Date('2026-11-02T09:00:00Z');
  expect(expiresFor(days === undefined ? undefined : days * 86_400_000, written, now)).toBe(expected);
});

test('takes what runs out of a template, with all that is about it', () => {
  const template = {
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue' },
      Service: { Type: 'AWS::ECS::Service' },
      Scaling: { Type: 'AWS::ApplicationAutoScaling::ScalableTarget', DependsOn: ['Service'] },
      Policy: { Type: 'X', Properties: { Of: { 'Fn::GetAtt': ['Scaling', 'Id'] } } },
    },
    Outputs: {
      Release: { Value: 'sha256:0' },
      LogGroup: { Value: { Ref: 'Queue' } },
      Name: { Value: { 'Fn::Sub': `$${'{Service}'}-x` } },
    },
  };
  expect(withoutServices(template)).toEqual({
    Resources: { Queue: template.Resources.Queue },
    Outputs: { LogGroup: template.Outputs.LogGroup },
  });
});

test.each([
  ['runs', { lastStatus: 'RUNNING' }, undefined],
  [
    'was stopped by scaling',
    { lastStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated', containers: [{ name: 'app', exitCode: 143 }] },
    undefined,
  ],
  [
    'ended',
    { lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', containers: [{ name: 'app', exitCode: 3 }] },
    { container: 'app', reason: 'it ended with code 3' },
  ],
  [
    'had no image',
    {
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: not found',
      containers: [{ name: 'app' }],
    },
    { reason: 'it could not be started: CannotPullContainerError: not found' },
  ],
  [
    'used up its memory',
    {
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: [{ name: 'app', exitCode: 137, reason: 'OutOfMemoryError: Container killed' }],
    },
    { container: 'app', reason: 'it needs more memory than it has, and was ended for that' },
  ],
  [
    'could not migrate',
    {
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      containers: [{ name: 'provision', exitCode: 0 }, { name: 'migrate', exitCode: 1 }, { name: 'app' }],
    },
    { container: 'migrate', reason: 'it ended with code 1' },
  ],
  [
    'has done what it had to',
    {
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: [
        { name: 'provision', exitCode: 0 },
        { name: 'migrate', exitCode: 0 },
      ],
    },
    undefined,
  ],
] as const)('knows how a task ended that %s', (_, task, expected) => {
  expect(endingOf(task as unknown as Parameters<typeof endingOf>[0])).toEqual(expected);
});

test('empties a bucket of every version, every mark and every part, while nobody may write', async () => {
  const { clients, account, dispose } = await makeSmallCloud();
  try {
    const s3 = await clients.s3();
    const Bucket = 'shop-files';
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } });
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    for (const Body of ['one', 'two']) await s3.putObject({ Bucket, Key: 'a', Body });
    await s3.deleteObject({ Bucket, Key: 'a' });
    await s3.createMultipartUpload({ Bucket, Key: 'b' });
    expect(await emptyBucket({ clients, account }, Bucket)).toBe(3);
    const { Policy } = await s3.getBucketPolicy({ Bucket });
    expect(Policy).toContain('"Effect":"Deny"');
    expect((await s3.listMultipartUploads({ Bucket })).Uploads ?? []).toEqual([]);
    await s3.deleteBucket({ Bucket });
    expect(await emptyBucket({ clients, account }, Bucket)).toBeUndefined();
  } finally {
    await dispose();
  }
});
