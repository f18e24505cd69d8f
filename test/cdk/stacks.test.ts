import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Meaning, Stack } from '../../cdk/model.ts';
import { limits } from '../../cdk/stacks/body.ts';
import { deleteStack } from '../../cdk/stacks/delete.ts';
import { listResources, readTemplate } from '../../cdk/stacks/read.ts';
import { isSame, StackFailed, updateStack } from '../../cdk/stacks/update.ts';
import { quiet } from '../conformance/tiny-app.ts';
import { makeSmallCloud, queue, type SmallCloud, stackName } from './support/small-cloud.ts';

let cloud: SmallCloud;
beforeEach(async () => {
  cloud = await makeSmallCloud();
});
afterEach(() => cloud.dispose());

function stackOf(resources: Record<string, object>, meanings: Record<string, Meaning> = {}): Stack {
  return {
    name: stackName,
    template: { Resources: resources as Stack['template']['Resources'] },
    tags: { 'fairlead:app': 'shop' },
    meanings,
    protected: false,
  };
}

describe('A stack', () => {
  test('is made, changed where it differs, and left alone where it does not', async () => {
    const one = stackOf({ A: queue(1) });
    expect(await updateStack(cloud, one, quiet)).toMatchObject({
      outcome: 'changed',
      stack: { status: 'CREATE_COMPLETE' },
    });
    expect(await updateStack(cloud, one, quiet)).toMatchObject({ outcome: 'nothing' });
    expect(isSame(await readTemplate(cloud.clients, stackName), one)).toBe(true);
    expect(await updateStack(cloud, stackOf({ A: queue(2) }), quiet)).toMatchObject({ outcome: 'changed' });
  });

  test('says what is in its way, which it did not make', async () => {
    await updateStack(cloud, stackOf({ A: queue(1) }), quiet);
    const logs = await cloud.clients.logs();
    await logs.createLogGroup({ logGroupName: 'by-hand' });
    const log = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'by-hand' } };
    await expect(updateStack(cloud, stackOf({ A: queue(1), B: log }), quiet)).rejects.toThrow(
      `FL7114: outside of the stack ${stackName} there is already what the template would make: B (AWS::Logs::LogGroup by-hand)`,
    );
    expect(await updateStack(cloud, stackOf({ A: queue(2) }), quiet)).toMatchObject({ outcome: 'changed' });
  });

  test('says what CloudFormation does not take also to whom it tells nothing else, and leaves no change set', async () => {
    await updateStack(cloud, stackOf({ A: queue(1) }), quiet);
    const cloudFormation = await cloud.clients.cloudFormation();
    const describeEvents = () => Promise.reject(new Error('not authorized to perform: cloudformation:DescribeEvents'));
    const asking = Object.assign(Object.create(cloudFormation), { describeEvents });
    const deaf = { ...cloud, clients: { ...cloud.clients, cloudFormation: async () => asking } };
    const logs = await cloud.clients.logs();
    await logs.createLogGroup({ logGroupName: 'by-hand' });
    const log = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'by-hand' } };
    await expect(updateStack(deaf, stackOf({ A: queue(1), B: log }), quiet)).rejects.toThrow('FL7111');
    const { Summaries = [] } = await cloudFormation.listChangeSets({ StackName: stackName });
    expect(Summaries.filter(({ Status }) => Status === 'FAILED')).toEqual([]);
  });

  test('tells what it waits for, in the words of the Graph', async () => {
    const told: string[] = [];
    const report = { ...quiet, info: (message: string) => void told.push(message) };
    await updateStack(cloud, stackOf({ A: queue(1) }, { A: { subject: 'queue of order-created' } }), report);
    expect(told.every((line) => /^queue of order-created is there after \d+ s$/.test(line))).toBe(true);
  });

  test('keeps data that nobody gave up, before anything changes', async () => {
    const held = { A: { subject: 'queue of order-created', data: 'order-created' } };
    await updateStack(cloud, stackOf({ A: queue(1), B: queue(1) }, held), quiet);
    const before = await listResources(cloud.clients, stackName);
    // Another name is another queue; a removal is told by what the deployed template says, since the new one knows nothing of it.
    const changes = {
      replaced: stackOf({ A: queue(1, { QueueName: 'another' }), B: queue(1) }, held),
      removed: stackOf({ B: queue(1) }),
    };
    for (const [how, stack] of Object.entries(changes)) {
      await expect(updateStack(cloud, stack, quiet)).rejects.toThrow(
        `FL7110: queue of order-created would be ${how}${how === 'replaced' ? ' by a new, empty one' : ''}, and its data with it`,
      );
      expect(await listResources(cloud.clients, stackName)).toEqual(before);
      await updateStack(cloud, stack, quiet, { allowDataLoss: ['order-created'] });
      await updateStack(cloud, stackOf({ A: queue(1), B: queue(1) }, held), quiet, {
        allowDataLoss: ['order-created'],
      });
      before.splice(0, before.length, ...(await listResources(cloud.clients, stackName)));
    }
  });

  test('whose first change set would lose nothing but is refused leaves no empty stack', async () => {
    const begin = () => Promise.reject(new Error('not now'));
    await expect(updateStack(cloud, stackOf({ A: queue(1) }), quiet, { begin })).rejects.toThrow('not now');
    expect(await cloud.status()).toBeUndefined();
  });

  test('that fails tells what it began with', async () => {
    await updateStack(cloud, stackOf({ A: queue(1) }), quiet);
    cloud.fail('update', 'A');
    const error = await updateStack(cloud, stackOf({ A: queue(2), B: queue(1) }), quiet).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StackFailed);
    expect((error as StackFailed).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('too large to be sent goes by way of a bucket that nobody else reads', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [
        `Q${index}`,
        queue(1, {
          Tags: [
            { Key: 'k', Value: 'x'.repeat(250) },
            { Key: 'l', Value: 'y'.repeat(200) },
          ],
        }),
      ]),
    );
    const stack = stackOf(many);
    expect(JSON.stringify(stack.template).length).toBeGreaterThan(limits.inline);
    expect(await updateStack(cloud, stack, quiet)).toMatchObject({ outcome: 'changed' });
    const s3 = await cloud.clients.s3();
    const { Buckets = [] } = await s3.listBuckets({});
    const Bucket = Buckets[0]!.Name!;
    expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules![0]!.Expiration).toEqual({ Days: 1 });
  });
});

