import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';

/** A new release that waits for somebody to say whether it may go on. */
export interface Pause {
  deployment: string;
  hook: string;
  /** Percent of the requests that it gets now. */
  traffic: number;
}

/** The pause that a deployment of a service is at, if it is at one. */
export async function pauseOf(clients: Clients, cluster: string, service: string): Promise<Pause | undefined> {
  const deployment = await latestDeployment(clients, cluster, service);
  if (deployment?.status !== 'IN_PROGRESS') return undefined;
  const hook = deployment.lifecycleHookDetails?.find(
    ({ status, targetType }) => status === 'AWAITING_ACTION' && targetType === 'PAUSE',
  );
  if (!hook?.hookId) return undefined;
  const traffic = deployment.targetServiceRevision?.requestedProductionTrafficWeight ?? 0;
  return { deployment: deployment.serviceDeploymentArn!, hook: hook.hookId, traffic };
}

export async function answerPause(
  clients: Clients,
  { deployment, hook }: Pause,
  action: 'CONTINUE' | 'ROLLBACK',
): Promise<void> {
  const ecs = await clients.ecs();
  await ecs.continueServiceDeployment({ serviceDeploymentArn: deployment, hookId: hook, action });
}

export async function latestDeployment(
  clients: Clients,
  cluster: string,
  service: string,
): Promise<ServiceDeployment | undefined> {
  const ecs = await clients.ecs();
  const listed = await unlessMissing(ecs.listServiceDeployments({ cluster, service }));
  const latest = (listed?.serviceDeployments ?? []).toSorted(
    (a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0),
  )[0];
  if (!latest?.serviceDeploymentArn) return undefined;
  const { serviceDeployments } = await ecs.describeServiceDeployments({
    serviceDeploymentArns: [latest.serviceDeploymentArn],
  });
  return serviceDeployments?.[0];
}
