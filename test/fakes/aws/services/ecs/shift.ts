import type { DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs';
import { sessionOf } from '../as-role.ts';
import type { LoadBalancing } from './load-balancing.ts';
import type { DeploymentRecord, State } from './model.ts';
import { hookId } from './names.ts';
import type { Scheduler } from './scheduler.ts';
import { timing } from './timing.ts';

export interface Shift {
  /** Of green, by index of the load balancer. */
  targetGroups: string[];
  /** All stages. @throws what the signal is aborted with */
  forward(): Promise<void>;
  /** All traffic to blue again. */
  back(): Promise<void>;
}

export interface ShiftInput {
  state: State;
  scheduler: Scheduler;
  green: DeploymentRecord;
  /** Absent: the first deployment. */
  blue: DeploymentRecord | undefined;
  signal: AbortSignal;
}

/** The API's list lacks the one that its documentation names. */
type Stage =
  | NonNullable<DeploymentRecord['serviceDeployment']['view']['lifecycleStage']>
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT';

const minute = 60_000;

/**
 * ECS Developer Guide, "Amazon ECS blue/green deployments", "… linear deployments", "… canary deployments": green is scaled up beside blue, gets
 * the test traffic, then the production traffic in steps, and blue goes after the bake time. "Lifecycle hooks for Amazon ECS service
 * deployments": PRE_PRODUCTION_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT come once for each step. The first deployment of a service goes through
 * the stages with their hooks too (hashicorp/terraform-provider-aws #43434: "Ensures lifecycle hooks complete during creation"), and has
 * all traffic at once.
 */
export function shift({ state, scheduler, green, blue, signal }: ShiftInput): Shift {
  const { world } = state;
  const { service, serviceDeployment } = green;
  const { view } = serviceDeployment;
  const { deploymentConfiguration: settings = {}, loadBalancers = [] } = service.configuration;
  const balancer = () => world.services.get('elasticloadbalancing') as LoadBalancing | undefined;
  const targetGroups = loadBalancers.map((one, index) => other(one, blue?.targetGroups[index]));

  async function forward(): Promise<void> {
    await stage('RECONCILE_SERVICE', { hooks: service.deployments.length > 2 });
    await stage('PRE_SCALE_UP');
    await stage('SCALE_UP');
    await scaleUp();
    await stage('POST_SCALE_UP');
    await stage('TEST_TRAFFIC_SHIFT');
    await direct('testListenerRule', 100);
    await stage('POST_TEST_TRAFFIC_SHIFT');
    for (const { percent, bake } of steps()) {
      await stage('PRE_PRODUCTION_TRAFFIC_SHIFT');
      await stage('PRODUCTION_TRAFFIC_SHIFT');
      await direct('productionListenerRule', percent);
      await rest(bake * minute);
    }
    await stage('POST_PRODUCTION_TRAFFIC_SHIFT');
    await stage('BAKE_TIME');
    await rest((settings.bakeTimeInMinutes ?? 0) * minute);
    await stage('CLEAN_UP');
    if (!blue) return;
    blue.desired = 0;
    scheduler.wake(service);
    await until(() => blue.tasks.size === 0);
  }

  async function scaleUp(): Promise<void> {
    green.desired = service.desiredCount;
    scheduler.wake(service);
    await until(() => scheduler.isWell(green));
  }

  function steps(): { percent: number; bake: number }[] {
    const { canaryConfiguration: canary = {}, linearConfiguration: linear = {} } = settings;
    const strategy = blue ? settings.strategy : 'BLUE_GREEN';
    const all = { percent: 100, bake: 0 };
    if (strategy === 'CANARY') {
      const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canary;
      return canaryPercent >= 100 ? [all] : [{ percent: canaryPercent, bake: canaryBakeTimeInMinutes }, all];
    }
    if (strategy !== 'LINEAR') return [all];
    const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linear;
    return Array.from({ length: Math.ceil(100 / stepPercent) }, (_, index) => {
      const percent = Math.min(100, (index + 1) * stepPercent);
      return { percent, bake: percent < 100 ? stepBakeTimeInMinutes : 0 };
    });
  }

  async function stage(name: Stage, { hooks = true } = {}): Promise<void> {
    signal.throwIfAborted();
    Object.assign(view, { lifecycleStage: name, updatedAt: new Date(world.clock.now()) });
    if (!hooks) return;
    const asked = (settings.lifecycleHooks ?? []).filter(({ lifecycleStages = [] }) =>
      (lifecycleStages as string[]).includes(name),
    );
    await Promise.all(asked.map(pause));
  }

  /** "Pause hooks for Amazon ECS service deployments". */
  async function pause({ timeoutConfiguration = {} }: DeploymentLifecycleHook): Promise<void> {
    const { timeoutInMinutes = 1440, action: timeoutAction = 'ROLLBACK' } = timeoutConfiguration;
    const id = hookId(world.random);
    const detail: NonNullable<typeof view.lifecycleHookDetails>[number] = {
      hookId: id,
      targetType: 'PAUSE',
      status: 'AWAITING_ACTION',
      expiresAt: new Date(world.clock.now() + timeoutInMinutes * minute),
      timeoutAction,
    };
    view.lifecycleHookDetails = [...(view.lifecycleHookDetails ?? []), detail];
    const { promise: answer, resolve } = Promise.withResolvers<'CONTINUE' | 'ROLLBACK'>();
    serviceDeployment.hooks.set(id, resolve);
    const over = new AbortController();
    const timeout = world.clock
      .sleep(timeoutInMinutes * minute, { background: true, signal: over.signal })
      .then(() => 'TIMED_OUT' as const);
    timeout.catch(() => undefined);
    try {
      const result = await Promise.race([answer, timeout, halted()]);
      detail.status = result === 'TIMED_OUT' ? 'TIMED_OUT' : result === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED';
      if ((result === 'TIMED_OUT' ? timeoutAction : result) === 'ROLLBACK')
        throw new Error(`Service deployment rolled back because of the lifecycle hook ${id}.`);
    } finally {
      serviceDeployment.hooks.delete(id);
      over.abort();
    }
  }

  async function direct(rule: Rule, percent: number): Promise<void> {
    await rest(timing.shift);
    weigh(rule, percent);
  }

  /**
   * What the role of the load balancer may not do stops the deployment. It writes the rule's action anew with weights, whatever a template
   * says, and looks at no weights that others wrote (go-to-k/cdk-real-drift#1730, aws/aws-cdk#36649, aws/containers-roadmap#2853).
   */
  function weigh(rule: Rule, percent: number): void {
    loadBalancers.forEach(({ advancedConfiguration }, index) => {
      const arn = advancedConfiguration?.[rule];
      const to = targetGroups[index];
      const from = blue?.targetGroups[index] ?? other(loadBalancers[index] ?? {}, to);
      if (!arn || !to || !balancer()) return;
      const principal = sessionOf(
        advancedConfiguration.roleArn ?? '',
        'ecs-service-scheduler',
        Number.POSITIVE_INFINITY,
      );
      if (advancedConfiguration.roleArn)
        world.authorize({ ...service.where, principal }, [
          { action: 'elasticloadbalancing:ModifyRule', resource: arn },
        ]);
      const scale = Number.isInteger(percent) ? 1 : 10;
      const weight = Math.round(percent * scale);
      balancer()?.setRuleWeights(arn, { [to]: weight, ...(from && { [from]: 100 * scale - weight }) });
    });
    const kind = rule === 'testListenerRule' ? 'test' : 'production';
    green.weights[kind] = percent;
    if (blue) blue.weights[kind] = 100 - percent;
  }

  const rest = async (milliseconds: number) => {
    signal.throwIfAborted();
    await world.clock.sleep(milliseconds, { signal });
  };

  function halted(): Promise<never> {
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      signal.throwIfAborted();
      await Promise.race([scheduler.next(service), halted()]);
    }
  }

  return {
    targetGroups,
    forward,
    async back() {
      if (!blue) return;
      for (const rule of ['productionListenerRule', 'testListenerRule'] as const) weigh(rule, 0);
      await world.clock.sleep(timing.shift);
    },
  };
}

type Rule = 'productionListenerRule' | 'testListenerRule';

/** Of the two target groups that a load balancer has for blue and green, the one that is not taken. */
function other({ targetGroupArn = '', advancedConfiguration }: LoadBalancer, taken: string | undefined): string {
  return targetGroupArn === taken ? (advancedConfiguration?.alternateTargetGroupArn ?? targetGroupArn) : targetGroupArn;
}
