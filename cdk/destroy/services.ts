import type { Aws } from '../aws.ts';
import { unlessMissing } from '../errors.ts';
import { answerPauses } from '../rollout/pauses.ts';
import type { StackResource } from '../stacks/read.ts';
import { minute, poll } from '../time.ts';

/** How long network interfaces of tasks that ended are waited for, in looks. Fargate gives them back within minutes as a rule. */
const looks = 240;

/** Stops every task of the stack's services, and waits until their network interfaces are gone, which would keep security groups. */
export async function stopServices(
  { clients, time }: Pick<Aws, 'clients' | 'time'>,
  stack: string,
  resources: readonly StackResource[],
): Promise<string[]> {
  const ecs = await clients.ecs();
  await answerPauses(clients, stack, 'ROLLBACK');
  const stopped: string[] = [];
  const interfaces: string[] = [];
  for (const { type, physicalId = '' } of resources) {
    const [, cluster, service] = type === 'AWS::ECS::Service' ? physicalId.split('/') : [];
    if (cluster === undefined || service === undefined) continue;
    const answer = await unlessMissing(ecs.describeServices({ cluster, services: [service] }));
    if (answer?.services?.[0]?.status !== 'ACTIVE') continue;
    await unlessMissing(ecs.updateService({ cluster, service, desiredCount: 0 }));
    const listed = await unlessMissing(ecs.listTasks({ cluster, serviceName: service }));
    const taskArns = listed?.taskArns ?? [];
    if (taskArns.length > 0) {
      const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: taskArns });
      for (const { attachments = [] } of tasks)
        for (const { details = [] } of attachments)
          for (const { name, value } of details) if (name === 'networkInterfaceId' && value) interfaces.push(value);
      // What is stopped at once need not be drained.
      for (const task of taskArns)
        await unlessMissing(ecs.stopTask({ cluster, task, reason: 'the environment is removed' }));
    }
    await poll(
      async () => {
        const now = await unlessMissing(ecs.describeServices({ cluster, services: [service] }));
        return (now?.services?.[0]?.runningCount ?? 0) === 0 ? true : undefined;
      },
      time,
      { what: `the service ${service}`, within: 30 * minute, to: 3_000 },
    );
    stopped.push(`tasks of ${service}`);
  }
  await waitForInterfaces({ clients, time }, interfaces);
  return stopped;
}

async function waitForInterfaces(
  { clients, time }: Pick<Aws, 'clients' | 'time'>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const ec2 = await clients.ec2();
  for (let left = looks; left > 0; left--) {
    // By a filter: an interface that is gone is then just not there, and no error.
    const { NetworkInterfaces = [] } = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'network-interface-id', Values: [...ids] }],
    });
    if (NetworkInterfaces.length === 0) return;
    await time.wait(5_000);
  }
}
