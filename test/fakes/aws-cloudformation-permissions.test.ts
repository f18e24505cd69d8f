import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Call, Operation, Principal, Service, Wish } from './aws/model.ts';
import { createIam } from './aws/services/iam/iam.ts';
import type { AwsWorld } from './aws/world.ts';
import { type Cloud, cloud, queues } from './aws-cloudformation/cloud.ts';

const account = '123456789012';
const queueArn = `arn:aws:sqs:eu-central-1:${account}:orders`;
const deployer: Principal = {
  kind: 'role',
  account,
  role: 'deployer',
  session: 'job',
  expires: Number.MAX_SAFE_INTEGER,
};

/** Queues that CloudFormation may only make as somebody who may. */
const sqs: Service = {
  id: 'queues',
  operations: {},
  resources: {
    'AWS::SQS::Queue': {
      create: async () => ({ id: 'orders' }),
      update: async (id) => ({ id }),
      delete: async () => {},
      read: async () => ({}),
      wishes: (verb): Wish[] => [
        { action: verb === 'delete' ? 'sqs:DeleteQueue' : 'sqs:CreateQueue', resource: queueArn },
      ],
    },
  },
};

let aws: Cloud;
let iam: Service;
beforeEach(() => {
  aws = cloud('instant', { principal: deployer, services: [sqs], enforceIam: true });
  iam = createIam(aws.world);
  (aws.world as AwsWorld).services.set('iam', iam);
});
afterEach(() => aws.dispose());

async function role(RoleName: string, ...Action: string[]): Promise<string> {
  const root: Call = { account, region: 'eu-central-1', principal: { kind: 'root', account }, requestId: 'request' };
  const policy = (body: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...body }] });
  const trust = policy({ Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await (iam.operations.CreateRole as Operation)({ RoleName, AssumeRolePolicyDocument: trust }, root);
  if (Action.length > 0) {
    const PolicyDocument = policy({ Action, Resource: queueArn });
    await (iam.operations.PutRolePolicy as Operation)({ RoleName, PolicyName: 'queues', PolicyDocument }, root);
  }
  return `arn:aws:iam::${account}:role/${RoleName}`;
}

describe('Each step of a resource', () => {
  test('is done as the caller, who may not do everything', async () => {
    await role('deployer', 'sqs:CreateQueue');
    await aws.create('shop', queues('A'));
    expect((await aws.settled('shop')).StackStatus).toBe('CREATE_COMPLETE');
    await aws.call('DeleteStack', { StackName: 'shop' });
    expect((await aws.settled('shop')).StackStatus).toBe('DELETE_FAILED');
    const [failed] = (await aws.story('shop')).filter((line) => line.startsWith('A DELETE_FAILED'));
    expect(failed).toMatch(
      /assumed-role\/deployer\/job is not authorized to perform: sqs:DeleteQueue on resource: .+HandlerErrorCode: AccessDenied/,
    );
  });

  test('is done as the role of the stack, where it has one', async () => {
    await role('deployer');
    const RoleARN = await role('worker', 'sqs:CreateQueue', 'sqs:DeleteQueue');
    await aws.create('shop', queues('A'));
    expect((await aws.settled('shop')).StackStatus).toBe('ROLLBACK_COMPLETE');
    const StackId = await aws.create('other', queues('A'), { RoleARN });
    expect(await aws.settled('other')).toMatchObject({ StackStatus: 'CREATE_COMPLETE', RoleARN });
    await aws.call('DeleteStack', { StackName: 'other' });
    expect((await aws.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  });
});

test('An operation is asked for on the ARN of its stack, with its tags, and with the role that it passes', async () => {
  const root = { account, region: 'eu-central-1', principal: { kind: 'root' as const, account }, requestId: 'request' };
  const { authorize } = aws.world.service('cloudformation');
  const wishes = (operation: string, input: object) => authorize?.(operation, input as never, root);
  const Tags = [{ Key: 'fairlead:app', Value: 'shop' }];
  const RoleARN = await role('deployer', 'sqs:CreateQueue');
  expect(wishes('CreateStack', { StackName: 'shop', Tags, RoleARN })).toMatchObject([
    {
      action: 'cloudformation:CreateStack',
      resource: `arn:aws:cloudformation:eu-central-1:${account}:stack/shop/*`,
      context: { 'aws:RequestTag/fairlead:app': 'shop', 'cloudformation:RoleArn': RoleARN },
    },
    { action: 'iam:PassRole', resource: RoleARN, context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
  ]);
  const id = await aws.create('shop', queues('A'), { Tags });
  expect(wishes('DeleteStack', { StackName: 'shop' })).toMatchObject([
    { resource: id, context: { 'aws:ResourceTag/fairlead:app': 'shop' } },
  ]);
  expect(wishes('ListStacks', {})).toEqual([{ action: 'cloudformation:ListStacks', resource: '*' }]);
});
