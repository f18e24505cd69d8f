import { randomUUID } from 'node:crypto';
import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import type { Clients } from '../clients.ts';
import { awsError } from '../errors.ts';
import { minute, poll, type Time } from '../time.ts';
import type { Body } from './body.ts';

/** What CloudFormation would do to one resource. */
export interface Change {
  /** `Add`, `Modify`, `Remove`, and others that lose nothing. */
  action: string;
  /** Of a `Modify`: whether it makes a new one. */
  replacement: 'True' | 'False' | 'Conditional';
  logicalId: string;
  type: string;
  /** Of a `Remove`: whether it stays, only out of the stack. */
  retained: boolean;
}

/**
 * Properties whose change CloudFormation calls conditional, and documents as an update with some interruption: the resource and what is
 * in it stay.
 */
const interrupting: Record<string, ReadonlySet<string>> = {
  'AWS::RDS::DBInstance': new Set([
    'AutoMinorVersionUpgrade',
    'BackupRetentionPeriod',
    'DBParameterGroupName',
    'EngineVersion',
    'MultiAZ',
    'PreferredMaintenanceWindow',
    'StorageType',
  ]),
};

export interface ChangeSet {
  id: string;
  changes: Change[];
}

export interface ChangeSetRequest {
  stack: string;
  /** Whether there is a stack to change. */
  type: 'CREATE' | 'UPDATE';
  /** Absent: the template that is there. */
  body?: Body;
  tags: Record<string, string>;
  /** Whether it is done when resources are configured, without waiting for them to be ready. */
  express: boolean;
  /** Whether what fails stays as it is; CloudFormation wants it so of a stack on which that has happened. @default false */
  keepFailed?: boolean;
  /** Whether it also brings back what was changed by hand. */
  revertDrift?: boolean;
}

/** What would change; undefined when nothing would. */
export async function makeChangeSet(
  clients: Clients,
  { stack, type, body, tags, express, keepFailed = false, revertDrift = false }: ChangeSetRequest,
  time: Time,
): Promise<ChangeSet | undefined> {
  const cloudFormation = await clients.cloudFormation();
  const { Id } = await cloudFormation.createChangeSet({
    StackName: stack,
    ChangeSetName: `fairlead-${randomUUID()}`,
    ChangeSetType: type,
    ...(body ?? { UsePreviousTemplate: true }),
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    // Without being told, express mode takes nothing back, and then replaces nothing, either.
    ...(express && { DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: keepFailed } }),
    ...(revertDrift && { DeploymentMode: 'REVERT_DRIFT' }),
  });
  const made = await poll(
    async () => {
      const answer = await cloudFormation.describeChangeSet({ ChangeSetName: Id!, StackName: stack });
      return /_(PENDING|IN_PROGRESS)$/.test(answer.Status!) ? undefined : answer;
    },
    time,
    { what: `the change set of ${stack}`, within: 30 * minute, from: 300, to: 3_000 },
  );
  if (made.Status === 'FAILED') {
    const taken = isNothing(made.StatusReason) ? [] : await takenNames(clients, stack, Id!);
    await cloudFormation.deleteChangeSet({ ChangeSetName: Id!, StackName: stack });
    if (isNothing(made.StatusReason)) return undefined;
    if (taken.length > 0)
      throw awsError(
        'FL7114',
        `outside of the stack ${stack} there is already what the template would make: ${taken.join(', ')}`,
        'It was made by hand, or stayed when AWS could not remove it as a deployment was taken back. Look at it, remove it, and deploy again.',
      );
    throw awsError(
      'FL7111',
      `CloudFormation does not take the template of ${stack}: ${made.StatusReason}`,
      'Run `fairlead plan`, which checks the template more closely. If the message names a resource of yours, change that.',
    );
  }
  const changes: Change[] = [];
  for (let page: typeof made | undefined = made; page; ) {
    for (const { ResourceChange: one } of page.Changes ?? [])
      if (one)
        changes.push({
          action: one.Action!,
          replacement: replacementOf(one),
          logicalId: one.LogicalResourceId!,
          type: one.ResourceType!,
          retained: one.PolicyAction === 'Retain',
        });
    page = page.NextToken
      ? await cloudFormation.describeChangeSet({ ChangeSetName: Id!, StackName: stack, NextToken: page.NextToken })
      : undefined;
  }
  return { id: Id!, changes };
}

/** What is there under a name that the template wants for a new resource: logical id, type and name of each. */
async function takenNames(clients: Clients, StackName: string, ChangeSetName: string): Promise<string[]> {
  const cloudFormation = await clients.cloudFormation();
  const asked = { StackName, ChangeSetName, Filters: { FailedEvents: true } };
  // Who may not ask is told what the change set itself says.
  const { OperationEvents = [] } = await cloudFormation.describeEvents(asked).catch(() => ({ OperationEvents: [] }));
  return OperationEvents.filter(({ ValidationName }) => ValidationName === 'NAME_CONFLICT_VALIDATION').map(
    ({ LogicalResourceId, ResourceType, PhysicalResourceId, ValidationStatusReason }) =>
      `${LogicalResourceId} (${PhysicalResourceId ? `${ResourceType} ${PhysicalResourceId}` : ValidationStatusReason})`,
  );
}

function replacementOf({
  Replacement = 'False',
  ResourceType = '',
  Details = [],
}: ResourceChange): Change['replacement'] {
  if (Replacement !== 'Conditional') return Replacement;
  const open = Details.flatMap(({ Target }) => (Target?.RequiresRecreation === 'Never' ? [] : [Target?.Name ?? '']));
  const stays = open.length > 0 && open.every((name) => interrupting[ResourceType]?.has(name));
  return stays ? 'False' : 'Conditional';
}

/** CloudFormation calls a change set that would do nothing a failed one. */
function isNothing(reason = ''): boolean {
  return /didn't contain changes|No updates are to be performed/i.test(reason);
}
