import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs';
import { AwsError, type Operation, type Principal } from '../../model.ts';
import { copied } from './cases.ts';
import { findCluster, isSame } from './clusters.ts';
import type { Deployments } from './deployments.ts';
import type { LoadBalancing } from './load-balancing.ts';
import type { Configuration, DeploymentRecord, ServiceRecord, State, Where } from './model.ts';
import { arnOf, lastWord } from './names.ts';
import { living, type Scheduler } from './scheduler.ts';
import { putTags, tagList } from './tags.ts';
import { findDefinition, page } from './task-definitions.ts';

export interface Services {
  create(input: CreateServiceRequest, where: Where, by: Principal): ServiceRecord;
  update(service: ServiceRecord, input: Omit<UpdateServiceRequest, 'service'>): void;
  remove(service: ServiceRecord, force: boolean): void;
  operations: Record<string, Operation>;
}

/** What a new deployment comes of when it changes. ECS API, "UpdateService". */
const deploying = [
  'taskDefinition',
  'loadBalancers',
  'serviceRegistries',
  'capacityProviderStrategy',
  'launchType',
  'platformVersion',
  'networkConfiguration',
  'enableExecuteCommand',
  'healthCheckGracePeriodSeconds',
  'propagateTags',
  'enableECSManagedTags',
] as const;

export function createServices(state: State, scheduler: Scheduler, deployments: Deployments): Services {
  const { world } = state;

  function create(input: CreateServiceRequest, where: Where, by: Principal): ServiceRecord {
    const { serviceName: name = '' } = input;
    const cluster = findCluster(state, input.cluster, where);
    if (!/^[\w-]{1,255}$/.test(name))
      throw invalid('Service name must be 1-255 characters of letters, numbers, underscores, and hyphens.');
    const arn = arnOf(where, 'service', cluster.name, name);
    const before = state.services.get(arn);
    if (before?.status === 'ACTIVE') throw invalid('Creation of service was not idempotent.');
    if (before?.status === 'DRAINING') throw invalid('Unable to Start a service that is still Draining.');
    check(state, input, where);
    const definition = findDefinition(state, input.taskDefinition ?? '', where);
    const configuration = configurationOf(input, definition.taskDefinitionArn);
    const { account, region } = where;
    const service: ServiceRecord = {
      arn,
      name,
      cluster,
      where: { account, region },
      status: 'ACTIVE',
      desiredCount: input.desiredCount ?? 0,
      configuration,
      deployments: [],
      history: [],
      revisions: [],
      events: [],
      createdAt: new Date(world.clock.now()),
      createdBy: by.kind === 'role' ? `arn:aws:iam::${by.account}:role/${by.role}` : `arn:aws:iam::${account}:root`,
      steady: false,
      impaired: 0,
    };
    state.services.set(arn, service);
    putTags(state, arn, input.tags);
    deployments.begin(service, deployments.revise(service, definition, configuration));
    return service;
  }

  function update(service: ServiceRecord, input: Omit<UpdateServiceRequest, 'service'>): void {
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    check(state, input, service.where);
    const definition = findDefinition(
      state,
      input.taskDefinition ?? service.configuration.taskDefinition ?? '',
      service.where,
    );
    const before = service.configuration;
    const given = Object.fromEntries(
      Object.entries(configurationOf(input, definition.taskDefinitionArn)).filter(
        ([key]) => key === 'taskDefinition' || key in input,
      ),
    );
    service.configuration = { ...before, ...given };
    if (input.desiredCount !== undefined) resize(service, input.desiredCount);
    const isNew = deploying.some((key) => JSON.stringify(before[key]) !== JSON.stringify(service.configuration[key]));
    if (isNew || input.forceNewDeployment)
      deployments.begin(service, deployments.revise(service, definition, service.configuration));
  }

  /** "The number of instantiations of the task": no deployment of its own. */
  function resize(service: ServiceRecord, desired: number): void {
    if (desired === service.desiredCount) return;
    service.desiredCount = desired;
    service.steady = false;
    const [primary] = service.deployments;
    if (primary) primary.desired = desired;
    scheduler.wake(service);
  }

  function remove(service: ServiceRecord, force: boolean): void {
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    if (service.desiredCount > 0 && !force) throw invalid('The service cannot be stopped while it is scaled above 0.');
    service.status = 'DRAINING';
    service.desiredCount = 0;
    for (const deployment of service.deployments) {
      deployment.desired = 0;
      deployment.serviceDeployment.halt.abort({
        reason: 'The service was deleted.',
        rollback: false,
        status: 'STOPPED',
      });
      for (const task of living(deployment))
        task.stop(`Scaling activity initiated by (deployment ${deployment.id})`, 'ServiceSchedulerInitiated');
    }
    scheduler.wake(service);
  }

  const operations: Record<string, Operation> = {
    CreateService: (input, call) => ({ service: serviceView(state, create(input, call, call.principal)) }),
    UpdateService(input, call) {
      const service = findService(state, input, call);
      update(service, input);
      return { service: serviceView(state, service) };
    },
    DeleteService(input, call) {
      const service = findService(state, input, call);
      remove(service, input.force ?? false);
      return { service: serviceView(state, service) };
    },
    DescribeServices(
      { cluster, services, include }: { cluster?: string; services: string[]; include?: string[] },
      call,
    ) {
      const { name: clusterName } = findCluster(state, cluster, call);
      const found = services.map(
        (name) => [name, state.services.get(arnOf(call, 'service', clusterName, lastWord(name)))] as const,
      );
      return {
        services: found.flatMap(([, one]) =>
          one ? [serviceView(state, one, include?.includes('TAGS') ?? false)] : [],
        ),
        failures: found.flatMap(([name, one]) =>
          one ? [] : [{ arn: arnOf(call, 'service', clusterName, lastWord(name)), reason: 'MISSING' }],
        ),
      };
    },
    ListServices({ cluster, maxResults = 10, nextToken }, call) {
      const { arn } = findCluster(state, cluster, call);
      const arns = [...state.services.values()]
        .filter((one) => one.cluster.arn === arn && isSame(one.where, call) && one.status !== 'INACTIVE')
        .map((one) => one.arn);
      return page('serviceArns', arns, maxResults, nextToken);
    },
  };
  return { create, update, remove, operations };
}

