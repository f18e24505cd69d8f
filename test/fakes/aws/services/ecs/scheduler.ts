import { boundsOf, failureThreshold } from './breaker.ts';
import { tell } from './events.ts';
import type { Discovery, LoadBalancing } from './load-balancing.ts';
import type { DeploymentRecord, Halt, ServiceRecord, State, TaskRecord } from './model.ts';
import { lastWord } from './names.ts';
import { hasHealthCheck, startTask } from './task.ts';
import { timing } from './timing.ts';

/** The service scheduler: keeps as many tasks as each deployment is to have, and replaces those that are not well. */
export interface Scheduler {
  /** Looks at a service now, and again until nothing is left to do. */
  wake(service: ServiceRecord): void;
  /** What to do when the circuit breaker has had enough. */
  onFailure(listener: (deployment: DeploymentRecord, halt: Halt) => void): void;
  /** Whether all tasks that a deployment is to have run and are well. */
  isWell(deployment: DeploymentRecord): boolean;
  /** Resolves after the next look at a service. */
  next(service: ServiceRecord): Promise<void>;
  /** After each look at a service. */
  onChange(listener: (service: ServiceRecord) => void): void;
  dispose(): void;
}

export function createScheduler(state: State): Scheduler {
  const { world } = state;
  const { clock } = world;
  const asleep = new Set<ServiceRecord>();
  let failed: (deployment: DeploymentRecord, halt: Halt) => void = () => undefined;
  let changed: (service: ServiceRecord) => void = () => undefined;
  let unsubscribe: (() => void) | undefined;
  const balancer = () => world.services.get('elasticloadbalancing') as LoadBalancing | undefined;

  function wake(service: ServiceRecord): void {
    if (asleep.has(service)) return;
    asleep.add(service);
    listen();
    void clock.sleep(timing.schedule).then(() => {
      asleep.delete(service);
      look(service);
      changed(service);
      for (const resolve of waiters.get(service) ?? []) resolve();
      waiters.delete(service);
    });
  }

  const waiters = new Map<ServiceRecord, (() => void)[]>();
  const next = (service: ServiceRecord) =>
    new Promise<void>((resolve) => waiters.set(service, [...(waiters.get(service) ?? []), resolve]));

  /** Load balancers tell of their targets from the first service on. */
  function listen(): void {
    unsubscribe ??= balancer()?.onTargetHealth(({ targetGroupArn, target }) => {
      for (const task of state.tasks.values())
        if (
          task.deployment &&
          task.address === target.id &&
          task.targets.some((one) => one.targetGroupArn === targetGroupArn)
        )
          wake(task.deployment.service);
    });
  }

  function look(service: ServiceRecord): void {
    for (const deployment of service.deployments) judge(deployment);
    const [primary, ...old] = service.deployments;
    if (!primary) return;
    if (isRolling(service)) roll(service, primary, old);
    else for (const deployment of service.deployments) keep(deployment, deployment.desired);
    settle(service);
  }

  /** Marks the tasks that are well, and stops those that are not. */
  function judge(deployment: DeploymentRecord): void {
    for (const task of living(deployment)) {
      if (task.view.lastStatus !== 'RUNNING') continue;
      const fault = faultOf(task);
      if (fault) {
        fail(task);
        const target = fault.includes('ELB') ? ` (target-group ${lastGroup(task)})` : '';
        tell(
          state,
          deployment.service,
          `(port ${task.targets[0]?.port ?? 0}) is unhealthy in${target} due to (reason Health checks failed)`,
        );
        task.stop(fault, 'ServiceSchedulerInitiated');
      } else if (isTaskWell(task)) {
        task.well ??= clock.now();
        if (!task.wasWell) recovered(task);
      } else delete task.well;
    }
  }

  function faultOf(task: TaskRecord): string | undefined {
    const ill = task.targets.find((one) => healthAt(task, one) === 'unhealthy');
    const isIll = task.view.healthStatus === 'UNHEALTHY';
    if (!ill && !isIll) return undefined;
    const grace = (task.deployment?.revision.configuration.healthCheckGracePeriodSeconds ?? 0) * 1000;
    if (again(task, Number(task.view.startedAt) + grace)) return undefined;
    return isIll
      ? 'Task failed container health checks'
      : `Task failed ELB health checks in (target-group ${ill?.targetGroupArn})`;
  }

  const healthAt = (task: TaskRecord, { targetGroupArn, port }: TaskRecord['targets'][number]) =>
    balancer()?.targetHealth(targetGroupArn, { id: task.address ?? '', port })?.state;

  /** ECS API, "minimumHealthyPercent", on which tasks count. A group that no load balancer uses checks nothing. */
  function isTaskWell(task: TaskRecord): boolean {
    const { definition, view, targets } = task;
    const checked = hasHealthCheck(definition);
    if (checked && view.healthStatus !== 'HEALTHY') return false;
    if (!targets.every((one) => ['healthy', 'unused'].includes(healthAt(task, one) ?? ''))) return false;
    if (checked || targets.length > 0) return true;
    return !again(task, Number(view.startedAt) + timing.settle);
  }

  const looking = new WeakSet<TaskRecord>();

  /** Whether a time is yet to come: the service is looked at again then. */
  function again(task: TaskRecord, at: number): boolean {
    const left = at - clock.now();
    const { deployment } = task;
    if (left <= 0 || !deployment) return false;
    if (looking.has(task)) return true;
    looking.add(task);
    void clock.sleep(left).then(() => {
      looking.delete(task);
      wake(deployment.service);
    });
    return true;
  }

  /** "resetOnHealthyTask: a task that reaches a healthy state resets the failure count to 0." */
  function recovered(task: TaskRecord): void {
    task.wasWell = true;
    const { deployment } = task;
    if (!deployment) return;
    deployment.service.impaired = 0;
    const { deploymentCircuitBreaker } = deployment.service.configuration.deploymentConfiguration ?? {};
    if (deploymentCircuitBreaker?.resetOnHealthyTask ?? true) deployment.failures = 0;
  }

  /** A task of a deployment in progress that never got well counts. */
  function fail(task: TaskRecord): void {
    const { deployment } = task;
    if (!deployment || task.wasWell || deployment.rolloutState !== 'IN_PROGRESS') return;
    deployment.failedTasks += 1;
    deployment.failures += 1;
    deployment.service.impaired += 1;
    const { deploymentConfiguration: configuration = {} } = deployment.service.configuration;
    const { enable, rollback } = configuration.deploymentCircuitBreaker ?? {};
    const threshold = failureThreshold(deployment.service.desiredCount, configuration);
    const { view } = deployment.serviceDeployment;
    if (enable) view.deploymentCircuitBreaker = { status: 'MONITORING', failureCount: deployment.failures, threshold };
    if (!enable || deployment.failures < threshold) return;
    view.deploymentCircuitBreaker = { status: 'TRIGGERED', failureCount: deployment.failures, threshold };
    failed(deployment, {
      reason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
      rollback: rollback ?? false,
    });
  }

  /** Rolling update: new ones as far as `maximumPercent` lets, old ones go as far as `minimumHealthyPercent` lets. */
  function roll(service: ServiceRecord, primary: DeploymentRecord, old: readonly DeploymentRecord[]): void {
    const { desired } = primary;
    const { least, most } = boundsOf(desired, service.configuration.deploymentConfiguration);
    const news = living(primary);
    const olds = old.flatMap(living);
    // A failed deployment launches nothing more, and what it replaces stays.
    if (primary.rolloutState === 'FAILED') return;
    const isWell = ({ well }: TaskRecord) => well !== undefined;
    const leaving = service.deployments.flatMap(({ tasks }) => [...tasks]).filter(isLeaving).length;
    const missing = Math.max(0, desired - news.length);
    const room = Math.max(0, most - news.length - olds.length - leaving);
    launch(primary, Math.min(missing, room));
    const wellNews = news.filter(isWell).length;
    const wellOlds = olds.filter(isWell);
    const wanted =
      wellNews >= desired ? olds.length : Math.max(missing - room - leaving, wellNews + olds.length - desired, 0);
    const spare = Math.max(0, wellNews + wellOlds.length - least);
    const unwellOlds = olds.filter((task) => !isWell(task));
    stopSome([...unwellOlds, ...wellOlds.slice(0, spare)].slice(0, wanted), primary);
    stopSome(news.slice(desired), primary);
    for (const deployment of old)
      if (deployment.tasks.size === 0) {
        deployment.status = 'INACTIVE';
        service.deployments.splice(service.deployments.indexOf(deployment), 1);
      }
  }

  function keep(deployment: DeploymentRecord, desired: number): void {
    const alive = living(deployment);
    launch(deployment, desired - alive.length);
    stopSome(alive.slice(desired), deployment);
  }

  function stopSome(tasks: readonly TaskRecord[], because: DeploymentRecord): void {
    for (const task of tasks)
      task.stop(`Scaling activity initiated by (deployment ${because.id})`, 'ServiceSchedulerInitiated');
    if (tasks.length > 0)
      tell(
        state,
        because.service,
        `has stopped ${tasks.length} running tasks: ${tasks.map(({ view }) => `(task ${lastWord(view.taskArn)})`).join(' ')}.`,
      );
  }

  const waiting = new Set<DeploymentRecord>();

  /** "Service throttle logic": after a launch that failed the next one waits, longer each time. */
  function launch(deployment: DeploymentRecord, count: number): void {
    if (count <= 0 || deployment.service.status !== 'ACTIVE' || waiting.has(deployment)) return;
    const { impaired } = deployment.service;
    const threshold = failureThreshold(deployment.service.desiredCount);
    if (impaired > threshold) {
      waiting.add(deployment);
      if (impaired === threshold + 1)
        tell(state, deployment.service, 'is unable to consistently start tasks successfully.');
      const pause = Math.min(timing.throttle.most, timing.throttle.first * 2 ** Math.min(10, impaired - threshold));
      void clock.sleep(pause).then(() => {
        waiting.delete(deployment);
        if (deployment.service.deployments.includes(deployment))
          start(deployment, Math.min(count, deployment.desired - living(deployment).length));
      });
    } else start(deployment, count);
  }

  function start(deployment: DeploymentRecord, count: number): void {
    const { service, revision } = deployment;
    const { configuration } = revision;
    const started = Array.from({ length: Math.max(0, count) }, () => {
      const provider = configuration.capacityProviderStrategy?.toSorted((a, b) => (b.weight ?? 0) - (a.weight ?? 0))[0]
        ?.capacityProvider;
      const task = startTask(
        state,
        {
          where: service.where,
          cluster: service.cluster,
          definition: revision.definition,
          group: `service:${service.name}`,
          startedBy: deployment.id,
          ...(configuration.launchType && { launchType: configuration.launchType }),
          ...(provider && { capacityProvider: provider }),
          ...(configuration.platformVersion && { platformVersion: configuration.platformVersion }),
          network: (configuration.networkConfiguration?.awsvpcConfiguration ?? {}) as { subnets?: string[] },
          enableExecuteCommand: configuration.enableExecuteCommand ?? false,
          deployment,
        },
        { activate: register, deactivate: deregister, changed: (one) => follow(one) },
      );
      deployment.tasks.add(task);
      return task;
    });
    if (started.length > 0)
      tell(
        state,
        service,
        `has started ${started.length} tasks: ${started.map(({ view }) => `(task ${lastWord(view.taskArn)})`).join(' ')}.`,
      );
    service.steady = false;
  }

  function follow(task: TaskRecord): void {
    const { deployment, view } = task;
    if (!deployment) return;
    if (view.lastStatus === 'STOPPED' && deployment.tasks.delete(task) && isOwnFault(view.stopCode)) fail(task);
    wake(deployment.service);
  }

  function register(task: TaskRecord): void {
    const { deployment, address = '' } = task;
    if (!deployment) return;
    const { loadBalancers = [], serviceRegistries = [] } = deployment.revision.configuration;
    loadBalancers.forEach(({ containerPort = 0 }, index) => {
      const targetGroupArn = deployment.targetGroups[index];
      if (!targetGroupArn || !balancer()) return;
      task.targets.push({ targetGroupArn, port: containerPort });
      balancer()?.registerTarget(targetGroupArn, { id: address, port: containerPort });
      tell(state, deployment.service, `registered 1 targets in (target-group ${targetGroupArn})`);
    });
    const discovery = world.services.get('servicediscovery') as Discovery | undefined;
    for (const { registryArn = '', containerPort, port } of serviceRegistries) {
      if (!discovery) break;
      task.instances.push(registryArn);
      const at = port ?? containerPort;
      discovery.registerInstance(registryArn, lastWord(task.view.taskArn), {
        AWS_INSTANCE_IPV4: address,
        ...(at !== undefined && { AWS_INSTANCE_PORT: String(at) }),
        AWS_INIT_HEALTH_STATUS: 'HEALTHY',
        ECS_CLUSTER_NAME: deployment.service.cluster.name,
        ECS_SERVICE_NAME: deployment.service.name,
        ECS_TASK_DEFINITION_FAMILY: task.definition.family,
        REGION: task.where.region,
      });
    }
  }

  async function deregister({ deployment, targets, instances, address = '', view }: TaskRecord): Promise<void> {
    const discovery = world.services.get('servicediscovery') as Discovery | undefined;
    for (const arn of instances) discovery?.deregisterInstance(arn, lastWord(view.taskArn));
    if (deployment)
      for (const { targetGroupArn } of targets) {
        tell(state, deployment.service, `deregistered 1 targets in (target-group ${targetGroupArn})`);
        tell(state, deployment.service, 'has begun draining connections on 1 tasks.');
      }
    await Promise.all(
      targets.map(({ targetGroupArn, port }) => balancer()?.deregisterTarget(targetGroupArn, { id: address, port })),
    );
  }

  function isWell(deployment: DeploymentRecord): boolean {
    const alive = living(deployment);
    return alive.length === deployment.desired && alive.every(({ well }) => well !== undefined);
  }

  /** "has reached a steady state": as many as wanted, all well, and nothing else left. */
  function settle(service: ServiceRecord): void {
    const [primary, ...old] = service.deployments;
    if (!primary || service.steady || service.status !== 'ACTIVE') return;
    if (old.length > 0 || !isWell(primary) || primary.tasks.size !== primary.desired) return;
    service.steady = true;
    tell(state, service, 'has reached a steady state.');
  }

  return {
    wake,
    isWell,
    next,
    onFailure(listener) {
      failed = listener;
    },
    onChange(listener) {
      changed = listener;
    },
    dispose: () => unsubscribe?.(),
  };
}

/** Those that are not on their way out. */
export function living({ tasks }: DeploymentRecord): TaskRecord[] {
  return [...tasks].filter((task) => !isEnding(task));
}

const isEnding = ({ view }: TaskRecord) => view.desiredStatus === 'STOPPED';

const isOwnFault = (code: string | undefined) => code === 'TaskFailedToStart' || code === 'EssentialContainerExited';

/** Still takes a place: its containers run. */
const isLeaving = (task: TaskRecord) =>
  isEnding(task) && !['DEPROVISIONING', 'STOPPED'].includes(task.view.lastStatus ?? '');

const lastGroup = ({ targets }: TaskRecord) => targets.at(-1)?.targetGroupArn ?? '';

export const isRolling = ({ configuration }: ServiceRecord): boolean =>
  (configuration.deploymentConfiguration?.strategy ?? 'ROLLING') === 'ROLLING';
