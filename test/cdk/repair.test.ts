import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { repairStack } from '../../cdk/repair/repair.ts';
import { table } from '../../cdk/repair/table.ts';
import { phaseOf } from '../../cdk/stacks/status.ts';
import { quiet } from '../conformance/tiny-app.ts';
import { makeSmallCloud, queue, type SmallCloud, stackName } from './support/small-cloud.ts';

let cloud: SmallCloud;
beforeEach(async () => {
  cloud = await makeSmallCloud();
});
afterEach(() => cloud.dispose());

const two = (visibility: number) => ({
  Resources: { A: queue(visibility), B: { ...queue(visibility), DependsOn: 'A' } },
});

/** How each status comes about, and what there is after the repair: a status, or nothing. */
const cases: Record<string, { wreck: () => Promise<unknown>; after: string | undefined; actions?: number }> = {
  REVIEW_IN_PROGRESS: {
    async wreck() {
      const cloudFormation = await cloud.clients.cloudFormation();
      await cloudFormation.createChangeSet({
        StackName: stackName,
        ChangeSetName: 'never-carried-out',
        ChangeSetType: 'CREATE',
        TemplateBody: JSON.stringify(two(1)),
      });
    },
    after: undefined,
  },
  CREATE_FAILED: {
    async wreck() {
      cloud.fail('create', 'B');
      await cloud.create(two(1), { DisableRollback: true });
    },
    after: undefined,
  },
  ROLLBACK_COMPLETE: {
    async wreck() {
      cloud.fail('create', 'B');
      await cloud.create(two(1));
    },
    after: undefined,
  },
  ROLLBACK_FAILED: {
    async wreck() {
      cloud.fail('create', 'B');
      cloud.fail('delete', 'A');
      await cloud.create(two(1));
    },
    after: undefined,
  },
  UPDATE_FAILED: {
    async wreck() {
      await cloud.create(two(1));
      cloud.fail('update', 'B');
      const express = { DeploymentConfig: { Mode: 'EXPRESS' } };
      await cloud.update(two(2), express);
    },
    after: 'UPDATE_COMPLETE',
  },
  UPDATE_ROLLBACK_FAILED: {
    async wreck() {
      await cloud.create(two(1));
      cloud.fail('update', 'B');
      cloud.fail('update', 'A', 0);
      // The first is the change, the second the way back.
      let count = 0;
      cloud.aws.world.faults.add({
        when: ({ service, operation, about }) =>
          service === 'cloudformation-resource' &&
          operation.startsWith('update ') &&
          about === `${stackName}/A` &&
          ++count > 1,
        times: 1,
        effect: { kind: 'error', code: 'InvalidRequest', message: 'It broke' },
      });
      await cloud.update(two(2));
    },
    after: 'UPDATE_ROLLBACK_COMPLETE',
  },
  DELETE_FAILED: {
    async wreck() {
      await cloud.create(two(1));
      cloud.fail('delete', 'A');
      const cloudFormation = await cloud.clients.cloudFormation();
      await cloudFormation.deleteStack({ StackName: stackName });
      while ((await cloud.status()) === 'DELETE_IN_PROGRESS') await cloud.time.wait(10);
    },
    after: undefined,
  },
};

test.each(Object.entries(cases))('brings a stack out of %s', async (status, { wreck, after }) => {
  await wreck();
  expect(await cloud.status()).toBe(status);
  const repairs = await repairStack(cloud, stackName, quiet);
  expect(repairs).toHaveLength(1);
  expect(repairs[0]!.wrong).toContain(`stack ${stackName} is ${status}: `);
  expect(repairs[0]!.done).not.toBe('');
  expect(await cloud.status()).toBe(after);
  expect(await repairStack(cloud, stackName, quiet)).toEqual([]);
  // It can be deployed again, which is what a repair is for.
  if (after === undefined) await cloud.create(two(3));
  else await cloud.update(two(3));
  expect(await cloud.status()).toBe(after === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
});

/** What AWS does by itself is waited for, however it ends. */
const waits: Record<string, { begin: () => Promise<unknown>; after: string | undefined }> = {
  CREATE_IN_PROGRESS: { begin: () => begin('createStack', two(1)), after: 'CREATE_COMPLETE' },
  ROLLBACK_IN_PROGRESS: {
    begin: async () => {
      cloud.fail('create', 'B');
      await begin('createStack', two(1));
    },
    after: undefined,
  },
  UPDATE_IN_PROGRESS: {
    begin: async () => {
      await cloud.create(two(1));
      await begin('updateStack', two(2));
    },
    after: 'steady',
  },
  DELETE_IN_PROGRESS: {
    begin: async () => {
      await cloud.create(two(1));
      const cloudFormation = await cloud.clients.cloudFormation();
      await cloudFormation.deleteStack({ StackName: stackName });
    },
    after: undefined,
  },
};

async function begin(operation: 'createStack' | 'updateStack', template: object): Promise<void> {
  const cloudFormation = await cloud.clients.cloudFormation();
  const input = { StackName: stackName, TemplateBody: JSON.stringify(template) };
  if (operation === 'createStack') await cloudFormation.createStack(input);
  else await cloudFormation.updateStack(input);
}

test.each(Object.entries(waits))('waits for the end of %s, and goes on from there', async (_, { begin, after }) => {
  await begin();
  await repairStack(cloud, stackName, quiet);
  const status = await cloud.status();
  expect(after === 'steady' ? phaseOf(status ?? '') : status).toBe(after);
});

test('goes back without what cannot go back', async () => {
  await cloud.create(two(1));
  cloud.fail('update', 'B', 1);
  let count = 0;
  cloud.aws.world.faults.add({
    when: ({ service, operation, about }) =>
      service === 'cloudformation-resource' &&
      operation.startsWith('update ') &&
      about === `${stackName}/A` &&
      ++count > 1,
    times: 2,
    effect: { kind: 'error', code: 'InvalidRequest', message: 'It broke' },
  });
  await cloud.update(two(2));
  expect(await cloud.status()).toBe('UPDATE_ROLLBACK_FAILED');
  const [repair] = await repairStack(cloud, stackName, quiet);
  expect(repair!.done).toBe('brought the way back to its end without A, which the next deployment changes again');
  expect(await cloud.status()).toBe('UPDATE_ROLLBACK_COMPLETE');
});

test('leaves alone what is steady, and what is not there', async () => {
  expect(await repairStack(cloud, stackName, quiet)).toEqual([]);
  await cloud.create(two(1));
  expect(await repairStack(cloud, stackName, quiet)).toEqual([]);
  expect(await cloud.status()).toBe('CREATE_COMPLETE');
});

test('has a row for every status that is not steady', () => {
  const statuses = table.map(({ status }) => status);
  expect(new Set(statuses).size).toBe(statuses.length);
  for (const { status, phase } of table) expect({ status, phase: phaseOf(status) }).toEqual({ status, phase });
  const reached = [...Object.keys(cases), ...Object.keys(waits)];
  // Passing states of the same wait: CloudFormation is in them for a moment on its way.
  const passing = statuses.filter((status) => /CLEANUP|UPDATE_ROLLBACK_IN_PROGRESS/.test(status));
  expect([...reached, ...passing].sort()).toEqual([...statuses].sort());
});
