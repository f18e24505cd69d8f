import { AwsError, type Call, type ResourceProvider, type Service, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { actions, arn, type Keeper, type Kept, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { seriesOf } from '../scheduler/expression.ts';
import { keepTo } from '../timetable.ts';

interface Described {
  services?: { desiredCount?: number }[];
}

/** Application Auto Scaling, of services of Amazon ECS: bounds, and what changes them at its time. Metrics change nothing here. */
export function createApplicationAutoScaling(world: World): Service {
  const stops = new Map<string, (() => void)[]>();

  const targets: Keeper = keeper({
    id: ({ ResourceId, ScalableDimension, ServiceNamespace }) =>
      `${ResourceId}|${ScalableDimension}|${ServiceNamespace}`,
    check({ MinCapacity, MaxCapacity, ServiceNamespace }) {
      if (ServiceNamespace !== 'ecs')
        throw new AwsError('ValidationException', `The fake scales services of ECS only, not of ${ServiceNamespace}.`);
      if (Number(MinCapacity) > Number(MaxCapacity))
        throw new AwsError('ValidationException', 'Maximum capacity cannot be less than minimum capacity');
    },
    attributes: ({ id }) => ({ Id: id }),
    async made(target, context) {
      await keepWithin(target, context);
      plan(target, context);
    },
    async changed(target, _previous, context) {
      await keepWithin(target, context);
      plan(target, context);
    },
    remove: ({ id }) => stop(id),
    latency: latencies.small,
    wishes: onTargets({
      create: [
        'application-autoscaling:RegisterScalableTarget',
        'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:PutScheduledAction',
        'application-autoscaling:TagResource',
      ],
      update: [
        'application-autoscaling:RegisterScalableTarget',
        'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:PutScheduledAction',
      ],
      delete: ['application-autoscaling:DeregisterScalableTarget', 'application-autoscaling:DescribeScalableTargets'],
    }),
  });

  const policies = keeper({
    id: ({ PolicyName, ScalingTargetId, ResourceId }, context) =>
      arn(
        'autoscaling',
        context,
        `scalingPolicy:${uuid(world.random)}:resource/ecs/${ResourceId ?? String(ScalingTargetId).split('|')[0]}:policyName/${PolicyName}`,
      ),
    check({ ScalingTargetId }) {
      if (ScalingTargetId && !targets.all.has(ScalingTargetId))
        throw new AwsError(
          'ObjectNotFoundException',
          `No scalable target registered for service namespace: ecs, resource ID: ${ScalingTargetId}`,
        );
    },
    attributes: ({ id, properties }) => ({
      Arn: id,
      ScalableDimension: properties.ScalableDimension ?? 'ecs:service:DesiredCount',
    }),
    latency: latencies.small,
    wishes: onTargets({
      create: ['application-autoscaling:PutScalingPolicy', 'application-autoscaling:DescribeScalingPolicies'],
      update: ['application-autoscaling:PutScalingPolicy', 'application-autoscaling:DescribeScalingPolicies'],
      delete: ['application-autoscaling:DeleteScalingPolicy', 'application-autoscaling:DescribeScalingPolicies'],
    }),
  });

  const stop = (id: string) => {
    for (const one of stops.get(id) ?? []) one();
    stops.delete(id);
  };

  /** API Reference, `RegisterScalableTarget`: outside the bounds, "Application Auto Scaling adjusts the capacity". */
  async function keepWithin({ properties }: Kept, call: Call): Promise<void> {
    const [, cluster = '', service = ''] = String(properties.ResourceId).split('/');
    const ecs = world.service('ecs').operations;
    const described = await ecs.DescribeServices?.({ cluster, services: [service] }, call);
    const now = (described as Described | undefined)?.services?.[0]?.desiredCount;
    if (now === undefined)
      throw new AwsError('ValidationException', `ECS service doesn't exist: ${properties.ResourceId}`);
    const desiredCount = Math.min(Math.max(now, Number(properties.MinCapacity)), Number(properties.MaxCapacity));
    if (desiredCount !== now) await ecs.UpdateService?.({ cluster, service, desiredCount }, call);
  }

  /** User Guide, "Scheduled scaling": new bounds at a time, and the capacity follows where it is outside of them. */
  function plan(target: Kept, call: Call): void {
    stop(target.id);
    const own = (target.properties.ScheduledActions ?? []) as {
      Schedule: string;
      ScalableTargetAction?: { MinCapacity?: number; MaxCapacity?: number };
    }[];
    stops.set(
      target.id,
      own.map(({ Schedule, ScalableTargetAction: bounds }) =>
        keepTo(world, seriesOf(Schedule, world.clock.now()), async () => {
          Object.assign(target.properties, bounds);
          await keepWithin(target, call);
        }),
      ),
    );
  }

  return {
    id: 'application-autoscaling',
    resources: {
      'AWS::ApplicationAutoScaling::ScalableTarget': targets.provider,
      'AWS::ApplicationAutoScaling::ScalingPolicy': policies.provider,
    },
    operations: {
      DescribeScalableTargets: ({ ResourceIds }: { ResourceIds?: string[] }, call) => ({
        ScalableTargets: targets
          .of(call)
          .map(({ properties }) => properties)
          .filter(({ ResourceId }) => ResourceIds?.includes(ResourceId) ?? true),
      }),
    },
    async dispose() {
      for (const id of [...stops.keys()]) stop(id);
    },
  };
}

/**
 * "Actions, resources, and condition keys for AWS Application Auto Scaling": all of them are about scalable targets, and say whose
 * service's they are. Describing has no resource.
 */
function onTargets(table: Parameters<typeof actions>[0]): NonNullable<ResourceProvider['wishes']> {
  const wishes = actions(table, (_, context) => arn('application-autoscaling', context, 'scalable-target/0ec5example'));
  return (...asked) =>
    wishes(...asked).map((wish) =>
      wish.action.includes(':Describe')
        ? { ...wish, resource: '*' }
        : { ...wish, context: { 'application-autoscaling:service-namespace': 'ecs' } },
    );
}
