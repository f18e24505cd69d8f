import { afterEach, describe, expect, test } from '@jest/globals';
import type { Properties } from './aws/model.ts';
import { type ChangeSetView, type Cloud, cloud, queues } from './aws-cloudformation/cloud.ts';

let aws: Cloud;
afterEach(() => aws.dispose());

const template = (queue: object, more: object = {}) => ({
  Parameters: { Size: { Type: 'Number', Default: '10' } },
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: queue },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Threshold: { Ref: 'Size' },
        AlarmDescription: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: 'f', EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    },
    ...more,
  },
});

const changesOf = (view: ChangeSetView): Record<string, Properties> =>
  Object.fromEntries(view.Changes.map(({ ResourceChange }) => [ResourceChange.LogicalResourceId, ResourceChange]));

async function made(of: object, more?: object): Promise<void> {
  await aws.create('shop', of, more);
  expect((await aws.settled('shop')).StackStatus).toBe('CREATE_COMPLETE');
}

describe('A change set', () => {
  test('of a new stack leaves it in review, and makes it when executed', async () => {
    aws = cloud();
    const view = await aws.changeSet('shop', template({}), {
      ChangeSetType: 'CREATE',
      Tags: [{ Key: 'app', Value: 'shop' }],
    });
    expect(view).toMatchObject({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Tags: [{ Key: 'app', Value: 'shop' }],
      Parameters: [{ ParameterKey: 'Size', ParameterValue: '10' }],
    });
    expect(Object.values(changesOf(view)).map(({ Action }) => Action)).toEqual(['Add', 'Add', 'Add']);
    expect((await aws.call('DescribeStacks', { StackName: 'shop' })) as object).toMatchObject({
      Stacks: [{ StackStatus: 'REVIEW_IN_PROGRESS' }],
    });
    await aws.call('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'change' });
    expect(await aws.settled('shop')).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      ChangeSetId: view.ChangeSetId,
      Tags: [{ Key: 'app', Value: 'shop' }],
    });
    await expect(
      aws.changeSet('shop', template({}), { ChangeSetName: 'other', ChangeSetType: 'CREATE' }),
    ).rejects.toThrow('Stack [shop] already exists and cannot be created again with the changeSet [other].');
    await expect(aws.call('ExecuteChangeSet', { ChangeSetName: view.ChangeSetId as string })).rejects.toMatchObject({
      code: 'InvalidChangeSetStatus',
    });
  });

  test('in review can be deleted with its stack', async () => {
    aws = cloud();
    await aws.changeSet('shop', template({}), { ChangeSetType: 'CREATE' });
    await aws.call('DeleteChangeSet', { StackName: 'shop', ChangeSetName: 'change' });
    expect(await aws.call('ListChangeSets', { StackName: 'shop' })).toMatchObject({ Summaries: [] });
    await expect(aws.call('DescribeChangeSet', { StackName: 'shop', ChangeSetName: 'change' })).rejects.toMatchObject({
      code: 'ChangeSetNotFound',
    });
    await aws.call('DeleteStack', { StackName: 'shop' });
    await expect(aws.settled('shop')).rejects.toThrow('does not exist');
  });

  test('says what changes in place, with values', async () => {
    aws = cloud();
    await made(template({ VisibilityTimeout: 30 }));
    const view = await aws.changeSet('shop', template({ VisibilityTimeout: 60 }));
    expect(view.Changes).toHaveLength(1);
    expect(changesOf(view).Queue).toMatchObject({
      Action: 'Modify',
      Replacement: 'False',
      Scope: ['Properties'],
      Details: [
        {
          Target: {
            Attribute: 'Properties',
            Name: 'VisibilityTimeout',
            RequiresRecreation: 'Never',
            BeforeValue: '30',
            AfterValue: '60',
            AttributeChangeType: 'Modify',
          },
          Evaluation: 'Static',
          ChangeSource: 'DirectModification',
        },
      ],
    });
    const plain = (await aws.call('DescribeChangeSet', {
      StackName: 'shop',
      ChangeSetName: 'change',
    })) as ChangeSetView;
    expect(JSON.stringify(plain.Changes)).not.toMatch(/BeforeValue|AfterContext/);
  });

  test('says what is replaced, and what perhaps is because of it', async () => {
    aws = cloud();
    await made(template({}));
    const view = changesOf(await aws.changeSet('shop', template({ FifoQueue: true })));
    expect(view.Queue).toMatchObject({ Replacement: 'True', PolicyAction: 'ReplaceAndDelete' });
    expect(view.Mapping).toMatchObject({
      Replacement: 'Conditional',
      Details: [
        {
          Target: {
            Name: 'EventSourceArn',
            RequiresRecreation: 'Always',
            AfterValue: '{{changeSet:KNOWN_AFTER_APPLY}}',
          },
          Evaluation: 'Dynamic',
          ChangeSource: 'ResourceAttribute',
          CausingEntity: 'Queue.Arn',
        },
      ],
    });
    expect(view.Alarm).toMatchObject({
      Replacement: 'False',
      Details: [{ Evaluation: 'Dynamic', CausingEntity: 'Queue.Arn' }],
    });
  });

  test('names the parameter that causes a change', async () => {
    aws = cloud();
    await made(template({}));
    const view = changesOf(
      await aws.changeSet('shop', template({}), { Parameters: [{ ParameterKey: 'Size', ParameterValue: '20' }] }),
    );
    expect(view.Alarm?.Details).toMatchObject([
      { ChangeSource: 'ParameterReference', CausingEntity: 'Size', Target: { BeforeValue: '10', AfterValue: '20' } },
    ]);
  });

  test('says what is added and removed, by which policy', async () => {
    aws = cloud();
    await made({
      Resources: { A: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' }, B: { Type: 'AWS::SQS::Queue' } },
    });
    const view = changesOf(await aws.changeSet('shop', queues('C')));
    expect(view).toMatchObject({
      A: { Action: 'Remove', PolicyAction: 'Retain' },
      B: { Action: 'Remove', PolicyAction: 'Delete' },
      C: { Action: 'Add' },
    });
  });

  test('that changes nothing fails in the words of AWS', async () => {
    aws = cloud();
    await made(template({}));
    expect(await aws.changeSet('shop', template({}))).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    });
    const reworded = { Description: 'Another', ...template({}) };
    expect(await aws.changeSet('shop', reworded, { ChangeSetName: 'two' })).toMatchObject({
      Status: 'FAILED',
      StatusReason: 'No updates are to be performed.',
    });
    await expect(aws.call('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'two' })).rejects.toThrow(
      'cannot be executed in its current status of [FAILED]',
    );
  });

  test('of tags touches what can have tags, and of outputs nothing', async () => {
    aws = cloud();
    await made(template({}));
    const view = changesOf(await aws.changeSet('shop', template({}), { Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(view.Queue).toMatchObject({ Scope: ['Tags'], Replacement: 'False' });
    const outputs = { ...template({}), Outputs: { Release: { Value: 'sha256:1' } } };
    const other = await aws.changeSet('shop', outputs, { ChangeSetName: 'two', Tags: [] });
    expect(other).toMatchObject({ Status: 'CREATE_COMPLETE', Changes: [] });
    await aws.call('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'two' });
    const stack = await aws.settled('shop');
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(aws.outputs(stack)).toEqual({ Release: 'sha256:1' });
  });

  test('is out of date once another update was made', async () => {
    aws = cloud();
    await made(queues('A'));
    const view = await aws.changeSet('shop', queues('A', 'B'));
    await aws.update('shop', queues('A', 'C'));
    await aws.settled('shop');
    await expect(aws.call('ExecuteChangeSet', { ChangeSetName: view.ChangeSetId as string })).rejects.toThrow(
      '[OBSOLETE]',
    );
  });

  test('fails early for properties that are wrong and names that are taken, and tells them as events', async () => {
    aws = cloud();
    await made({ Resources: { L: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/shop' } } } });
    const wrong = {
      Resources: {
        A: { Type: 'AWS::SQS::Queue', Properties: { QueName: 'a' } },
        L: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/shop' } },
      },
    };
    const view = await aws.changeSet('other', wrong, { ChangeSetType: 'CREATE' });
    expect(view.StatusReason).toBe(
      'The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation, AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.',
    );
    expect(
      await aws.call('DescribeEvents', { ChangeSetName: view.ChangeSetId, Filters: { FailedEvents: true } }),
    ).toMatchObject({
      OperationEvents: [
        {
          LogicalResourceId: 'A',
          ValidationStatusReason: 'Unsupported property [QueName]',
          ValidationPath: '/Resources/A/Properties',
        },
        {
          LogicalResourceId: 'L',
          ValidationStatusReason: "Resource of type 'AWS::Logs::LogGroup' with identifier '/shop' already exists.",
        },
      ],
    });
    const unchecked = await aws.changeSet('other', wrong, {
      ChangeSetType: 'CREATE',
      ChangeSetName: 'two',
      DisableValidation: true,
    });
    expect(unchecked.Status).toBe('CREATE_COMPLETE');
  });

  test('deletes the stack that it could not make, where that is asked for', async () => {
    aws = cloud();
    aws.world.faults.add({
      when: ({ operation }) => operation === 'create AWS::SQS::Queue',
      effect: { kind: 'error', code: 'InvalidRequest', message: 'no' },
    });
    const { StackId } = await aws.changeSet('shop', queues('A'), { ChangeSetType: 'CREATE', OnStackFailure: 'DELETE' });
    await aws.call('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'change' });
    expect((await aws.settled(StackId as string)).StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('Drift', () => {
  /** What there is, by physical id: somebody else may change it. */
  const hand = new Map<string, Properties | undefined>();

  function withHand(): Cloud {
    hand.clear();
    let count = 0;
    return cloud('instant', {
      services: [
        {
          id: 'sqs-by-hand',
          operations: {},
          resources: {
            'AWS::SQS::Queue': {
              async create(properties) {
                count += 1;
                hand.set(`queue-${count}`, properties);
                return { id: `queue-${count}`, attributes: { Arn: `arn-${count}` } };
              },
              async update(id, properties) {
                hand.set(id, properties);
                return { id };
              },
              async delete(id) {
                hand.delete(id);
              },
              read: async (id) => hand.get(id),
            },
          },
        },
      ],
    });
  }

  async function detected(): Promise<Properties> {
    const { StackDriftDetectionId } = (await aws.call('DetectStackDrift', { StackName: 'shop' })) as Properties;
    for (;;) {
      const status = (await aws.call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId })) as Properties;
      if (status.DetectionStatus !== 'DETECTION_IN_PROGRESS') return status;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  const both = {
    Resources: {
      A: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
      B: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1 } },
    },
  };

  test('is found and told property by property', async () => {
    aws = withHand();
    await made(both);
    expect(await detected()).toMatchObject({
      DetectionStatus: 'DETECTION_COMPLETE',
      StackDriftStatus: 'IN_SYNC',
      DriftedStackResourceCount: 0,
    });
    const ids = await aws.physicalIds('shop');
    hand.set(ids.A as string, { VisibilityTimeout: 99, MaximumMessageSize: 2048 });
    hand.delete(ids.B as string);
    expect(await detected()).toMatchObject({ StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 2 });
    expect(await aws.call('DescribeStackResourceDrifts', { StackName: 'shop' })).toMatchObject({
      StackResourceDrifts: [
        {
          LogicalResourceId: 'A',
          StackResourceDriftStatus: 'MODIFIED',
          PropertyDifferences: [
            { PropertyPath: '/VisibilityTimeout', ExpectedValue: '30', ActualValue: '99', DifferenceType: 'NOT_EQUAL' },
          ],
        },
        { LogicalResourceId: 'B', StackResourceDriftStatus: 'DELETED' },
      ],
    });
    expect((await aws.settled('shop')).DriftInformation).toMatchObject({ StackDriftStatus: 'DRIFTED' });
  });

  test('is reverted by a change set that knows of it', async () => {
    aws = withHand();
    await made(both);
    const ids = await aws.physicalIds('shop');
    hand.set(ids.A as string, { VisibilityTimeout: 99 });
    hand.delete(ids.B as string);
    expect((await aws.changeSet('shop', both)).Status).toBe('FAILED');
    const view = await aws.changeSet('shop', both, { ChangeSetName: 'revert', DeploymentMode: 'REVERT_DRIFT' });
    expect(view).toMatchObject({
      Status: 'CREATE_COMPLETE',
      DeploymentMode: 'REVERT_DRIFT',
      StackDriftStatus: 'DRIFTED',
    });
    expect(changesOf(view)).toMatchObject({
      A: {
        ResourceDriftStatus: 'MODIFIED',
        Details: [
          {
            Target: {
              BeforeValue: '99',
              AfterValue: '30',
              BeforeValueFrom: 'ACTUAL_STATE',
              Drift: { PreviousValue: '30', ActualValue: '99' },
            },
          },
        ],
      },
      B: { Action: 'Add', ResourceDriftStatus: 'DELETED' },
    });
    await aws.call('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'revert' });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_COMPLETE');
    expect(await detected()).toMatchObject({ StackDriftStatus: 'IN_SYNC' });
    expect(hand.get(ids.A as string)).toEqual({ VisibilityTimeout: 30 });
  });

  test('to what the template now says is only taken note of', async () => {
    aws = withHand();
    await made(both);
    const ids = await aws.physicalIds('shop');
    hand.set(ids.A as string, { VisibilityTimeout: 99 });
    const adopted = {
      Resources: { ...both.Resources, A: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 99 } } },
    };
    const view = await aws.changeSet('shop', adopted, { DeploymentMode: 'REVERT_DRIFT' });
    expect(changesOf(view).A).toMatchObject({
      Action: 'SyncWithActual',
      Details: [{ Target: { AttributeChangeType: 'SyncWithActual' }, ChangeSource: 'NoModification' }],
    });
  });
});
