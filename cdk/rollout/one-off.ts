import type { ContainerOverride, Task } from '@aws-sdk/client-ecs';
import type { Clients } from '../clients.ts';
import { awsError } from '../errors.ts';
import type { FoundationFacts } from '../model.ts';
import { longest, poll, type Time } from '../time.ts';

export type Network = Pick<FoundationFacts, 'clusterName' | 'taskSubnets' | 'publicIp' | 'taskSecurityGroup'>;

/** Runs a task by itself, once, and waits for its end. @throws UserError FL7130 when ECS does not start it, FL7113 */
export async function runTask(
  { clients, time }: { clients: Clients; time: Time },
  {
    taskDefinition,
    network,
    tags,
    overrides,
  }: {
    taskDefinition: string;
    network: Network;
    tags: Record<string, string>;
    /** What containers get instead. @default nothing */
    overrides?: ContainerOverride[];
  },
): Promise<Task> {
  const ecs = await clients.ecs();
  const cluster = network.clusterName;
  const { tasks = [], failures = [] } = await ecs.runTask({
    cluster,
    taskDefinition,
    launchType: 'FARGATE',
    count: 1,
    startedBy: 'fairlead',
    ...(overrides && { overrides: { containerOverrides: overrides } }),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: network.taskSubnets,
        securityGroups: [network.taskSecurityGroup],
        assignPublicIp: network.publicIp ? 'ENABLED' : 'DISABLED',
      },
    },
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  const taskArn = tasks[0]?.taskArn;
  if (taskArn === undefined) {
    const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
    throw awsError(
      'FL7130',
      `ECS does not start the task: ${reasons.join('; ') || 'it gives no reason'}`,
      'Run the same command again. When capacity is what lacks, wait some minutes.',
    );
  }
  return poll(
    async () => {
      const [task] = (await ecs.describeTasks({ cluster, tasks: [taskArn] })).tasks ?? [];
      return task?.lastStatus === 'STOPPED' ? task : undefined;
    },
    time,
    { what: `the task ${taskArn.split('/').at(-1)}`, within: longest, to: 3_000 },
  );
}
