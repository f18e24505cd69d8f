import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import { mean } from '../draft.ts';
import { autoscaling } from '../library.ts';
import type { AwsSettings } from '../model.ts';
import { logicalId } from '../names.ts';
import { declaredProcess, type Scope } from './scope.ts';

/** Whether the number of tasks follows what there is to do. */
export function scales({ preview }: Scope, { min, max }: AwsSettings['scaling']): boolean {
  return !preview && max > min;
}

/** Keeps to a share of the CPU: more tasks within a minute, fewer after five. */
export function scaling(
  scope: Scope,
  process: string,
  service: CfnService,
  { min, max, cpu }: AwsSettings['scaling'],
): void {
  const { clusterName } = scope.input.foundation;
  const meaning = { subject: `scaling of ${process}`, ...declaredProcess(scope, process) };
  const target = mean(
    scope,
    new autoscaling.CfnScalableTarget(scope.scope, logicalId('ScalableTarget', process), {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${clusterName}/${service.attrName}`,
      minCapacity: min,
      maxCapacity: max,
    }),
    meaning,
  );
  mean(
    scope,
    new autoscaling.CfnScalingPolicy(scope.scope, logicalId('ScalingPolicy', process), {
      policyName: scope.name('scalingPolicy', process, 'cpu'),
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        targetValue: cpu,
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
      },
    }),
    meaning,
  );
}
