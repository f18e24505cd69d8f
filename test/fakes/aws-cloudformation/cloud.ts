import type { ClockMode } from '../aws/clock.ts';
import type { Call, Principal, Properties, Service, World } from '../aws/model.ts';
import { createCloudFormation } from '../aws/services/cloudformation/cloudformation.ts';
import { AwsWorld } from '../aws/world.ts';

export interface StackView {
  StackId: string;
  StackStatus: string;
  StackStatusReason?: string;
  Outputs: { OutputKey: string; OutputValue: string }[];
  [key: string]: unknown;
}

export interface ChangeSetView {
  Status: string;
  StatusReason?: string;
  ExecutionStatus: string;
  Changes: { ResourceChange: Properties }[];
  [key: string]: unknown;
}

/** CloudFormation alone, called in process, with types that are only kept. */
export interface Cloud {
  world: World;
  call(operation: string, input?: object): Promise<unknown>;
  /** @returns the id */
  create(name: string, template: object, more?: object): Promise<string>;
  update(name: string, template: object, more?: object): Promise<unknown>;
  /** Made, and looked at when it is done. */
  changeSet(name: string, template: object, more?: object): Promise<ChangeSetView>;
  /** When nothing goes on any more. */
  settled(name: string): Promise<StackView>;
  /** Events, oldest first: `Queue CREATE_FAILED because`. */
  story(name: string): Promise<string[]>;
  outputs(stack: StackView): Record<string, string>;
  /** By logical id. */
  physicalIds(name: string): Promise<Record<string, string>>;
  dispose(): Promise<void>;
}

interface CloudOptions {
  principal?: Principal;
  services?: readonly Service[];
  enforceIam?: boolean;
}

export function cloud(
  clock: ClockMode = 'instant',
  { principal, services = [], enforceIam = false }: CloudOptions = {},
): Cloud {
  const account = '123456789012';
  const region = 'eu-central-1';
  const world = new AwsWorld({
    clock,
    start: Date.parse('2026-11-02T09:00:00Z'),
    seed: 1,
    account,
    region,
    enforceIam,
  });
  const service = createCloudFormation(world);
  for (const one of [service, ...services]) world.services.set(one.id, one);
  const from: Call = { account, region, principal: principal ?? { kind: 'root', account }, requestId: 'request' };
  const call: Cloud['call'] = async (operation, input = {}) =>
    (service.operations[operation] as NonNullable<(typeof service.operations)[string]>)(input, from);
  const settled: Cloud['settled'] = async (name) => {
    for (;;) {
      const { Stacks } = (await call('DescribeStacks', { StackName: name })) as { Stacks: [StackView] };
      if (!Stacks[0].StackStatus.endsWith('_IN_PROGRESS')) return Stacks[0];
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return {
    world,
    call,
    settled,
    create: async (StackName, template, more) =>
      (
        (await call('CreateStack', { StackName, TemplateBody: JSON.stringify(template), ...more })) as {
          StackId: string;
        }
      ).StackId,
    update: (StackName, template, more) =>
      call('UpdateStack', { StackName, TemplateBody: JSON.stringify(template), ...more }),
    async changeSet(StackName, template, more) {
      const { Id } = (await call('CreateChangeSet', {
        StackName,
        ChangeSetName: 'change',
        TemplateBody: JSON.stringify(template),
        ...more,
      })) as { Id: string };
      for (;;) {
        const view = (await call('DescribeChangeSet', {
          ChangeSetName: Id,
          IncludePropertyValues: true,
        })) as ChangeSetView;
        if (view.Status === 'CREATE_COMPLETE' || view.Status === 'FAILED') return view;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async story(StackName) {
      const lines: string[] = [];
      for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
        const page = (await call('DescribeStackEvents', { StackName, NextToken })) as {
          StackEvents: Properties[];
          NextToken?: string;
        };
        lines.push(
          ...page.StackEvents.map((one) =>
            [one.LogicalResourceId, one.ResourceStatus, one.ResourceStatusReason].filter(Boolean).join(' '),
          ),
        );
        NextToken = page.NextToken;
      }
      return lines.reverse();
    },
    outputs: ({ Outputs }) => Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    async physicalIds(StackName) {
      const { StackResources } = (await call('DescribeStackResources', { StackName })) as {
        StackResources: Properties[];
      };
      return Object.fromEntries(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId]));
    },
    dispose: () => world.dispose(),
  };
}

/** A template of queues. */
export const queues = (...ids: string[]): { Resources: Record<string, { Type: string; Properties?: object }> } => ({
  Resources: Object.fromEntries(ids.map((id) => [id, { Type: 'AWS::SQS::Queue' }])),
});
