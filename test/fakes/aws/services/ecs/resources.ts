import type { CreateServiceRequest, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import {
  AwsError,
  type Properties,
  type Resource,
  type ResourceContext,
  type ResourceProvider,
  type Wish,
} from '../../model.ts';
import { tagsOf } from '../keeper.ts';
import { asReallyIs, toApi, toTemplate } from './cases.ts';
import { findCluster, makeCluster, removeCluster } from './clusters.ts';
import type { ServiceRecord, State } from './model.ts';
import { arnOf, lastWord } from './names.ts';
import type { Scheduler } from './scheduler.ts';
import type { Services } from './services.ts';
import { findDefinition, register } from './task-definitions.ts';

/** CloudFormation waits so long for a service (aws/amazon-ecs-agent #1996, aws/copilot-cli #5296). */
const patience = 3 * 3_600_000;

export function ecsResources(state: State, scheduler: Scheduler, services: Services): Record<string, ResourceProvider> {
  return {
    'AWS::ECS::Cluster': cluster(state),
    'AWS::ECS::TaskDefinition': taskDefinition(state),
    'AWS::ECS::Service': service(state, scheduler, services),
    'AWS::ECS::ClusterCapacityProviderAssociations': associations(state),
  };
}

function cluster(state: State): ResourceProvider {
  const answer = (name: string, context: ResourceContext): Resource => ({
    id: name,
    attributes: { Arn: arnOf(context, 'cluster', name) },
  });
  return {
    async create(properties, context) {
      const name =
        properties.ClusterName ?? `${context.stack.name}-${context.logicalId}-${state.world.random.text(12)}`;
      const input = toApi(properties) as Record<string, unknown>;
      makeCluster(state, { ...input, clusterName: name, tags: tagsFor(properties, context) }, context);
      return answer(name, context);
    },
    async update(id, properties, _previous, context) {
      const input = toApi(properties) as Record<string, unknown>;
      makeCluster(state, { ...input, clusterName: id, tags: tagsFor(properties, context) }, context);
      return answer(id, context);
    },
    async delete(id, _properties, context) {
      const found = state.clusters.get(arnOf(context, 'cluster', id));
      if (found?.status === 'ACTIVE') removeCluster(state, found);
    },
    async read(id, context) {
      const found = state.clusters.get(arnOf(context, 'cluster', id));
      if (found?.status !== 'ACTIVE') return undefined;
      return {
        ClusterName: id,
        CapacityProviders: found.capacityProviders,
        ClusterSettings: toTemplate(found.settings),
      };
    },
    latency: { create: 3000, update: 3000, delete: 3000, stabilize: 5000 },
    wishes: (verb, properties, context, id) => {
      const resource = arnOf(context, 'cluster', id ?? properties.ClusterName ?? '*');
      const action = {
        create: 'ecs:CreateCluster',
        update: 'ecs:PutClusterCapacityProviders',
        delete: 'ecs:DeleteCluster',
      }[verb];
      return [
        { action, resource: verb === 'create' ? '*' : resource },
        { action: 'ecs:DescribeClusters', resource },
      ];
    },
  };
}

function associations(state: State): ResourceProvider {
  const put = (properties: Properties, context: ResourceContext, none = false): Resource => {
    const found = findCluster(state, properties.Cluster, context);
    found.capacityProviders = none ? [] : properties.CapacityProviders;
    found.defaultStrategy = none
      ? []
      : (toApi(properties.DefaultCapacityProviderStrategy) as typeof found.defaultStrategy);
    return { id: found.name };
  };
  return {
    create: async (properties, context) => put(properties, context),
    update: async (_id, properties, _previous, context) => put(properties, context),
    async delete(_id, properties, context) {
      const found = state.clusters.get(arnOf(context, 'cluster', lastWord(properties.Cluster)));
      if (found?.status === 'ACTIVE') put(properties, context, true);
    },
    async read(id, context) {
      const found = state.clusters.get(arnOf(context, 'cluster', id));
      if (found?.status !== 'ACTIVE') return undefined;
      return {
        Cluster: id,
        CapacityProviders: found.capacityProviders,
        DefaultCapacityProviderStrategy: toTemplate(found.defaultStrategy),
      };
    },
    latency: { create: 3000, update: 3000, delete: 3000 },
    wishes: (_verb, properties, context) => [
      { action: 'ecs:PutClusterCapacityProviders', resource: arnOf(context, 'cluster', lastWord(properties.Cluster)) },
    ],
  };
}

function taskDefinition(state: State): ResourceProvider {
  return {
    async create(properties, context) {
      const input = toApi(properties) as unknown as RegisterTaskDefinitionRequest;
      const family = properties.Family ?? `${context.stack.name}${context.logicalId}${state.world.random.text(12)}`;
      const { taskDefinitionArn } = register(state, { ...input, family, tags: tagsFor(properties, context) }, context);
      return { id: taskDefinitionArn, attributes: { TaskDefinitionArn: taskDefinitionArn } };
    },
    update: async (id) => ({ id, attributes: { TaskDefinitionArn: id } }),
    async delete(id, _properties, context) {
      const found = findOrNothing(() => findDefinition(state, id, context));
      if (found) Object.assign(found, { status: 'INACTIVE', deregisteredAt: new Date(state.world.clock.now()) });
    },
    async read(id, context) {
      const found = findOrNothing(() => findDefinition(state, id, context));
      return found?.status === 'ACTIVE' ? (toTemplate(found) as Properties) : undefined;
    },
    latency: { create: 1000, update: 1000, delete: 1000, stabilize: 1000 },
    wishes(verb, properties, context) {
      if (verb === 'delete') return [{ action: 'ecs:DeregisterTaskDefinition', resource: '*' }];
      const resource = arnOf(context, 'task-definition', `${properties.Family ?? '*'}:*`);
      const roles = [properties.TaskRoleArn, properties.ExecutionRoleArn].filter(Boolean);
      return [
        { action: 'ecs:RegisterTaskDefinition', resource },
        ...roles.map((role) => passes(role, 'ecs-tasks.amazonaws.com')),
      ];
    },
  };
}

function service(state: State, scheduler: Scheduler, services: Services): ResourceProvider {
  const written = new Map<string, Properties>();
  const answer = ({ arn, name }: ServiceRecord): Resource => ({ id: arn, attributes: { Name: name, ServiceArn: arn } });
  const inputOf = (properties: Properties, context: ResourceContext) => ({
    ...(toApi({ ...properties, Tags: undefined }) as CreateServiceRequest),
    tags: tagsFor(properties, context),
  });
  return {
    async create(properties, context) {
      const serviceName =
        properties.ServiceName ?? `${context.stack.name}-${context.logicalId}-${state.world.random.text(12)}`;
      const input = { desiredCount: 1, ...inputOf(properties, context), serviceName };
      const made = services.create(input, context, context.principal);
      written.set(made.arn, properties);
      context.initiated(made.arn);
      if (!context.express) await stable(state, scheduler, made, context.signal);
      return answer(made);
    },
    async update(id, properties, _previous, context) {
      const found = state.services.get(id);
      if (!found)
        throw new AwsError('NotFound', `Resource of type 'AWS::ECS::Service' with identifier '${id}' was not found.`);
      const last = found.history.at(-1);
      services.update(found, inputOf(properties, context));
      written.set(id, properties);
      // Where nothing differs, as after ECS itself went back, there is no deployment to wait for.
      if (!context.express) await stable(state, scheduler, found, context.signal, found.history.at(-1) !== last);
      return answer(found);
    },
    async delete(id) {
      const found = state.services.get(id);
      if (!found || found.status === 'INACTIVE') return;
      if (found.status === 'ACTIVE') services.remove(found, true);
      while (found.status === 'DRAINING') await scheduler.next(found);
      written.delete(id);
    },
    async read(id) {
      const found = state.services.get(id);
      if (found?.status !== 'ACTIVE') return undefined;
      const properties = written.get(id) ?? {};
      const real = toTemplate({
        ...found.configuration,
        desiredCount: found.desiredCount,
        serviceName: found.name,
      }) as Properties;
      const { Cluster, TaskDefinition, Tags, ...rest } = properties;
      const current = found.configuration.taskDefinition;
      return {
        ...(asReallyIs(rest, real) as Properties),
        ...(Cluster !== undefined && { Cluster }),
        ...(Tags !== undefined && { Tags }),
        TaskDefinition:
          TaskDefinition && lastWord(TaskDefinition) === lastWord(current ?? '') ? TaskDefinition : current,
      };
    },
    latency: { create: 2000, update: 2000, delete: 2000 },
    wishes(verb, properties, context, id) {
      const name = lastWord(id ?? properties.ServiceName ?? '*');
      const resource = arnOf(context, 'service', lastWord(properties.Cluster ?? 'default'), name);
      const action = { create: 'ecs:CreateService', update: 'ecs:UpdateService', delete: 'ecs:DeleteService' }[verb];
      const role = properties.LoadBalancers?.[0]?.AdvancedConfiguration?.RoleArn;
      return [
        { action, resource },
        { action: 'ecs:DescribeServices', resource },
        ...(role && verb !== 'delete' ? [passes(role, 'ecs.amazonaws.com')] : []),
      ];
    },
  };
}

/**
 * CloudFormation User Guide, "AWS::ECS::Service": it waits until the deployment is over, and fails when it did not come to be. The words of
 * the circuit breaker: aws-actions/amazon-ecs-deploy-task-definition #191 and many stacks' events.
 */
async function stable(
  { world }: State,
  scheduler: Scheduler,
  service: ServiceRecord,
  signal: AbortSignal,
  deploys = true,
): Promise<void> {
  const over = new AbortController();
  const limit = world.clock.sleep(patience, { background: true, signal: over.signal }).then(() => {
    throw new AwsError('NotStabilized', `Service ${service.arn} did not stabilize.`);
  });
  limit.catch(() => undefined);
  const cancelled = new Promise<never>((_, reject) => {
    const stop = () => reject(new AwsError('InternalFailure', 'Resource update cancelled'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  cancelled.catch(() => undefined);
  try {
    await Promise.race([settled(scheduler, service, deploys), limit, cancelled]);
  } finally {
    over.abort();
  }
}

async function settled(scheduler: Scheduler, service: ServiceRecord, deploys: boolean): Promise<void> {
  const deployment = service.history.at(-1);
  await deployment?.over;
  if (!deploys) return steady(scheduler, service);
  const { status, statusReason = 'The deployment was stopped', deploymentCircuitBreaker } = deployment?.view ?? {};
  if (status !== 'SUCCESSFUL') {
    const what =
      deploymentCircuitBreaker?.status === 'TRIGGERED' ? 'ECS Deployment Circuit Breaker was triggered' : statusReason;
    throw new AwsError('GeneralServiceException', `Error occurred during operation '${what}'.`);
  }
  await steady(scheduler, service);
}

async function steady(scheduler: Scheduler, service: ServiceRecord): Promise<void> {
  while (!service.steady && service.status === 'ACTIVE') await scheduler.next(service);
}

const passes = (role: string, service: string): Wish => ({
  action: 'iam:PassRole',
  resource: role,
  context: { 'iam:PassedToService': service },
});

function tagsFor(properties: Properties, context: ResourceContext): { key: string; value: string }[] {
  return Object.entries(tagsOf(properties, context)).map(([key, value]) => ({ key, value }));
}

function findOrNothing<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
