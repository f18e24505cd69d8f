import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';
import type { Template } from '../model.ts';
import { listResources, readTemplate } from './read.ts';
import { type Weights, weightsOf } from './weights.ts';

/** Where a rule of the load balancer leads requests, that a canary moves. */
export interface Route {
  /** Logical id. */
  rule: string;
  arn: string;
  /** Its target groups in the order of the template. */
  groups: RouteGroup[];
}

interface RouteGroup {
  /** Logical id. */
  id: string;
  arn: string;
  weight: number;
  /** Tasks that are registered, well or not. */
  targets: number;
}

/** The routes of a stack as they are, and not as its template says. */
export async function readRoutes(clients: Clients, stack: string, template: Template | undefined): Promise<Route[]> {
  const rules = Object.entries(weightsOf(template));
  if (rules.length === 0) return [];
  const resources = await listResources(clients, stack);
  const arnOf = (id: string) => resources.find(({ logicalId }) => logicalId === id)?.physicalId;
  const found = await Promise.all(
    rules.map(async ([rule, weights]): Promise<Route[]> => {
      const arn = arnOf(rule);
      const actual = arn === undefined ? undefined : await actualWeights(clients, arn);
      if (arn === undefined || !actual) return [];
      const groups = await Promise.all(
        Object.keys(weights).map(async (id): Promise<RouteGroup> => {
          const group = arnOf(id) ?? id;
          return { id, arn: group, weight: actual[group] ?? 0, targets: await targetsIn(clients, group) };
        }),
      );
      return [{ rule, arn, groups }];
    }),
  );
  return found.flat();
}

/** By ARN of the target group; undefined when there is no such rule. */
async function actualWeights(clients: Clients, rule: string): Promise<Record<string, number> | undefined> {
  const balancers = await clients.balancers();
  const answer = await unlessMissing(balancers.describeRules({ RuleArns: [rule] }));
  const action = answer?.Rules?.[0]?.Actions?.[0];
  if (!action) return undefined;
  const { ForwardConfig, TargetGroupArn } = action;
  const groups = ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn, Weight: 100 }] : []);
  return Object.fromEntries(groups.map((one) => [one.TargetGroupArn!, one.Weight ?? 1]));
}

async function targetsIn(clients: Clients, TargetGroupArn: string): Promise<number> {
  const balancers = await clients.balancers();
  const answer = await unlessMissing(balancers.describeTargetHealth({ TargetGroupArn }));
  return (answer?.TargetHealthDescriptions ?? []).filter(({ TargetHealth }) => TargetHealth?.State !== 'draining')
    .length;
}

/**
 * The weights that a route has to have: all to the one group in which there are tasks. Where there are some in each, as in the middle
 * of a canary, or nowhere, as while an environment sleeps, it is right as it is.
 */
export function rightful({ groups }: Pick<Route, 'groups'>): Record<string, number> {
  const taken = groups.filter(({ targets }) => targets > 0);
  const only = taken.length === 1 ? taken[0]!.id : undefined;
  const share = ({ id, weight }: RouteGroup) => (only === undefined ? weight : id === only ? 100 : 0);
  return Object.fromEntries(groups.map((group) => [group.id, share(group)]));
}

export function rightfulWeights(routes: readonly Route[]): Weights {
  return Object.fromEntries(routes.map((route) => [route.rule, rightful(route)]));
}

/** Whether a route leads all requests where tasks are. */
export function isRight(route: Pick<Route, 'groups'>): boolean {
  const right = rightful(route);
  const total = route.groups.reduce((sum, { weight }) => sum + weight, 0);
  // Other scales are as good: 1 of 1 is 100 of 100.
  return route.groups.every(({ id, weight }) => (right[id] ?? 0) > 0 === weight > 0) && total > 0;
}

/** Leads the requests of a stack to where tasks are, at rules that lead them to nothing. Answers the logical ids of those. */
export async function leadRequests(clients: Clients, stack: string): Promise<string[]> {
  const routes = await readRoutes(clients, stack, await readTemplate(clients, stack));
  const wrong = routes.filter((route) => !isRight(route));
  const balancers = await clients.balancers();
  for (const route of wrong) {
    const weights = rightful(route);
    const TargetGroups = route.groups.map(({ id, arn }) => ({ TargetGroupArn: arn, Weight: weights[id]! }));
    await balancers.modifyRule({ RuleArn: route.arn, Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] });
  }
  return wrong.map(({ rule }) => rule);
}