/** @throws AwsError ServiceNotFoundException */
export function findService(
  state: State,
  { cluster, service }: { cluster?: string; service?: string },
  where: Where,
): ServiceRecord {
  const { name } = findCluster(state, cluster, where);
  const found = state.services.get(arnOf(where, 'service', name, lastWord(service ?? '')));
  if (!found || found.status === 'INACTIVE') throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return found;
}

function configurationOf(input: Partial<CreateServiceRequest>, taskDefinition: string): Configuration {
  const { deploymentConfiguration = {}, networkConfiguration } = input;
  const awsvpc = networkConfiguration?.awsvpcConfiguration;
  return {
    taskDefinition,
    loadBalancers: input.loadBalancers ?? [],
    serviceRegistries: input.serviceRegistries ?? [],
    ...(input.capacityProviderStrategy && { capacityProviderStrategy: input.capacityProviderStrategy }),
    ...(!input.capacityProviderStrategy && { launchType: input.launchType ?? 'FARGATE' }),
    platformVersion: input.platformVersion ?? 'LATEST',
    ...(awsvpc && {
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: 'DISABLED', securityGroups: [], ...awsvpc } },
    }),
    healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    schedulingStrategy: input.schedulingStrategy ?? 'REPLICA',
    deploymentController: input.deploymentController ?? { type: 'ECS' },
    deploymentConfiguration: {
      ...deploymentConfiguration,
      strategy: deploymentConfiguration.strategy ?? 'ROLLING',
      minimumHealthyPercent: deploymentConfiguration.minimumHealthyPercent ?? 100,
      maximumPercent: deploymentConfiguration.maximumPercent ?? 200,
      deploymentCircuitBreaker: deploymentConfiguration.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    },
  } as Configuration;
}

