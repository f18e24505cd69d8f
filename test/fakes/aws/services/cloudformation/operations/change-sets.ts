import { AwsError, type Call, type Operation, type Properties } from '../../../model.ts';
import type { Api } from '../api.ts';
import { changesOf, standing } from '../changes.ts';
import { pageOf } from '../pages.ts';
import { constraint, invalid, noSuchStack } from '../refusals.ts';
import { reportStack } from '../report.ts';
import { type SettingsInput, takeSettings } from '../settings.ts';
import { same } from '../spec.ts';
import type { ChangeSet, Stack } from '../stack.ts';
import { checkStackName } from '../store.ts';
import { earlyFailures } from '../validation.ts';
import { beginCreation, beginUpdate, checkUpdatable } from './stacks.ts';

interface ChangeSetInput extends SettingsInput {
  StackName: string;
  ChangeSetName: string;
  ChangeSetType?: 'CREATE' | 'UPDATE' | 'IMPORT';
  Description?: string;
  ClientToken?: string;
  OnStackFailure?: 'DELETE' | 'DO_NOTHING' | 'ROLLBACK';
  DeploymentMode?: 'REVERT_DRIFT';
  DisableValidation?: boolean;
}

interface Named {
  StackName?: string;
  ChangeSetName: string;
  NextToken?: string;
  IncludePropertyValues?: boolean;
  ClientRequestToken?: string;
  DisableRollback?: boolean;
}

const pageSize = 100;

/** User Guide, "Update CloudFormation stacks using change sets"; API Reference, "CreateChangeSet" and its neighbours. */
export function changeSetOperations(api: Api): Record<string, Operation> {
  return {
    CreateChangeSet: (input: ChangeSetInput, call) => createChangeSet(api, input, call),
    DescribeChangeSet: (input: Named, call) => describe(api.stacks.changeSet(call, input), input),
    ExecuteChangeSet: (input: Named, call) => execute(api, input, call),
    DeleteChangeSet: (input: Named, call) => {
      deleteChangeSet(api, input, call);
      return {};
    },
    ListChangeSets: (input: { StackName: string; NextToken?: string }, call) => {
      const stack = api.stacks.find(call, input.StackName);
      if (!stack) throw noSuchStack(input.StackName);
      const { page, NextToken } = pageOf([...stack.changeSets.values()], input.NextToken, pageSize);
      return { Summaries: page.map(summary), NextToken };
    },
  };
}

/** Done as well when there is none, as long as there is the stack: so the toolkit of the CDK says, which counts on it. */
function deleteChangeSet(api: Api, input: Named, call: Call): void {
  const stack = input.StackName === undefined ? undefined : api.stacks.find(call, input.StackName);
  if (input.StackName !== undefined && !stack) throw noSuchStack(input.StackName);
  const stacks = stack ? [stack] : api.stacks.of(call);
  const found = stacks.flatMap(({ changeSets }) => [...changeSets.values()]);
  const one = found.find(({ id, name }) => id === input.ChangeSetName || (stack && name === input.ChangeSetName));
  one?.stack.changeSets.delete(one.id);
}

