import type { Deployment, Service, Task } from '@aws-sdk/client-ecs';
import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';

/** The names of the services of ECS by process, as the output `Services` of a stack says. */
export function servicesOf(output: string | undefined): Record<string, string> {
  return output === undefined ? {} : (JSON.parse(output) as Record<string, string>);
}

/** By process; those that are not there, or not any more, are missing. */
export async function describeServices(
  clients: Clients,
  cluster: string,
  services: Record<string, string>,
): Promise<Record<string, Service>> {
  const ecs = await clients.ecs();
  const entries = Object.entries(services);
  const found: Record<string, Service> = {};
  // As many at once as ECS answers for.
  for (let at = 0; at < entries.length; at += 10) {
    const page = entries.slice(at, at + 10);
    const answer = await unlessMissing(ecs.describeServices({ cluster, services: page.map(([, name]) => name) }));
    for (const [process, name] of page) {
      const service = answer?.services?.find(({ serviceName }) => serviceName === name);
      if (service && service.status === 'ACTIVE') found[process] = service;
    }
  }
  return found;
}

/** Tasks of a service: those that are wanted, and those that stopped within the last hour. */
export async function tasksOf(clients: Clients, cluster: string, serviceName: string): Promise<Task[]> {
  const ecs = await clients.ecs();
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    let nextToken: string | undefined;
    do {
      const page = await unlessMissing(
        ecs.listTasks({ cluster, serviceName, desiredStatus, ...(nextToken && { nextToken }) }),
      );
      arns.push(...(page?.taskArns ?? []));
      nextToken = page?.nextToken;
    } while (nextToken);
  }
  const found: Task[] = [];
  for (let at = 0; at < arns.length; at += 100) {
    const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: arns.slice(at, at + 100) });
    found.push(...tasks);
  }
  return found;
}

export function primaryOf({ deployments = [] }: Service): Deployment | undefined {
  return deployments.find(({ status }) => status === 'PRIMARY');
}

/** Whether as many tasks run as should, of one revision, and ECS is done. */
export function isSteady(service: Service): boolean {
  const { deployments = [], runningCount = 0, desiredCount = 0 } = service;
  const primary = primaryOf(service);
  return deployments.length === 1 && primary?.rolloutState === 'COMPLETED' && runningCount === desiredCount;
}
