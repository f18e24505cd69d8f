import type { Service } from '@aws-sdk/client-ecs';
import type { Reporter } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import type { AppOutputs } from './model.ts';
import { clusterOf } from './read.ts';
import { describeServices, isSteady, servicesOf } from './rollout/services.ts';
import { listResources, readTemplate, type StackState } from './stacks/read.ts';

/** Lets no process run until it is woken. Data stays, and so does the environment's stack. */
export async function sleep(aws: Aws, stack: StackState, report: Reporter): Promise<void> {
  await report.step('Stop processes', () => scale(aws, stack, async () => 0));
}

/** Runs what the environment's template says. */
export async function wake(aws: Aws, stack: StackState, report: Reporter): Promise<void> {
  const template = await readTemplate(aws.clients, stack.name);
  const counts = new Map<string, number>();
  for (const { Type, Properties = {} } of Object.values(template?.Resources ?? {}))
    if (Type === 'AWS::ECS::Service') counts.set(String(Properties.ServiceName), Number(Properties.DesiredCount ?? 1));
  await report.step('Start processes', () =>
    scale(aws, stack, async (service) => Math.max(counts.get(service) ?? 1, 1)),
  );
}

/** Looks, at one a second. */
const patience = 600;

async function scale(aws: Aws, stack: StackState, count: (service: string) => Promise<number>): Promise<void> {
  const ecs = await aws.clients.ecs();
  const cluster = clusterOf(await listResources(aws.clients, stack.name));
  const services = servicesOf((stack.outputs as Partial<AppOutputs>).Services);
  if (cluster === undefined) return;
  const found = await describeServices(aws.clients, cluster, services);
  for (const { serviceName, desiredCount } of Object.values(found)) {
    const wanted = await count(serviceName!);
    if (wanted === 0 || (desiredCount ?? 0) === 0)
      await ecs.updateService({ cluster, service: serviceName!, desiredCount: wanted });
  }
  for (let left = patience; left > 0; left--) {
    const now = Object.values(await describeServices(aws.clients, cluster, services));
    const steady = now.length === Object.keys(found).length && now.every(isSteady);
    // Tasks that run answer only when the load balancer has found them well.
    if (steady && (await Promise.all(now.map((service) => answers(aws, service)))).every(Boolean)) return;
    await aws.time.wait(1_000);
  }
}

/** Whether the load balancer of a service has as many well targets as there are tasks, in either of a canary's two groups. */
async function answers({ clients }: Aws, { loadBalancers = [], desiredCount = 0 }: Service): Promise<boolean> {
  const groups = loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }) =>
    [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined),
  );
  if (groups.length === 0 || desiredCount === 0) return true;
  const balancers = await clients.balancers();
  const healthy = await Promise.all(
    groups.map(async (TargetGroupArn) => {
      const { TargetHealthDescriptions = [] } = await balancers.describeTargetHealth({ TargetGroupArn });
      return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
    }),
  );
  return Math.max(...healthy) >= desiredCount;
}
