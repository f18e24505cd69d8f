import type { Target } from '../pipeline/mod.ts';

/** The same target, which may lose these data stores, by the names of their resources. */
export function allowing(target: Target, allowDataLoss: readonly string[] = []): Target {
  if (allowDataLoss.length === 0) return target;
  return {
    ...target,
    apply: (plan, report, options) => target.apply(plan, report, { ...options, allowDataLoss }),
  };
}