describe('A stack that goes', () => {
  test('is tried again, with help in between', async () => {
    await cloud.create({ Resources: { A: queue(1), B: queue(1) } });
    cloud.fail('delete', 'A');
    const helped: string[][] = [];
    const help = async (stuck: readonly { logicalId: string }[]) =>
      void helped.push(stuck.map(({ logicalId }) => logicalId));
    expect(await deleteStack(cloud, stackName, quiet, { help })).toEqual([]);
    expect(helped).toEqual([['A']]);
    expect(await cloud.status()).toBeUndefined();
  });

  test('leaves behind what cannot go, and says why', async () => {
    await cloud.create({ Resources: { A: queue(1), B: queue(1) } });
    cloud.fail('delete', 'A', 9);
    const left = await deleteStack(cloud, stackName, quiet);
    expect(left).toMatchObject([
      { logicalId: 'A', type: 'AWS::SQS::Queue', reason: expect.stringContaining('It broke') },
    ]);
    expect(await cloud.status()).toBeUndefined();
  });

  test('goes although it is protected, and twice as well as once', async () => {
    await updateStack(cloud, { ...stackOf({ A: queue(1) }), protected: true }, quiet);
    const cloudFormation = await cloud.clients.cloudFormation();
    await expect(cloudFormation.deleteStack({ StackName: stackName })).rejects.toThrow(/protect/i);
    expect(await deleteStack(cloud, stackName, quiet)).toEqual([]);
    expect(await deleteStack(cloud, stackName, quiet)).toEqual([]);
  });
});
