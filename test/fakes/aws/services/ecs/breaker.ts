import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';

/**
 * How many tasks may fail before the deployment does. ECS API, "ServiceDeploymentCircuitBreaker": half of the desired count, at least 3, at
 * most 200; rounded up, as the table of "How the Amazon ECS deployment circuit breaker detects failures" shows (25 tasks: 13).
 * "ThresholdConfiguration" replaces the half, or all of it.
 */
export function failureThreshold(desired: number, configuration: DeploymentConfiguration = {}): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = configuration.deploymentCircuitBreaker?.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const part = Math.ceil((value / 100) * desired);
  return type === 'UNBOUNDED_PERCENT' ? Math.max(1, part) : Math.min(200, Math.max(3, part));
}

export interface Bounds {
  /** Tasks that must be well. */
  least: number;
  /** Tasks that may run. */
  most: number;
}

/** ECS API, "DeploymentConfiguration": the lower limit rounded up, the upper one rounded down. */
export function boundsOf(
  desired: number,
  { minimumHealthyPercent = 100, maximumPercent = 200 }: DeploymentConfiguration = {},
): Bounds {
  return {
    least: Math.ceil((desired * minimumHealthyPercent) / 100),
    most: Math.floor((desired * maximumPercent) / 100),
  };
}