/** What is refused at once. ECS API, "DeploymentConfiguration", "DeploymentLifecycleHook", "AdvancedConfiguration". */
function check(state: State, input: Partial<CreateServiceRequest>, where: Where): void {
  const { loadBalancers = [], deploymentConfiguration = {}, launchType, capacityProviderStrategy } = input;
  const {
    strategy = 'ROLLING',
    lifecycleHooks = [],
    canaryConfiguration,
    deploymentCircuitBreaker,
  } = deploymentConfiguration;
  if (launchType && capacityProviderStrategy?.length)
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  if (strategy !== 'ROLLING' && deploymentCircuitBreaker?.enable)
    throw invalid(`The deployment circuit breaker can only be used with the ROLLING deployment strategy.`);
  if (strategy !== 'CANARY' && canaryConfiguration)
    throw invalid('canaryConfiguration is only valid when the deployment strategy is CANARY.');
  const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
  if (
    canaryPercent < 0.1 ||
    canaryPercent > 100 ||
    Math.abs(canaryPercent * 10 - Math.round(canaryPercent * 10)) > 1e-9
  )
    throw invalid('canaryPercent must be a multiple of 0.1 from 0.1 to 100.0.');
  if (canaryBakeTimeInMinutes < 0 || canaryBakeTimeInMinutes > 1440)
    throw invalid('canaryBakeTimeInMinutes must be between 0 and 1440.');
  for (const { targetType, lifecycleStages = [] } of lifecycleHooks) {
    if (targetType !== 'PAUSE')
      throw new AwsError('UnsupportedFeatureException', 'Lambda hooks are not part of this fake.');
    for (const stage of lifecycleStages)
      if (stage === 'TEST_TRAFFIC_SHIFT' || stage === 'PRODUCTION_TRAFFIC_SHIFT')
        throw invalid(`PAUSE hooks cannot be configured at the ${stage} stage.`);
  }
  const balancer = state.world.services.get('elasticloadbalancing') as LoadBalancing | undefined;
  const containers = input.taskDefinition
    ? (findDefinition(state, input.taskDefinition, where).containerDefinitions ?? [])
    : undefined;
  for (const { containerName, containerPort, targetGroupArn = '', advancedConfiguration } of loadBalancers) {
    const container = containers?.find(({ name }) => name === containerName);
    if (containers && !container)
      throw invalid(`The container ${containerName} does not exist in the task definition.`);
    if (container && !container.portMappings?.some((one) => one.containerPort === containerPort))
      throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`);
    if (!targetGroupArn) throw invalid('Unable to describe target groups: targetGroupArn is required.');
    if (strategy === 'ROLLING') continue;
    if (
      !advancedConfiguration?.alternateTargetGroupArn ||
      !advancedConfiguration.productionListenerRule ||
      !advancedConfiguration.roleArn
    )
      throw invalid(
        `advancedConfiguration with alternateTargetGroupArn, productionListenerRule and roleArn is required when the deployment strategy is ${strategy}.`,
      );
    const rule = advancedConfiguration.productionListenerRule;
    if (balancer && !balancer.ruleWeights(rule)) throw invalid(`The listener rule ${rule} does not exist.`);
  }
}

export function serviceView(state: State, service: ServiceRecord, withTags = false): object {
  const all = service.deployments.map(counts);
  const [current] = service.history.slice(-1);
  const { taskDefinition, ...configuration } = service.configuration;
  const { revision } = service.deployments[0] ?? {};
  return copied({
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: all.reduce((sum, { runningCount }) => sum + runningCount, 0),
    pendingCount: all.reduce((sum, { pendingCount }) => sum + pendingCount, 0),
    taskDefinition: revision?.definition.taskDefinitionArn ?? taskDefinition,
    ...configuration,
    deployments: service.status === 'ACTIVE' ? service.deployments.map(deploymentView) : [],
    events: service.events,
    createdAt: service.createdAt,
    createdBy: service.createdBy,
    placementConstraints: [],
    placementStrategy: [],
    platformFamily: 'Linux',
    ...(current && !isOver(current.view.status) && { currentServiceDeployment: current.view.serviceDeploymentArn }),
    currentServiceRevisions: service.deployments
      .map((one) => ({
        arn: one.revision.arn,
        requestedTaskCount: one.desired,
        ...counts(one),
      }))
      .map(({ runningCount, pendingCount, ...one }) => ({
        ...one,
        runningTaskCount: runningCount,
        pendingTaskCount: pendingCount,
      })),
    ...(withTags && { tags: tagList(state, service.arn) }),
  });
}

const isOver = (status: string) =>
  !['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'].includes(status);

export function counts(deployment: DeploymentRecord): { runningCount: number; pendingCount: number } {
  const runs = (status: string | undefined) => status === 'RUNNING' || status === 'DEACTIVATING';
  const all = [...deployment.tasks].map(({ view }) => view);
  return {
    runningCount: all.filter(({ lastStatus }) => runs(lastStatus)).length,
    pendingCount: all.filter(({ lastStatus, desiredStatus }) => desiredStatus === 'RUNNING' && !runs(lastStatus))
      .length,
  };
}

function deploymentView(deployment: DeploymentRecord): object {
  const { id, status, desired, failedTasks, createdAt, updatedAt, rolloutState, rolloutStateReason, revision } =
    deployment;
  const { capacityProviderStrategy, launchType, networkConfiguration } = revision.configuration;
  return {
    id,
    status,
    taskDefinition: revision.definition.taskDefinitionArn,
    desiredCount: desired,
    ...counts(deployment),
    failedTasks,
    createdAt,
    updatedAt,
    rolloutState,
    rolloutStateReason,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    ...(capacityProviderStrategy && { capacityProviderStrategy }),
    ...(launchType && { launchType }),
    ...(networkConfiguration && { networkConfiguration }),
  };
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
