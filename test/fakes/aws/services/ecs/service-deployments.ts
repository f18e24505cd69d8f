import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { AwsError, type Operation } from '../../model.ts';
import { copied } from './cases.ts';
import type { Deployments } from './deployments.ts';
import type { RevisionRecord, ServiceDeploymentRecord, ServiceRecord, State } from './model.ts';
import { counts, findService } from './services.ts';
import { page } from './task-definitions.ts';

export function serviceDeploymentOperations(state: State, deployments: Deployments): Record<string, Operation> {
  const find = (arn: string) => {
    for (const service of state.services.values()) {
      const found = service.history.find(({ view }) => view.serviceDeploymentArn === arn);
      if (found) return { service, found };
    }
    return undefined;
  };
  const findOrThrow = (arn: string) => {
    const one = find(arn);
    if (!one)
      throw new AwsError('ServiceDeploymentNotFoundException', 'The specified service deployment was not found.');
    return one;
  };

  return {
    ListServiceDeployments(input, call) {
      const { status, maxResults = 20, nextToken } = input;
      const service = findService(state, input, call);
      const briefs = service.history
        .filter(({ view }) => !status?.length || status.includes(view.status))
        .toReversed()
        .map(({ view, target }) => ({
          serviceDeploymentArn: view.serviceDeploymentArn,
          serviceArn: service.arn,
          clusterArn: service.cluster.arn,
          createdAt: view.createdAt,
          startedAt: view.startedAt,
          ...(view.finishedAt && { finishedAt: view.finishedAt }),
          targetServiceRevisionArn: target.arn,
          status: view.status,
          ...(view.statusReason && { statusReason: view.statusReason }),
        }));
      return page('serviceDeployments', briefs, maxResults, nextToken);
    },
    DescribeServiceDeployments({ serviceDeploymentArns }: { serviceDeploymentArns: string[] }) {
      const all = serviceDeploymentArns.map((arn) => [arn, find(arn)] as const);
      return {
        serviceDeployments: all.flatMap(([, one]) => (one ? [viewOf(one.service, one.found)] : [])),
        failures: all.flatMap(([arn, one]) => (one ? [] : [{ arn, reason: 'MISSING' }])),
      };
    },
    DescribeServiceRevisions({ serviceRevisionArns }: { serviceRevisionArns: string[] }) {
      const all = [...state.services.values()].flatMap((service) =>
        service.revisions.map((revision) => ({ service, revision })),
      );
      const found = serviceRevisionArns.map((arn) => [arn, all.find(({ revision }) => revision.arn === arn)] as const);
      return {
        serviceRevisions: found.flatMap(([, one]) => (one ? [revisionView(state, one.service, one.revision)] : [])),
        failures: found.flatMap(([arn, one]) => (one ? [] : [{ arn, reason: 'MISSING' }])),
      };
    },
    /** "The deployment must be in the IN_PROGRESS state. The pause hook must be in AWAITING_ACTION status." */
    ContinueServiceDeployment({ serviceDeploymentArn, hookId, action = 'CONTINUE' }) {
      const { found } = findOrThrow(serviceDeploymentArn);
      const answer = found.hooks.get(hookId);
      if (!answer)
        throw new AwsError(
          'InvalidParameterException',
          `The lifecycle hook ${hookId} is not in AWAITING_ACTION status.`,
        );
      answer(action);
      return { serviceDeploymentArn };
    },
    StopServiceDeployment({ serviceDeploymentArn, stopType = 'ROLLBACK' }) {
      const { found } = findOrThrow(serviceDeploymentArn);
      if (found.view.status !== 'IN_PROGRESS' && found.view.status !== 'PENDING')
        throw new AwsError('ConflictException', 'The service deployment is not in a state that can be stopped.');
      const rollback = stopType === 'ROLLBACK';
      deployments.halt(found, {
        reason: rollback
          ? 'Service deployment rolled back by user request.'
          : 'Service deployment stopped by user request.',
        rollback,
        ...(!rollback && { status: 'STOPPED' as const }),
      });
      return { serviceDeploymentArn };
    },
  };
}

function viewOf(service: ServiceRecord, { view, target, sources }: ServiceDeploymentRecord): ServiceDeployment {
  return copied({
    ...view,
    targetServiceRevision: summary(service, target),
    sourceServiceRevisions: sources.map((one) => summary(service, one)),
  });
}

function summary(service: ServiceRecord, { arn }: RevisionRecord): object {
  const deployment = service.deployments.find(({ revision }) => revision.arn === arn);
  if (!deployment) return { arn, requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 };
  const { runningCount, pendingCount } = counts(deployment);
  return {
    arn,
    requestedTaskCount: deployment.desired,
    runningTaskCount: runningCount,
    pendingTaskCount: pendingCount,
    requestedTestTrafficWeight: deployment.weights.test,
    requestedProductionTrafficWeight: deployment.weights.production,
  };
}

function revisionView(
  state: State,
  service: ServiceRecord,
  { arn, configuration, definition, createdAt }: RevisionRecord,
): object {
  const images =
    [...state.tasks.values()].find(({ deployment }) => deployment?.revision.arn === arn)?.view.containers ?? [];
  const { loadBalancers, serviceRegistries, networkConfiguration, capacityProviderStrategy, launchType } =
    configuration;
  return copied({
    serviceRevisionArn: arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: definition.taskDefinitionArn,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    loadBalancers,
    serviceRegistries,
    ...(networkConfiguration && { networkConfiguration }),
    ...(capacityProviderStrategy && { capacityProviderStrategy }),
    ...(launchType && { launchType }),
    containerImages: (definition.containerDefinitions ?? []).map(({ name, image }) => {
      const imageDigest = images.find((one) => one.name === name)?.imageDigest;
      return { containerName: name, image, ...(imageDigest && { imageDigest }) };
    }),
    createdAt,
  });
}
