import { setTimeout as sleep } from 'node:timers/promises';
import { readAccount } from '../../../cdk/account.ts';
import { type Clients, openClients } from '../../../cdk/clients.ts';
import type { Account } from '../../../cdk/model.ts';
import { readStack } from '../../../cdk/stacks/read.ts';
import type { Time } from '../../../cdk/time.ts';
import { type FakeAws, makeFakeAws } from '../../fakes/aws/fake.ts';
import type { FaultRule } from '../../fakes/aws/model.ts';

/** A fake AWS with what works on stacks, and stacks of queues to work on. */
export interface SmallCloud {
  aws: FakeAws;
  clients: Clients;
  account: Account;
  time: Time;
  /** Makes one step of a resource fail: `create`, `update` or `delete`. */
  fail(verb: string, about: string, times?: number): () => void;
  create(template: object, more?: object): Promise<void>;
  update(template: object, more?: object): Promise<void>;
  status(): Promise<string | undefined>;
  dispose(): Promise<void>;
}

export const stackName = 'fairlead-shop-pr-1';

export async function makeSmallCloud(): Promise<SmallCloud> {
  const aws = await makeFakeAws({ containers: 'scripted' });
  const clients = openClients(aws.env);
  const account = await readAccount(clients);
  const time: Time = { now: () => new Date(), wait: (milliseconds) => sleep(Math.min(milliseconds, 10)) };
  const cloudFormation = await clients.cloudFormation();
  const status = async () => (await readStack(clients, stackName))?.status;
  const settled = async () => {
    while (/_IN_PROGRESS$/.test((await status()) ?? '') && (await status()) !== 'REVIEW_IN_PROGRESS')
      await time.wait(10);
  };
  return {
    ...{ aws, clients, account, time, status },
    fail(verb, about, times = 1) {
      const when: FaultRule['when'] = (event) =>
        event.service === 'cloudformation-resource' &&
        event.operation.startsWith(`${verb} `) &&
        event.about === `${stackName}/${about}`;
      const effect = { kind: 'error', code: 'InvalidRequest', message: 'It broke' } as const;
      return aws.world.faults.add({ when, times, effect });
    },
    async create(template, more) {
      await cloudFormation.createStack({ StackName: stackName, TemplateBody: JSON.stringify(template), ...more });
      await settled();
    },
    async update(template, more) {
      await cloudFormation.updateStack({ StackName: stackName, TemplateBody: JSON.stringify(template), ...more });
      await settled();
    },
    async dispose() {
      await clients.close();
      await aws.dispose();
    },
  };
}

export function queue(visibility: number, more: object = {}) {
  return { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: visibility, ...more } };
}
