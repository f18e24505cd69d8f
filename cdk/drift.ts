import type { PropertyDifference, StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { Drift, Reporter } from '../pipeline/mod.ts';
import { explainStack } from './apply/explain.ts';
import type { Aws } from './aws.ts';
import { awsError } from './errors.ts';
import { nounOf } from './foresee/nouns.ts';
import { type Meaning, tagNames } from './model.ts';
import { type ChangeSet, makeChangeSet } from './stacks/change-set.ts';
import type { StackState } from './stacks/read.ts';
import { execute } from './stacks/update.ts';
import { poll } from './time.ts';

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
    { from: 500, to: 5_000 },
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
  return found
    .map((one) => driftOf(one, meanings))
    .filter(({ kind, differences }) => kind === 'deleted' || differences.length > 0)
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

/** Brings what drifted back, by a change set that knows of it. Answers what it brought back. */
export async function revert(
  aws: Pick<Aws, 'clients' | 'time' | 'account'>,
  stack: StackState,
  meanings: Record<string, Meaning>,
  report: Reporter,
): Promise<Drift[]> {
  const found = await report.step('Look for what was changed by hand', () => drift(aws, stack, meanings));
  if (found.length === 0) return [];
  const changeSet = await makeChangeSet(
    aws.clients,
    { stack: stack.name, type: 'UPDATE', tags: stack.tags, express: false, revertDrift: true },
    aws.time,
  );
  if (!changeSet) return [];
  await refuseRules(aws, stack, changeSet);
  await report.step('Bring back what was deployed', async () => {
    try {
      await execute(aws, { stack: stack.name, changeSet, meanings }, report);
    } catch (error) {
      throw explainStack(error, meanings);
    }
  });
  return found;
}

/**
 * A canary has moved the way that requests take; bringing that back would send them to tasks that are gone.
 * @throws UserError FL7221
 */
async function refuseRules({ clients }: Pick<Aws, 'clients'>, stack: StackState, { id, changes }: ChangeSet) {
  // Previews have no canary.
  if (stack.tags[tagNames.type] === 'preview') return;
  if (!changes.some(({ type }) => type === 'AWS::ElasticLoadBalancingV2::ListenerRule')) return;
  const cloudFormation = await clients.cloudFormation();
  await cloudFormation.deleteChangeSet({ ChangeSetName: id, StackName: stack.name });
  throw awsError(
    'FL7221',
    'what was changed by hand cannot be brought back at once, since that would also undo where the canary has led requests',
    'Change it back by hand as `fairlead drift` shows it, or deploy a release that changes the same resource.',
  );
}

/**
 * What AWS changes itself while it works, which is nobody's drift: scaling and sleep the number of tasks, a canary the way that requests
 * take.
 */
const alive: Record<string, RegExp> = {
  'AWS::ECS::Service': /^\/(DesiredCount|TaskDefinition|LoadBalancers)/,
  'AWS::ElasticLoadBalancingV2::ListenerRule': /^\/Actions\/\d+\/(ForwardConfig|TargetGroupArn)/,
};

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
