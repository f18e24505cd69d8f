import type { Aws } from '../aws.ts';
import { unless } from '../errors.ts';
import { listResources, readStack } from '../stacks/read.ts';
import { isInProgress } from '../stacks/status.ts';
import { hour, longest, poll } from '../time.ts';
import { answerPause, latestDeployment, pauseOf } from './canary.ts';

type Place = Pick<Aws, 'clients' | 'time'>;

/** Answers every release of a stack's services that waits for somebody. Whether there was one. */
export async function answerPauses(
  clients: Aws['clients'],
  stack: string,
  action: 'CONTINUE' | 'ROLLBACK',
): Promise<boolean> {
  let found = false;
  for (const { cluster, service } of await servicesIn(clients, stack)) {
    const pause = await pauseOf(clients, cluster, service);
    if (!pause) continue;
    await answerPause(clients, pause, action);
    found = true;
  }
  return found;
}

/**
 * Takes an update of a stack back. ECS goes back first: what CloudFormation then asks it for is there already, and no way back has to
 * wait as a new release does. An update that has ended meanwhile stays as it is.
 */
export async function cancelUpdate({ clients, time }: Place, stack: string): Promise<void> {
  const ecs = await clients.ecs();
  const cloudFormation = await clients.cloudFormation();
  for (const { cluster, service } of await servicesIn(clients, stack)) {
    const deployment = await latestDeployment(clients, cluster, service);
    const stages = deployment?.deploymentConfiguration?.strategy ?? 'ROLLING';
    if (deployment?.status !== 'IN_PROGRESS' || stages === 'ROLLING') continue;
    // It may be over by now, or be the service's first.
    await unless(
      ecs.stopServiceDeployment({ serviceDeploymentArn: deployment.serviceDeploymentArn, stopType: 'ROLLBACK' }),
      () => true,
    );
    // CloudFormation would ask for the way back as well while it is under way.
    await poll(
      async () => {
        const now = await latestDeployment(clients, cluster, service);
        return /^(PENDING|IN_PROGRESS|STOP_REQUESTED|ROLLBACK_REQUESTED|ROLLBACK_IN_PROGRESS)$/.test(now?.status ?? '')
          ? undefined
          : true;
      },
      time,
      { what: `the way back of ${service}`, within: hour, to: 3_000 },
    );
  }
  await unless(cloudFormation.cancelUpdateStack({ StackName: stack }), () => true);
}

/** Waits until nobody works on a stack. What goes back to a former release is not to wait for anybody; what is new is refused. */
export async function settleBack({ clients, time }: Place, stack: string): Promise<void> {
  await poll(
    async () => {
      const state = await readStack(clients, stack);
      if (!state || !isInProgress(state.status)) return true;
      if (state.status === 'UPDATE_ROLLBACK_IN_PROGRESS') await answerPauses(clients, stack, 'CONTINUE');
      if (state.status === 'UPDATE_IN_PROGRESS') await answerPauses(clients, stack, 'ROLLBACK');
      return undefined;
    },
    time,
    { what: `stack ${stack}`, within: longest },
  );
}

/** By the services' own ids: `arn:…:service/<cluster>/<service>`. */
async function servicesIn(clients: Aws['clients'], stack: string): Promise<{ cluster: string; service: string }[]> {
  const resources = await listResources(clients, stack);
  return resources.flatMap(({ type, physicalId }) => {
    const [, cluster, service] = type === 'AWS::ECS::Service' ? (physicalId?.split('/') ?? []) : [];
    return cluster !== undefined && service !== undefined ? [{ cluster, service }] : [];
  });
}
