import { AwsError, type World } from '../../model.ts';
import type { Target, TargetChange, TargetHealth, TaskNetwork } from '../ecs/load-balancing.ts';
import type { Keeper, Kept } from '../keeper.ts';
import { healthCheckOf, probe, targetKey } from './health.ts';

interface Registered {
  target: Target;
  health: TargetHealth;
  /** Checks with the same outcome, one after the other. */
  passed: number;
  failed: number;
  stop: AbortController;
  drained?: Promise<void>;
}

/** The targets of target groups, and how they are. */
export interface Targets {
  of(groupArn: string): { target: Target; health: TargetHealth }[];
  register(groupArn: string, target: Target): void;
  deregister(groupArn: string, target: Target): Promise<void>;
  health(groupArn: string, target: Target): TargetHealth | undefined;
  on(listener: (change: TargetChange) => void): () => void;
  /** Ends all checks of a group. */
  drop(groupArn: string): void;
  dispose(): void;
}

/** @param inUse whether a rule of a listener leads to the group: without one its targets are not checked */
export function createTargets(world: World, groups: () => Keeper, inUse: (groupArn: string) => boolean): Targets {
  const registered = new Map<string, Map<string, Registered>>();
  const listeners = new Set<(change: TargetChange) => void>();

  function groupAt(groupArn: string): Kept {
    const group = groups().all.get(groupArn);
    if (!group) throw new AwsError('TargetGroupNotFound', `Target groups '${groupArn}' not found`);
    return group;
  }

  function settle(groupArn: string, one: Registered, health: TargetHealth): void {
    const changed = one.health.state !== health.state || one.health.reason !== health.reason;
    one.health = health;
    if (changed)
      for (const listener of [...listeners]) listener({ targetGroupArn: groupArn, target: one.target, health });
  }

  /** One check after the other, at their times, until the target goes. */
  async function watch(groupArn: string, one: Registered): Promise<void> {
    const { signal } = one.stop;
    for (let due = world.clock.now(); !signal.aborted; ) {
      const group = groups().all.get(groupArn);
      if (!group) return;
      const check = healthCheckOf(group);
      // As long as nobody knows how it is somebody may be waiting; from then on nobody is.
      const background = one.health.state !== 'initial' || !inUse(groupArn);
      due += check.interval;
      await world.clock.sleep(due - world.clock.now(), { signal, background });
      if (!inUse(groupArn)) continue;
      const { id, port } = one.target;
      const finding = await probe(() => world.service<TaskNetwork>('ecs').reach(id, port), check);
      if (signal.aborted) return;
      one.passed = finding ? 0 : one.passed + 1;
      one.failed = finding ? one.failed + 1 : 0;
      const { state } = one.health;
      // "Health check status": one that is new is healthy after its first success, one that failed after as many as are set.
      const enough = state === 'initial' ? Math.min(1, check.healthy) : check.healthy;
      if (!finding && state !== 'healthy' && one.passed >= enough) settle(groupArn, one, { state: 'healthy' });
      if (finding && state !== 'unhealthy' && one.failed >= check.unhealthy)
        settle(groupArn, one, { state: 'unhealthy', ...finding });
    }
  }

  return {
    of: (groupArn) =>
      [...(registered.get(groupArn)?.values() ?? [])].map(({ target, health }) => ({
        target,
        health: inUse(groupArn) || health.state === 'draining' ? health : unused,
      })),
    register(groupArn, target) {
      groupAt(groupArn);
      const there = registered.get(groupArn) ?? new Map<string, Registered>();
      registered.set(groupArn, there);
      const old = there.get(targetKey(target));
      if (old && old.health.state !== 'draining') return;
      old?.stop.abort();
      const reason = { reason: 'Elb.RegistrationInProgress', description: 'Target registration is in progress' };
      const health: TargetHealth = { state: 'initial', ...reason };
      const one: Registered = { target, health, passed: 0, failed: 0, stop: new AbortController() };
      there.set(targetKey(target), one);
      void watch(groupArn, one).catch((error) => {
        if (!one.stop.signal.aborted) throw error;
      });
    },
    async deregister(groupArn, target) {
      const one = registered.get(groupArn)?.get(targetKey(target));
      if (!one) return;
      one.drained ??= (async () => {
        one.stop.abort();
        const [reason, description] = ['Target.DeregistrationInProgress', 'Target deregistration is in progress'];
        settle(groupArn, one, { state: 'draining', reason, description });
        await world.clock.sleep(delayOf(groups().all.get(groupArn)?.properties.TargetGroupAttributes));
        if (registered.get(groupArn)?.get(targetKey(target)) === one)
          registered.get(groupArn)?.delete(targetKey(target));
      })();
      await one.drained;
    },
    health(groupArn, target) {
      const one = registered.get(groupArn)?.get(targetKey(target));
      return one && (inUse(groupArn) || one.health.state === 'draining' ? one.health : unused);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    drop(groupArn) {
      for (const { stop } of registered.get(groupArn)?.values() ?? []) stop.abort();
      registered.delete(groupArn);
    },
    dispose() {
      for (const groupArn of [...registered.keys()]) this.drop(groupArn);
    },
  };
}

const unused: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

/** "Deregistration delay": 300 s unless set. Milliseconds. */
function delayOf(attributes: { Key: string; Value: string }[] | undefined): number {
  const set = attributes?.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds');
  return Number(set?.Value ?? 300) * 1000;
}
