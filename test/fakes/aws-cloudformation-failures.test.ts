import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultRule } from './aws/model.ts';
import { type Cloud, cloud, queues } from './aws-cloudformation/cloud.ts';

let aws: Cloud;
afterEach(() => aws.dispose());

/** Makes one step of a resource fail: `create`, `update` or `delete`. */
function fails(verb: string, logicalId: string, message = 'It broke', times = 1): void {
  const when: FaultRule['when'] = ({ service, operation, about }) =>
    service === 'cloudformation-resource' && operation.startsWith(`${verb} `) && about === `shop/${logicalId}`;
  aws.world.faults.add({ when, times, effect: { kind: 'error', code: 'InvalidRequest', message } });
}

const queue = (visibility: number, more: object = {}) => ({
  Resources: {
    A: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: visibility, ...more } },
    B: { Type: 'AWS::SQS::Queue', DependsOn: 'A' },
  },
});

async function made(template: object, more?: object): Promise<Record<string, string>> {
  await aws.create('shop', template, more);
  expect((await aws.settled('shop')).StackStatus).toBe('CREATE_COMPLETE');
  return aws.physicalIds('shop');
}

describe('A creation that fails', () => {
  test('takes back what it made, with the reason', async () => {
    aws = cloud();
    fails('create', 'B');
    await aws.create('shop', queue(1));
    expect((await aws.settled('shop')).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await aws.story('shop')).map((line) => line.replace(/RequestToken: [^,]+/, 'RequestToken: …'))).toEqual([
      'shop CREATE_IN_PROGRESS User Initiated',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS Resource creation Initiated',
      'A CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_FAILED Resource handler returned message: "It broke" (RequestToken: …, HandlerErrorCode: InvalidRequest)',
      'shop ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B]. Rollback requested by user.',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'shop ROLLBACK_COMPLETE',
    ]);
    await expect(aws.update('shop', queue(2))).rejects.toThrow('is in ROLLBACK_COMPLETE state and can not be updated.');
    await aws.call('DeleteStack', { StackName: 'shop' });
    await expect(aws.settled('shop')).rejects.toThrow('does not exist');
  });

  test('ends what is under way beside it', async () => {
    aws = cloud();
    fails('create', 'A');
    await aws.create('shop', queues('A', 'B'));
    await aws.settled('shop');
    expect(await aws.story('shop')).toContain('B CREATE_FAILED Resource creation cancelled');
  });

  test('leaves everything where rollback is disabled, and can be gone on with or rolled back', async () => {
    aws = cloud();
    fails('create', 'B', 'It broke', 2);
    await aws.create('shop', queue(1), { DisableRollback: true });
    expect((await aws.settled('shop')).StackStatus).toBe('CREATE_FAILED');
    await expect(aws.update('shop', queue(1))).rejects.toThrow(
      'This stack is currently in a non-terminal [CREATE_FAILED] state.',
    );
    await aws.update('shop', queue(1), { DisableRollback: true });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_FAILED');
    await aws.call('RollbackStack', { StackName: 'shop' });
    expect((await aws.settled('shop')).StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  test('deletes the stack where that is asked for', async () => {
    aws = cloud();
    fails('create', 'B');
    const id = await aws.create('shop', queue(1), { OnFailure: 'DELETE' });
    expect((await aws.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('is stuck when what it made cannot be taken back', async () => {
    aws = cloud();
    fails('create', 'B');
    fails('delete', 'A');
    await aws.create('shop', queue(1));
    expect(await aws.settled('shop')).toMatchObject({
      StackStatus: 'ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [A]. ',
    });
  });
});

describe('An update', () => {
  test('changes in place, replaces, and cleans up at the end', async () => {
    aws = cloud();
    const before = await made(queue(1));
    await aws.update('shop', {
      Resources: { ...queue(2).Resources, C: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'c' } } },
    });
    await aws.settled('shop');
    const between = await aws.physicalIds('shop');
    expect(between).toMatchObject({ A: before.A, B: before.B });
    await aws.update('shop', { Resources: { A: queue(2, { FifoQueue: true }).Resources.A } });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_COMPLETE');
    const after = await aws.physicalIds('shop');
    expect(Object.keys(after)).toEqual(['A']);
    expect(after.A).not.toBe(before.A);
    const story = await aws.story('shop');
    const update = story.slice(story.lastIndexOf('shop UPDATE_IN_PROGRESS User Initiated'));
    // B needs A, so that A is deleted after it; nothing says when C is.
    expect(update.filter((event) => event.startsWith('C '))).toEqual(['C DELETE_IN_PROGRESS', 'C DELETE_COMPLETE']);
    expect(update.filter((event) => !event.startsWith('C '))).toEqual([
      'shop UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
      'A UPDATE_IN_PROGRESS Resource creation Initiated',
      'A UPDATE_COMPLETE',
      'shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'shop UPDATE_COMPLETE',
    ]);
  });

  test('that fails goes back to what was', async () => {
    aws = cloud();
    const before = await made(queue(1));
    fails('update', 'B');
    const next = {
      Resources: {
        ...queue(2, { FifoQueue: true }).Resources,
        B: { Type: 'AWS::SQS::Queue', DependsOn: ['A', 'C'], Properties: { DelaySeconds: 3 } },
        ...queues('C').Resources,
      },
    };
    await aws.update('shop', next);
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await aws.physicalIds('shop')).toEqual(before);
    const story = await aws.story('shop');
    expect(story).toContain('shop UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [B]. ');
    expect(story.slice(story.indexOf('shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')).sort()).toEqual([
      'A DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'C DELETE_COMPLETE',
      'C DELETE_IN_PROGRESS',
      'shop UPDATE_ROLLBACK_COMPLETE',
      'shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    ]);
    await expect(aws.update('shop', queue(1))).rejects.toThrow('No updates are to be performed.');
  });

  test('that cannot go back is stuck, and goes on when it is told to', async () => {
    aws = cloud();
    await made(queue(1));
    fails('update', 'A', 'no', 3);
    await aws.update('shop', queue(2));
    expect(await aws.settled('shop')).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to update: [A]. ',
    });
    await expect(aws.update('shop', queue(3))).rejects.toThrow(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    );
    await aws.call('ContinueUpdateRollback', { StackName: 'shop' });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(aws.call('ContinueUpdateRollback', { StackName: 'shop', ResourcesToSkip: ['B'] })).rejects.toThrow(
      'not [B]',
    );
    await aws.call('ContinueUpdateRollback', { StackName: 'shop', ResourcesToSkip: ['A'] });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('is taken back when it is cancelled', async () => {
    aws = cloud('manual');
    await aws.create('shop', queue(1));
    await aws.world.clock.advance(60_000);
    await aws.update('shop', queue(2));
    await aws.world.clock.advance(1000);
    await aws.call('CancelUpdateStack', { StackName: 'shop' });
    await aws.world.clock.advance(60_000);
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await aws.story('shop')).toEqual(
      expect.arrayContaining([
        'A UPDATE_FAILED Resource update cancelled',
        'shop UPDATE_ROLLBACK_IN_PROGRESS User Initiated',
      ]),
    );
    await expect(aws.call('CancelUpdateStack', { StackName: 'shop' })).rejects.toThrow(
      'CancelUpdateStack cannot be called from current stack status',
    );
  });

  test('does not replace what a person named', async () => {
    aws = cloud();
    await made(queue(1, { QueueName: 'orders' }));
    await aws.update('shop', queue(1, { QueueName: 'orders', FifoQueue: true }));
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await aws.story('shop')).toContain(
      'A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename orders and update the stack again.',
    );
  });

  test('leaves what cannot be deleted, and is complete all the same', async () => {
    aws = cloud();
    await made(queues('A', 'B'));
    fails('delete', 'B');
    await aws.update('shop', queues('A'));
    expect(await aws.settled('shop')).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      StackStatusReason: 'One or more resources could not be deleted.',
    });
  });
});

describe('A deletion', () => {
  test('that fails says what is left, and can be tried again', async () => {
    aws = cloud();
    await made({ Resources: { A: { Type: 'AWS::SQS::Queue', DependsOn: 'B' }, ...queues('B', 'C').Resources } });
    fails('delete', 'A', 'The queue is in use');
    await aws.call('DeleteStack', { StackName: 'shop' });
    expect(await aws.settled('shop')).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [A]. ',
    });
    const story = await aws.story('shop');
    expect(story).toContain('C DELETE_COMPLETE');
    expect(story).not.toContain('B DELETE_IN_PROGRESS');
    const id = (await aws.settled('shop')).StackId;
    await aws.call('DeleteStack', { StackName: 'shop' });
    expect((await aws.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('may leave behind what fails: by name, or by force', async () => {
    aws = cloud();
    await made(queues('A', 'B'));
    await expect(aws.call('DeleteStack', { StackName: 'shop', RetainResources: ['A'] })).rejects.toThrow(
      'only when the stack is in the DELETE_FAILED state',
    );
    fails('delete', 'A', 'no', 2);
    await aws.call('DeleteStack', { StackName: 'shop' });
    const { StackId } = await aws.settled('shop');
    await aws.call('DeleteStack', { StackName: 'shop', DeletionMode: 'FORCE_DELETE_STACK' });
    expect((await aws.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    await aws.create('shop', queues('A'));
    await aws.settled('shop');
    fails('delete', 'A');
    await aws.call('DeleteStack', { StackName: 'shop' });
    await aws.settled('shop');
    await aws.call('DeleteStack', { StackName: 'shop', RetainResources: ['A'] });
    await expect(aws.settled('shop')).rejects.toThrow('does not exist');
  });

  test('keeps what the template says to keep', async () => {
    aws = cloud();
    const keep = { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' };
    await made({ Resources: { A: keep, B: { Type: 'AWS::SQS::Queue' } } });
    const { StackId } = await aws.settled('shop');
    await aws.call('DeleteStack', { StackName: 'shop' });
    await aws.settled(StackId);
    expect(await aws.story(StackId)).toEqual(expect.arrayContaining(['A DELETE_SKIPPED', 'B DELETE_COMPLETE']));
  });

  test('ends a creation that is under way', async () => {
    aws = cloud('manual');
    const id = await aws.create('shop', queue(1));
    await aws.world.clock.advance(2500);
    await aws.call('DeleteStack', { StackName: 'shop' });
    await aws.world.clock.advance(60_000);
    expect((await aws.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await aws.story(id)).toEqual(
      expect.arrayContaining(['B CREATE_FAILED Resource creation cancelled', 'A DELETE_COMPLETE']),
    );
  });

  test('is refused in the middle of an update', async () => {
    aws = cloud('manual');
    await aws.create('shop', queue(1));
    await aws.world.clock.advance(60_000);
    await aws.update('shop', queue(2));
    await expect(aws.call('DeleteStack', { StackName: 'shop' })).rejects.toThrow(
      'cannot be deleted while in status UPDATE_IN_PROGRESS',
    );
  });
});

describe('Express mode', () => {
  const DeploymentConfig = { Mode: 'EXPRESS' };

  test('disables rollback, refuses replacements, and is got out of by playing the last state again', async () => {
    aws = cloud();
    await made(queue(1), { DeploymentConfig });
    expect(await aws.story('shop')).toContain(
      'A CREATE_COMPLETE Resource operation completed using Express Mode. It may continue becoming available in the background.',
    );
    await aws.update('shop', queue(1, { FifoQueue: true }), { DeploymentConfig });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_FAILED');
    expect(await aws.story('shop')).toContain(
      'A UPDATE_FAILED Replacement type updates not supported on stack with disable-rollback.',
    );
    await expect(aws.update('shop', queue(2))).rejects.toThrow(
      'Follow-up operations must use the same DeploymentConfig (mode=EXPRESS)',
    );
    await expect(aws.call('RollbackStack', { StackName: 'shop' })).rejects.toThrow(
      'RollbackStack is not supported for stacks that were last updated using EXPRESS',
    );
    await aws.update('shop', queue(1), { DeploymentConfig });
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_COMPLETE');
  });

  test('rolls back where that is asked for, and then replaces too', async () => {
    aws = cloud();
    const config = { DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false } };
    const before = await made(queue(1), config);
    await aws.update('shop', queue(1, { FifoQueue: true }), config);
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_COMPLETE');
    expect((await aws.physicalIds('shop')).A).not.toBe(before.A);
    fails('update', 'A');
    await aws.update('shop', queue(5, { FifoQueue: true }), config);
    expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('does not go with the older flags', async () => {
    aws = cloud();
    await expect(aws.create('shop', queue(1), { DeploymentConfig, DisableRollback: true })).rejects.toThrow(
      'DeploymentConfig cannot be specified together',
    );
  });

  test('does not wait for what only becomes ready', async () => {
    aws = cloud('manual', {
      services: [
        {
          id: 'slow',
          operations: {},
          resources: {
            'AWS::SNS::Topic': {
              create: async () => ({ id: 'topic' }),
              update: async (id) => ({ id }),
              delete: async () => {},
              read: async () => ({}),
              latency: { create: 1000, stabilize: 60_000 },
            },
          },
        },
      ],
    });
    const topic = { Resources: { T: { Type: 'AWS::SNS::Topic' } } };
    await aws.create('express', topic, { DeploymentConfig });
    await aws.create('standard', topic);
    await aws.world.clock.advance(2000);
    expect((await aws.settled('express')).StackStatus).toBe('CREATE_COMPLETE');
    expect(await aws.story('standard')).toEqual([
      'standard CREATE_IN_PROGRESS User Initiated',
      'T CREATE_IN_PROGRESS',
      'T CREATE_IN_PROGRESS Resource creation Initiated',
      'T CREATE_IN_PROGRESS Eventual consistency check initiated',
    ]);
    await aws.world.clock.advance(60_000);
    expect((await aws.settled('standard')).StackStatus).toBe('CREATE_COMPLETE');
  });
});

test('What has the same id as what it replaces is told apart from it', async () => {
  aws = cloud();
  const api = (name: string) => ({ Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: name, ProtocolType: 'HTTP' } });
  const stage = (of: string) => ({
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: of }, StageName: '$default' },
  });
  await made({ Resources: { One: api('one'), Two: api('two'), First: stage('One'), Second: stage('Two') } });
  fails('create', 'Late');
  const next = { One: api('one'), Two: api('two'), Three: api('three'), First: stage('Three'), Second: stage('Two') };
  await aws.update('shop', { Resources: { ...next, Late: { Type: 'AWS::SQS::Queue', DependsOn: 'First' } } });
  expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  await aws.update('shop', { Resources: next }, { Tags: [] });
  expect((await aws.settled('shop')).StackStatus).toBe('UPDATE_COMPLETE');
  await aws.call('DeleteStack', { StackName: 'shop' });
  await expect(aws.settled('shop')).rejects.toThrow('does not exist');
});
