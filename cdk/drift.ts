import type { PropertyDifference, StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { Drift, Reporter } from '../pipeline/mod.ts';
import { explain } from './apply/put-back.ts';
import { changeGuarded } from './apply/roll-out.ts';
import type { Aws } from './aws.ts';
import { ownerOf } from './deployed.ts';
import { awsError } from './errors.ts';
import { nounOf } from './foresee/nouns.ts';
import type { AppOutputs, Meaning, Template } from './model.ts';
import { clusterOf } from './read.ts';
import { servicesOf } from './rollout/services.ts';
import { formerOf } from './rollout/watch.ts';
import { type ChangeSet, makeChangeSet } from './stacks/change-set.ts';
import { listResources, readTemplate, type StackState } from './stacks/read.ts';
import { isRight, type Route, readRoutes, rightful } from './stacks/routes.ts';
import { adoptWeights, execute } from './stacks/update.ts';
import { ruleType } from './stacks/weights.ts';
import { hour, poll } from './time.ts';

/**
 * What somebody changed by hand in the resources of a stack.
 * @param meanings of its resources; @default what kind they are, and their names
 * @throws UserError FL7220 when CloudFormation cannot tell
 */
export async function drift(
  aws: Pick<Aws, 'clients' | 'time'>,
  stack: StackState,
  meanings: Record<string, Pick<Meaning, 'subject'>>,
): Promise<Drift[]> {
  const cloudFormation = await aws.clients.cloudFormation();
  const { StackDriftDetectionId } = await cloudFormation.detectStackDrift({ StackName: stack.name });
  const answer = await poll(
    async () => {
      const status = await cloudFormation.describeStackDriftDetectionStatus({ StackDriftDetectionId });
      return status.DetectionStatus === 'DETECTION_IN_PROGRESS' ? undefined : status;
    },
    aws.time,
    { what: `the look for drift in ${stack.name}`, within: hour },
  );
  if (answer.DetectionStatus === 'DETECTION_FAILED' && answer.StackDriftStatus === undefined)
    throw awsError(
      'FL7220',
      `CloudFormation cannot tell what was changed by hand: ${answer.DetectionStatusReason ?? 'it gives no reason'}`,
      'Run the same command again later, or look at the stack in the console of AWS.',
    );
  const found: StackResourceDrift[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.describeStackResourceDrifts({
      StackName: stack.name,
      StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
      ...(NextToken && { NextToken }),
    });
    found.push(...(page.StackResourceDrifts ?? []));
    ({ NextToken } = page);
  } while (NextToken);
  const routes = await readRoutes(aws.clients, stack.name, await readTemplate(aws.clients, stack.name));
  return [...found.map((one) => driftOf(one, meanings)), ...routes.map((route) => misled(route, meanings))]
    .filter(({ kind, differences }) => kind === 'deleted' || differences.length > 0)
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

/**
 * Brings what drifted back, by a change set that knows of it. Answers what it brought back. Services that this deploys anew are looked
 * after as in a deployment.
 */
export async function revert(
  aws: Aws,
  stack: StackState,
  meanings: Record<string, Meaning>,
  report: Reporter,
): Promise<Drift[]> {
  const { clients } = aws;
  const found = await report.step('Look for what was changed by hand', () => drift(aws, stack, meanings));
  if (found.length === 0) return [];
  const { name, tags } = stack;
  // Else what canaries have moved would be brought back as well, and lead requests to tasks that are gone.
  const led = await adoptWeights(aws, { name, tags, meanings }, report);
  const request = { stack: name, type: 'UPDATE', tags, express: false, revertDrift: true } as const;
  const changeSet = await makeChangeSet(clients, request, aws.time);
  if (!changeSet) return led ? found : [];
  await report.step('Bring back what was deployed', async () => {
    try {
      await carryOut(aws, stack, { changeSet, meanings }, report);
    } catch (error) {
      const { environment } = ownerOf(stack)!;
      throw await explain(aws, error, { environment, stack: { meanings }, former: true });
    }
  });
  return found;
}

async function carryOut(
  aws: Aws,
  { name, outputs }: StackState,
  { changeSet, meanings }: { changeSet: ChangeSet; meanings: Record<string, Meaning> },
  report: Reporter,
): Promise<void> {
  const { clients } = aws;
  const change = () => execute(aws, { stack: name, changeSet, meanings }, report);
  const template = await readTemplate(clients, name);
  const cluster = clusterOf(await listResources(clients, name));
  const services = servicesOf((outputs as Partial<AppOutputs>).Services);
  if (!template || cluster === undefined) {
    await change();
    return;
  }
  const former = await formerOf(clients, cluster, services);
  const stack = { name, meanings, template };
  const guarded = { stack, cluster, services, outputs, healthTimeout: patienceOf(template), hasty: false };
  await changeGuarded(aws, guarded, { former, change }, report);
}

/** Milliseconds that processes have to answer: as long as ECS was told to wait. */
function patienceOf({ Resources }: Template): number {
  const seconds = Object.values(Resources).map(({ Properties }) =>
    Number(Properties?.HealthCheckGracePeriodSeconds ?? 0),
  );
  return 1000 * Math.max(60, ...seconds);
}

/**
 * What AWS changes itself while it works, which is nobody's drift: scaling and sleep the number of tasks, a canary the way that requests
 * take.
 */
const alive: Record<string, RegExp> = {
  'AWS::ECS::Service': /^\/(DesiredCount|TaskDefinition|LoadBalancers)/,
  'AWS::ElasticLoadBalancingV2::ListenerRule': /^\/Actions\/\d+\/(ForwardConfig|TargetGroupArn)/,
};

/** A canary moves weights, so that no template tells which are right: those that lead requests to where tasks are. */
function misled(route: Route, meanings: Record<string, Pick<Meaning, 'subject'>>): Drift {
  const { rule, arn, groups } = route;
  const right = rightful(route);
  const wrong = isRight(route) ? [] : groups.filter(({ id, weight }) => weight !== right[id]);
  return {
    subject: meanings[rule]?.subject ?? `${nounOf(ruleType)} ${arn.split('/').at(-1)}`,
    resource: `${ruleType} ${rule}`,
    kind: 'changed',
    differences: wrong.map(({ id, weight }) => ({
      property: `Weight.${id}`,
      expected: String(right[id]),
      actual: String(weight),
    })),
  };
}

function driftOf(drift: StackResourceDrift, meanings: Record<string, Pick<Meaning, 'subject'>>): Drift {
  const { LogicalResourceId: id = '', PhysicalResourceId: physical = id, ResourceType: type = '' } = drift;
  const { StackResourceDriftStatus, PropertyDifferences } = drift;
  return {
    subject: meanings[id]?.subject ?? `${nounOf(type)} ${physical.split(/[/:]/).at(-1)}`,
    resource: `${type} ${id}`,
    kind: StackResourceDriftStatus === 'DELETED' ? 'deleted' : 'changed',
    differences: (PropertyDifferences ?? [])
      .filter(({ PropertyPath = '' }) => !alive[type]?.test(PropertyPath))
      .map(differenceOf),
  };
}

function differenceOf({ PropertyPath, ExpectedValue, ActualValue }: PropertyDifference): Drift['differences'][number] {
  const property = (PropertyPath ?? '').replace(/^\//, '').replaceAll('/', '.');
  return { property, expected: ExpectedValue ?? '', actual: ActualValue ?? '' };
}
