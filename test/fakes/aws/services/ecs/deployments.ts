import type { DeploymentConfiguration, ServiceDeployment } from '@aws-sdk/client-ecs';
import { failureThreshold } from './breaker.ts';
import { tell } from './events.ts';
import type { Alarms } from './load-balancing.ts';
import type {
  Configuration,
  Definition,
  DeploymentRecord,
  Halt,
  RevisionRecord,
  ServiceDeploymentRecord,
  ServiceRecord,
  State,
} from './model.ts';
import { arnOf, deploymentId, revisionId, serviceDeploymentId } from './names.ts';
import { isRolling, type Scheduler } from './scheduler.ts';
import { shift } from './shift.ts';

/** Deployments of services: what begins, ends and takes them back. */
export interface Deployments {
  /** Makes a revision what the service is to run. */
  begin(service: ServiceRecord, revision: RevisionRecord): ServiceDeploymentRecord;
  revise(service: ServiceRecord, definition: Definition, configuration: Configuration): RevisionRecord;
  /** "StopServiceDeployment", and a refused pause. */
  halt(deployment: ServiceDeploymentRecord, halt: Halt): void;
}

const alarmEvery = 15_000;

export function createDeployments(state: State, scheduler: Scheduler): Deployments {
  const { world } = state;
  const now = () => new Date(world.clock.now());

  scheduler.onFailure((deployment, halt) => deployment.serviceDeployment.halt.abort(halt));
  scheduler.onChange((service) => {
    const [primary] = service.deployments;
    if (primary?.rolloutState === 'IN_PROGRESS' && isRolling(service) && service.steady) complete(primary);
    if (service.status === 'DRAINING' && service.deployments.every(({ tasks }) => tasks.size === 0))
      service.status = 'INACTIVE';
  });

  function revise(service: ServiceRecord, definition: Definition, configuration: Configuration): RevisionRecord {
    const arn = arnOf(service.where, 'service-revision', service.cluster.name, service.name, revisionId(world.random));
    const revision = { arn, configuration: { ...configuration }, definition, createdAt: now() };
    service.revisions.push(revision);
    return revision;
  }

  function begin(service: ServiceRecord, revision: RevisionRecord): ServiceDeploymentRecord {
    for (const { serviceDeployment } of service.deployments)
      serviceDeployment.halt.abort({
        reason: 'A new service deployment was started.',
        rollback: false,
        status: 'STOPPED',
      } satisfies Halt);
    const { configuration } = service;
    const serviceDeployment = describe(service, revision, configuration.deploymentConfiguration ?? {});
    service.history.push(serviceDeployment);
    const deployment = place(service, revision, serviceDeployment);
    if (isRolling(service)) {
      deployment.targetGroups = (configuration.loadBalancers ?? []).map(({ targetGroupArn = '' }) => targetGroupArn);
      deployment.desired = service.desiredCount;
      serviceDeployment.halt.signal.addEventListener('abort', () =>
        fallBack(deployment, serviceDeployment.halt.signal.reason),
      );
    } else void blueGreen(deployment);
    void watchAlarms(deployment);
    scheduler.wake(service);
    return serviceDeployment;
  }

  function describe(
    service: ServiceRecord,
    revision: RevisionRecord,
    configuration: DeploymentConfiguration,
  ): ServiceDeploymentRecord {
    const id = serviceDeploymentId(world.random);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const sources = service.lastCompleted ? [service.lastCompleted] : [];
    const view: ServiceDeploymentRecord['view'] = {
      serviceDeploymentArn: arnOf(service.where, 'service-deployment', service.cluster.name, service.name, id),
      serviceArn: service.arn,
      clusterArn: service.cluster.arn,
      createdAt: now(),
      startedAt: now(),
      updatedAt: now(),
      status: 'IN_PROGRESS',
      deploymentConfiguration: configuration,
      lifecycleHookDetails: [],
      sourceServiceRevisions: [],
      deploymentCircuitBreaker: configuration.deploymentCircuitBreaker?.enable
        ? { status: 'MONITORING', failureCount: 0, threshold: failureThreshold(service.desiredCount, configuration) }
        : { status: 'DISABLED' },
      alarms: configuration.alarms?.enable
        ? { status: 'MONITORING', alarmNames: configuration.alarms.alarmNames }
        : { status: 'DISABLED' },
    };
    return { view, target: revision, sources, over, finish: resolve, hooks: new Map(), halt: new AbortController() };
  }

  function place(
    service: ServiceRecord,
    revision: RevisionRecord,
    serviceDeployment: ServiceDeploymentRecord,
  ): DeploymentRecord {
    const id = deploymentId(world.random);
    const deployment: DeploymentRecord = {
      id,
      service,
      revision,
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${id} in progress.`,
      failedTasks: 0,
      failures: 0,
      createdAt: now(),
      updatedAt: now(),
      desired: 0,
      tasks: new Set(),
      targetGroups: [],
      weights: { test: 0, production: 0 },
      serviceDeployment,
    };
    promote(service, deployment);
    return deployment;
  }

  function promote(service: ServiceRecord, deployment: DeploymentRecord): void {
    const others = service.deployments.filter((one) => one !== deployment);
    for (const one of others) one.status = 'ACTIVE';
    deployment.status = 'PRIMARY';
    service.deployments = [deployment, ...others];
    service.steady = false;
    const { deploymentConfiguration } = service.configuration;
    service.configuration = {
      ...deployment.revision.configuration,
      ...(deploymentConfiguration && { deploymentConfiguration }),
    };
  }

  function complete(deployment: DeploymentRecord): void {
    const { service, serviceDeployment } = deployment;
    set(deployment, 'COMPLETED', `ECS deployment ${deployment.id} completed.`);
    service.lastCompleted = deployment.revision;
    tell(state, service, `(deployment ${deployment.id}) deployment completed.`);
    const { view } = serviceDeployment;
    if (view.status === 'IN_PROGRESS') close(serviceDeployment, 'SUCCESSFUL');
    else if (view.status === 'ROLLBACK_IN_PROGRESS') close(serviceDeployment, 'ROLLBACK_SUCCESSFUL');
  }

  function set(deployment: DeploymentRecord, rolloutState: DeploymentRecord['rolloutState'], reason: string): void {
    Object.assign(deployment, { rolloutState, rolloutStateReason: reason, updatedAt: now() });
  }

  function close({ view, finish }: ServiceDeploymentRecord, status: NonNullable<ServiceDeployment['status']>): void {
    if (view.deploymentCircuitBreaker?.status === 'MONITORING')
      view.deploymentCircuitBreaker.status = 'MONITORING_COMPLETE';
    if (view.alarms?.status === 'MONITORING') view.alarms.status = 'MONITORING_COMPLETE';
    Object.assign(view, {
      status,
      updatedAt: now(),
      finishedAt: now(),
      ...(status === 'STOPPED' && { stoppedAt: now() }),
    });
    finish();
  }

  /**
   * A rolling deployment that failed or is stopped. ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures":
   * back to the last one that completed, if that is wanted and there is one; else it stays FAILED.
   */
  function fallBack(deployment: DeploymentRecord, halt: Halt): void {
    const { service, serviceDeployment, id } = deployment;
    if (deployment.rolloutState !== 'IN_PROGRESS') return;
    if (halt.status === 'STOPPED' && !halt.rollback) {
      if (serviceDeployment.view.status === 'IN_PROGRESS')
        Object.assign(serviceDeployment.view, { statusReason: halt.reason });
      close(serviceDeployment, 'STOPPED');
      return;
    }
    const cause = causeOf(serviceDeployment.view);
    set(deployment, 'FAILED', `${cause}tasks failed to start.`);
    tell(state, service, `(deployment ${id}) deployment failed: tasks failed to start.`);
    serviceDeployment.view.statusReason = halt.reason;
    if (!halt.rollback) {
      close(serviceDeployment, 'STOPPED');
      return;
    }
    const { lastCompleted } = service;
    if (!lastCompleted || lastCompleted === deployment.revision) {
      close(serviceDeployment, 'ROLLBACK_FAILED');
      return;
    }
    startRollback(serviceDeployment, lastCompleted, halt);
    const before = service.deployments.find(
      ({ revision, rolloutState }) => revision === lastCompleted && rolloutState === 'COMPLETED',
    );
    const back = before ?? place(service, lastCompleted, serviceDeployment);
    if (before) promote(service, before);
    back.serviceDeployment = serviceDeployment;
    back.desired = service.desiredCount;
    back.targetGroups = (lastCompleted.configuration.loadBalancers ?? []).map(
      ({ targetGroupArn = '' }) => targetGroupArn,
    );
    set(back, 'IN_PROGRESS', `${cause}rolling back to deploymentId ${back.id}.`);
    tell(state, service, `rolling back to deployment ${back.id}.`);
    scheduler.wake(service);
  }

  function startRollback({ view }: ServiceDeploymentRecord, { arn }: RevisionRecord, { reason }: Halt): void {
    Object.assign(view, {
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: reason,
      updatedAt: now(),
      rollback: { reason, startedAt: now(), serviceRevisionArn: arn },
    });
  }

  /** Blue/green, linear and canary: the stages one after the other, or back. */
  async function blueGreen(green: DeploymentRecord): Promise<void> {
    const { service, serviceDeployment } = green;
    const blue = service.deployments.find((one) => one.revision === service.lastCompleted && one !== green);
    const { signal } = serviceDeployment.halt;
    const traffic = shift({ state, scheduler, green, blue, signal });
    green.targetGroups = traffic.targetGroups;
    try {
      await traffic.forward();
      green.service.deployments = [green];
      complete(green);
      // Blue went before this: nothing else makes anybody look whether the service is steady now.
      scheduler.wake(service);
    } catch (error) {
      const halt: Halt = signal.aborted ? signal.reason : { reason: wordsOf(error), rollback: true };
      if (halt.status === 'STOPPED' && !halt.rollback) {
        serviceDeployment.view.statusReason = halt.reason;
        green.desired = 0;
        scheduler.wake(service);
        return close(serviceDeployment, 'STOPPED');
      }
      set(green, 'FAILED', `ECS deployment ${green.id} failed: ${halt.reason}`);
      tell(state, service, `(deployment ${green.id}) deployment failed: ${halt.reason}`);
      serviceDeployment.view.statusReason = halt.reason;
      if (!halt.rollback || !blue || !service.lastCompleted) {
        return close(serviceDeployment, halt.rollback ? 'ROLLBACK_FAILED' : 'STOPPED');
      }
      startRollback(serviceDeployment, service.lastCompleted, halt);
      await traffic.back();
      promote(service, blue);
      green.desired = 0;
      scheduler.wake(service);
      tell(state, service, `rolling back to deployment ${blue.id}.`);
      while (green.tasks.size > 0) await scheduler.next(service);
      service.deployments = service.deployments.filter((one) => one !== green);
      close(serviceDeployment, 'ROLLBACK_SUCCESSFUL');
      scheduler.wake(service);
    }
  }

  /** ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures": from the start to the end of the bake time. */
  async function watchAlarms({ service, serviceDeployment }: DeploymentRecord): Promise<void> {
    const { alarms } = service.configuration.deploymentConfiguration ?? {};
    if (!alarms?.enable) return;
    const { view, halt } = serviceDeployment;
    while (view.status === 'IN_PROGRESS') {
      const monitoring = world.services.get('monitoring') as Alarms | undefined;
      const triggered = (alarms.alarmNames ?? []).filter((name) => monitoring?.alarmState(name) === 'ALARM');
      if (triggered.length > 0) {
        view.alarms = { status: 'TRIGGERED', alarmNames: alarms.alarmNames, triggeredAlarmNames: triggered };
        const reason = 'Service deployment rolled back because an alarm was triggered.';
        return halt.abort({ reason, rollback: alarms.rollback ?? false } satisfies Halt);
      }
      await world.clock.sleep(alarmEvery, { background: true });
    }
  }

  return { begin, revise, halt: ({ halt }, why) => halt.abort(why) };
}

const causeOf = ({ deploymentCircuitBreaker, alarms }: ServiceDeployment): string =>
  alarms?.status === 'TRIGGERED'
    ? 'ECS deployment alarms: '
    : deploymentCircuitBreaker?.status === 'TRIGGERED'
      ? 'ECS deployment circuit breaker: '
      : 'ECS deployment: ';

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