async function createChangeSet(api: Api, input: ChangeSetInput, call: Call): Promise<unknown> {
  const { ChangeSetName: name, ChangeSetType: kind = 'UPDATE' } = input;
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name)) {
    throw constraint(name, 'changeSetName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  }
  if (kind === 'IMPORT') throw invalid('Change sets of type IMPORT are not part of this fake.');
  const there = api.stacks.find(call, input.StackName);
  checkTarget(there, input, kind);
  const settings = await takeSettings(api, call, input, there?.settings);
  if (kind === 'UPDATE') checkUpdatable(there as Stack, settings.disableRollback, settings.deploymentConfig);
  const stack = there ?? reviewed(api, input.StackName, call);
  const changeSet: ChangeSet = {
    id: api.arn(call, `changeSet/${name}/${api.id()}`),
    name,
    stack,
    kind,
    created: api.world.clock.now(),
    ...(input.Description !== undefined && { description: input.Description }),
    status: 'CREATE_PENDING',
    execution: 'UNAVAILABLE',
    settings,
    ...(input.OnStackFailure && { onStackFailure: input.OnStackFailure }),
    changes: [],
    revertDrift: input.DeploymentMode === 'REVERT_DRIFT',
    failures: [],
  };
  stack.changeSets.set(changeSet.id, changeSet);
  void prepare(api, changeSet, call, input.DisableValidation !== true);
  return { Id: changeSet.id, StackId: stack.id };
}

function checkTarget(stack: Stack | undefined, input: ChangeSetInput, kind: ChangeSet['kind']): void {
  const { StackName, ChangeSetName } = input;
  if (stack && [...stack.changeSets.values()].some(({ name }) => name === ChangeSetName)) {
    throw new AwsError('AlreadyExistsException', `ChangeSet ${ChangeSetName} already exists for stack ${stack.id}`);
  }
  if (kind === 'UPDATE' && (!stack || stack.status === 'DELETE_COMPLETE')) throw noSuchStack(StackName);
  if (kind === 'CREATE' && stack && stack.status !== 'REVIEW_IN_PROGRESS') {
    throw invalid(
      `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
    );
  }
}

/** "If you create a change set for a new stack": one without template and resources. */
function reviewed(api: Api, name: string, call: Call): Stack {
  checkStackName(name);
  const stack = api.newStack(call, name);
  reportStack(api.world, stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
  return stack;
}

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Goes on after the answer: CREATE_PENDING, CREATE_IN_PROGRESS, and then CREATE_COMPLETE or FAILED with a reason. */
async function prepare(api: Api, changeSet: ChangeSet, call: Call, validates: boolean): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  changeSet.status = 'CREATE_IN_PROGRESS';
  try {
    changeSet.failures = validates ? await earlyFailures(api, changeSet, call) : [];
    const validations = [...new Set(changeSet.failures.map(({ name }) => name))];
    if (validations.length > 0) {
      return fail(
        changeSet,
        `The following hook(s)/validation failed: [${validations.join(', ')}]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.`,
      );
    }
    await fill(api, changeSet, call);
  } catch (error) {
    fail(changeSet, error instanceof Error ? error.message : String(error));
  }
}

async function fill(api: Api, changeSet: ChangeSet, call: Call): Promise<void> {
  const { stack, settings } = changeSet;
  const actual = changeSet.revertDrift ? await readAll(api, stack, call) : undefined;
  const { imported } = api.wants(stack, 'ROLLBACK');
  changeSet.changes = changesOf({
    stack,
    after: settings,
    imported,
    ...(actual && { actual }),
    now: api.world.clock.now(),
  });
  if (actual) {
    const statuses = (changeSet.changes as { ResourceChange: { ResourceDriftStatus?: string } }[]).map(
      ({ ResourceChange }) => ResourceChange.ResourceDriftStatus,
    );
    changeSet.driftStatus = statuses.some((status) => status && status !== 'IN_SYNC') ? 'DRIFTED' : 'IN_SYNC';
  }
  const before = stack.settings;
  if (before && changeSet.changes.length === 0 && !stack.status.endsWith('_FAILED')) {
    const isSame = before.body === settings.body && same(before.parameters, settings.parameters);
    if (same(surroundings(before), surroundings(settings))) {
      return fail(changeSet, isSame ? noChanges : 'No updates are to be performed.');
    }
  }
  changeSet.status = 'CREATE_COMPLETE';
  changeSet.execution = 'AVAILABLE';
}

const surroundings = ({ template, tags, role, notifications }: ChangeSet['settings']) => ({
  outputs: template.Outputs ?? {},
  tags,
  role: role ?? '',
  notifications,
});

function fail(changeSet: ChangeSet, reason: string): void {
  changeSet.status = 'FAILED';
  changeSet.reason = reason;
}

/** Each resource that is there, as it is. */
export async function readAll(api: Api, stack: Stack, call: Call): Promise<Map<string, Properties | undefined>> {
  const all = [...stack.resources.values()].filter((resource) => standing(resource));
  const entries = all.map(async (resource) => {
    const context = {
      ...call,
      stack: { id: stack.id, name: stack.name },
      logicalId: resource.logicalId,
      tags: resource.tags,
      express: false,
      signal: new AbortController().signal,
      initiated: () => undefined,
      snapshot: false,
    };
    return [
      resource.logicalId,
      await api.provider(resource.type).read(resource.physicalId as string, context),
    ] as const;
  });
  return new Map(await Promise.all(entries));
}

async function execute(api: Api, input: Named, call: Call): Promise<unknown> {
  const changeSet = api.stacks.changeSet(call, input);
  const { stack } = changeSet;
  if (changeSet.execution !== 'AVAILABLE') {
    const state = changeSet.status === 'CREATE_COMPLETE' ? changeSet.execution : changeSet.status;
    throw new AwsError(
      'InvalidChangeSetStatus',
      `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${state}]`,
    );
  }
  const disableRollback = input.DisableRollback ?? changeSet.settings.disableRollback;
  const settings = { ...changeSet.settings, disableRollback, changeSetId: changeSet.id };
  if (changeSet.kind === 'UPDATE') checkUpdatable(stack, disableRollback, settings.deploymentConfig);
  const actual = changeSet.revertDrift ? await readAll(api, stack, call) : undefined;
  for (const other of stack.changeSets.values()) if (other !== changeSet) stack.changeSets.delete(other.id);
  changeSet.execution = 'EXECUTE_IN_PROGRESS';
  const onFailure = changeSet.onStackFailure ?? (disableRollback ? 'DO_NOTHING' : 'ROLLBACK');
  settings.disableRollback = onFailure === 'DO_NOTHING';
  if (changeSet.kind === 'CREATE') beginCreation(api, stack, call, settings, onFailure, input.ClientRequestToken);
  else beginUpdate(api, stack, call, settings, { token: input.ClientRequestToken, actual });
  void stack.running?.then(() => {
    changeSet.execution = /^(CREATE|UPDATE)_COMPLETE$/.test(stack.status) ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
  });
  return {};
}

function summary({ id, name, stack, status, reason, execution, created, description }: ChangeSet) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: id,
    ChangeSetName: name,
    ExecutionStatus: execution,
    Status: status,
    StatusReason: reason,
    CreationTime: new Date(created),
    Description: description,
    IncludeNestedStacks: false,
  };
}

function describe(changeSet: ChangeSet, input: Named): unknown {
  const { settings } = changeSet;
  const { page, NextToken } = pageOf(changeSet.changes, input.NextToken, pageSize);
  return {
    ...summary(changeSet),
    Parameters: Object.entries(settings.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
      ...(ParameterKey in settings.resolved && { ResolvedValue: settings.resolved[ParameterKey] }),
    })),
    NotificationARNs: settings.notifications,
    RollbackConfiguration: {},
    Capabilities: settings.capabilities,
    Tags: Object.entries(settings.tags).map(([Key, Value]) => ({ Key, Value })),
    Changes: input.IncludePropertyValues ? page : page.map(withoutValues),
    NextToken,
    OnStackFailure: changeSet.onStackFailure,
    DeploymentConfig: settings.deploymentConfig,
    ...(changeSet.revertDrift && { DeploymentMode: 'REVERT_DRIFT', StackDriftStatus: changeSet.driftStatus }),
  };
}

const values = new Set([
  'BeforeValue',
  'AfterValue',
  'BeforeContext',
  'AfterContext',
  'PreviousDeploymentContext',
  'Path',
  'AttributeChangeType',
]);

/** "IncludePropertyValues": only then are there values and contexts. */
const withoutValues = (change: unknown): unknown =>
  JSON.parse(JSON.stringify(change, (key, value) => (values.has(key) ? undefined : value)));
