import type { Template, TemplateResource } from '../model.ts';

/** Shares of the requests by logical id of a listener rule, and within by logical id of a target group. */
export type Weights = Record<string, Record<string, number>>;

/** A rule that a canary moves, as templates have it. */
interface Rule extends TemplateResource {
  Properties: {
    Actions: { ForwardConfig: { TargetGroups: { TargetGroupArn: { Ref: string }; Weight: number }[] } }[];
  };
}

export const ruleType = 'AWS::ElasticLoadBalancingV2::ListenerRule';

/** Of the rules of a template that lead to more than one target group; nobody moves the others. */
export function weightsOf(template: Template | undefined): Weights {
  return Object.fromEntries(
    Object.entries(template?.Resources ?? {}).flatMap(([id, resource]) => {
      const groups = groupsOf(resource);
      return groups ? [[id, Object.fromEntries(groups.map((one) => [one.TargetGroupArn.Ref, one.Weight]))]] : [];
    }),
  );
}

/** The template with other weights; what `weights` says nothing of stays. */
export function withWeights(template: Template, weights: Weights): Template {
  const changed = Object.entries(template.Resources).map(([id, resource]): [string, TemplateResource] => {
    const wanted = weights[id];
    if (!wanted || !groupsOf(resource)) return [id, resource];
    const copy = structuredClone(resource);
    for (const group of groupsOf(copy)!) group.Weight = wanted[group.TargetGroupArn.Ref] ?? group.Weight;
    return [id, copy];
  });
  return { ...template, Resources: Object.fromEntries(changed) };
}

export function isSameWeights(one: Weights, other: Weights): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function groupsOf(
  resource: TemplateResource,
): Rule['Properties']['Actions'][0]['ForwardConfig']['TargetGroups'] | undefined {
  if (resource.Type !== ruleType) return undefined;
  const groups = (resource as Rule).Properties.Actions[0]?.ForwardConfig?.TargetGroups ?? [];
  return groups.length > 1 && groups.every(({ TargetGroupArn }) => TargetGroupArn?.Ref !== undefined)
    ? groups
    : undefined;
}
