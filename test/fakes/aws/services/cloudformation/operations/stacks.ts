import { AwsError, type Call, type Operation } from '../../../model.ts';
import type { Api } from '../api.ts';
import { changesOf } from '../changes.ts';
import { create, remove, rollBackCreation, rollBackUpdate, update } from '../engine.ts';
import { busy, invalid, stackExists } from '../refusals.ts';
import { type SettingsInput, takeSettings } from '../settings.ts';
import { same } from '../spec.ts';
import type { DeploymentConfig, Settings, Stack } from '../stack.ts';
import { checkStackName } from '../store.ts';

interface StackInput extends SettingsInput {
  StackName: string;
  ClientRequestToken?: string;
  EnableTerminationProtection?: boolean;
  StackPolicyBody?: string;
}

const updatable = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/** "Stack failure options": what failed with rollback disabled may be updated, with rollback disabled. aws/aws-cdk-cli#1739, #1973. */
export function checkUpdatable(stack: Stack, disablesRollback: boolean, config: DeploymentConfig | undefined): void {
  const { status } = stack;
  if (updatable.has(status)) return;
  if (status !== 'UPDATE_FAILED' && status !== 'CREATE_FAILED') throw busy(stack.id, status);
  if (stack.lastConfig?.Mode === 'EXPRESS' && config?.Mode !== 'EXPRESS') {
    throw invalid(
      `This stack is in a ${status} state from a previous operation that used EXPRESS deployment mode with disable-rollback. Follow-up operations must use the same DeploymentConfig (mode=EXPRESS) until the stack reaches a *_COMPLETE state.`,
    );
  }
  if (!disablesRollback) {
    throw invalid(
      `This stack is currently in a non-terminal [${status}] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API`,
    );
  }
}

/** Whether an update would do anything: to resources, or to what surrounds them. */
export function wouldChange(api: Api, stack: Stack, next: Settings): boolean {
  const last = stack.settings;
  if (!last || stack.status.endsWith('_FAILED')) return true;
  const around = ({ template, tags, role, notifications }: Settings) => ({
    outputs: template.Outputs ?? {},
    tags,
    role: role ?? '',
    notifications,
  });
  if (!same(around(last), around(next))) return true;
  const { imported } = api.wants(stack, 'ROLLBACK');
  return changesOf({ stack, after: next, imported, now: api.world.clock.now() }).length > 0;
}

/** Starts the update of a stack whose next settings are checked. */
export function beginUpdate(
  api: Api,
  stack: Stack,
  call: Call,
  settings: Settings,
  more: {
    token?: string | undefined;
    actual?: ReadonlyMap<string, Record<string, unknown> | undefined> | undefined;
  } = {},
): string {
  stack.settings = settings;
  stack.updated = api.world.clock.now();
  for (const changeSet of stack.changeSets.values()) {
    if (changeSet.execution === 'AVAILABLE') changeSet.execution = 'OBSOLETE';
  }
  const wants = api.wants(stack, settings.disableRollback ? 'DO_NOTHING' : 'ROLLBACK', more.actual);
  const about = {
    type: 'UPDATE_STACK' as const,
    token: more.token,
    status: 'UPDATE_IN_PROGRESS',
    reason: 'User Initiated',
    settings,
  };
  return api.begin(stack, call, about, (work) => update(work, wants));
}

export function beginCreation(
  api: Api,
  stack: Stack,
  call: Call,
  settings: Settings,
  onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING',
  token?: string,
): string {
  stack.settings = settings;
  const about = {
    type: 'CREATE_STACK' as const,
    token,
    status: 'CREATE_IN_PROGRESS',
    reason: 'User Initiated',
    settings,
  };
  return api.begin(stack, call, about, (work) => create(work, api.wants(stack, onFailure)));
}

/** API Reference, "CreateStack", "UpdateStack", "DeleteStack" and their neighbours. */
export function stackOperations(api: Api): Record<string, Operation> {
  const CreateStack = async (input: StackInput, call: Call) => {
    checkStackName(input.StackName);
    return once(api, 'CreateStack', input, async () => {
      if (api.stacks.find(call, input.StackName)) throw stackExists(input.StackName);
      const settings = await takeSettings(api, call, input);
      if (api.stacks.find(call, input.StackName)) throw stackExists(input.StackName);
      const stack = api.newStack(call, input.StackName, input.EnableTerminationProtection);
      if (input.StackPolicyBody !== undefined) stack.policy = input.StackPolicyBody;
      const onFailure = (input.OnFailure ?? (settings.disableRollback ? 'DO_NOTHING' : 'ROLLBACK')) as 'ROLLBACK';
      const OperationId = beginCreation(api, stack, call, settings, onFailure, input.ClientRequestToken);
      return { StackId: stack.id, OperationId };
    });
  };

  const UpdateStack = async (input: StackInput, call: Call) =>
    once(api, 'UpdateStack', input, async () => {
      const stack = api.stacks.target(call, input.StackName);
      const settings = await takeSettings(api, call, input, stack.settings);
      checkUpdatable(stack, settings.disableRollback, settings.deploymentConfig);
      if (!wouldChange(api, stack, settings)) throw invalid('No updates are to be performed.');
      if (input.StackPolicyBody !== undefined) stack.policy = input.StackPolicyBody;
      const OperationId = beginUpdate(api, stack, call, settings, { token: input.ClientRequestToken });
      return { StackId: stack.id, OperationId };
    });

  const CancelUpdateStack = ({ StackName }: StackInput, call: Call) => {
    const stack = api.stacks.target(call, StackName);
    if (stack.status !== 'UPDATE_IN_PROGRESS' || !stack.operation) {
      throw invalid('CancelUpdateStack cannot be called from current stack status');
    }
    stack.operation.interrupted = 'cancelled';
    stack.operation.abort.abort();
    return {};
  };

  const UpdateTerminationProtection = (input: StackInput, call: Call) => {
    const stack = api.stacks.target(call, input.StackName);
    stack.terminationProtection = input.EnableTerminationProtection === true;
    return { StackId: stack.id };
  };

  const SetStackPolicy = (input: StackInput, call: Call) => {
    const stack = api.stacks.target(call, input.StackName);
    if (input.StackPolicyBody !== undefined) stack.policy = input.StackPolicyBody;
    return {};
  };

  const GetStackPolicy = (input: StackInput, call: Call) => {
    const { policy } = api.stacks.get(call, input.StackName);
    return policy === undefined ? {} : { StackPolicyBody: policy };
  };

  return {
    CreateStack,
    UpdateStack,
    CancelUpdateStack,
    UpdateTerminationProtection,
    SetStackPolicy,
    GetStackPolicy,
    DeleteStack: (input, call) => deleteStack(api, input, call),
    RollbackStack: (input, call) => rollbackStack(api, input, call),
    ContinueUpdateRollback: (input, call) => continueUpdateRollback(api, input, call),
  };
}

/** "ClientRequestToken": the same request again has the same answer; another with the token is refused. */
async function once(api: Api, operation: string, input: StackInput, work: () => Promise<unknown>): Promise<unknown> {
  const token = input.ClientRequestToken;
  if (token === undefined) return work();
  const said = JSON.stringify([operation, input]);
  const before = api.tokens.get(token);
  if (before && before.input !== said) {
    throw new AwsError(
      'TokenAlreadyExistsException',
      `The client request token ${token} is already used by another request.`,
    );
  }
  if (before) return before.answer;
  const answer = await work();
  api.tokens.set(token, { input: said, answer });
  return answer;
}

interface DeleteInput {
  StackName: string;
  RetainResources?: string[];
  RoleARN?: string;
  ClientRequestToken?: string;
  DeletionMode?: 'STANDARD' | 'FORCE_DELETE_STACK';
  DeploymentConfig?: DeploymentConfig;
}

const deletable = /^(CREATE_IN_PROGRESS|REVIEW_IN_PROGRESS|DELETE_FAILED)$|_COMPLETE$|_FAILED$/;

/** "Delete a stack from the CloudFormation console", "Troubleshooting CloudFormation: delete stack fails". */
function deleteStack(api: Api, input: DeleteInput, call: Call): unknown {
  const stack = api.stacks.find(call, input.StackName);
  if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return {};
  if (stack.terminationProtection) {
    throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (!deletable.test(stack.status)) {
    throw invalid(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
  }
  checkRetained(stack, input);
  const inUse = importerOf(api, stack);
  if (inUse) throw invalid(`Delete canceled. Cannot delete export ${inUse.name} as it is in use by ${inUse.by}.`);
  if (stack.operation) {
    stack.operation.interrupted = 'superseded';
    stack.operation.abort.abort();
  }
  if (input.RoleARN && stack.settings) stack.settings.role = input.RoleARN;
  const settings = { ...(stack.settings as Settings), deploymentConfig: input.DeploymentConfig ?? {} };
  const about = {
    type: 'DELETE_STACK' as const,
    token: input.ClientRequestToken,
    status: 'DELETE_IN_PROGRESS',
    reason: 'User Initiated',
    settings,
  };
  const removal = { retain: new Set(input.RetainResources), force: input.DeletionMode === 'FORCE_DELETE_STACK' };
  return { OperationId: api.begin(stack, call, about, (work) => remove(work, removal)) };
}

function checkRetained(stack: Stack, { RetainResources = [], DeletionMode }: DeleteInput): void {
  if (stack.status === 'DELETE_FAILED') {
    const foreign = RetainResources.filter((id) => !stack.resources.has(id));
    if (foreign.length > 0)
      throw invalid(`The following resources to retain do not exist in stack [${stack.name}]: [${foreign.join(', ')}]`);
    return;
  }
  if (RetainResources.length > 0) {
    throw invalid(
      `Invalid operation on stack [${stack.id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
    );
  }
  if (DeletionMode === 'FORCE_DELETE_STACK') {
    throw invalid(
      `Invalid operation on stack [${stack.id}]. FORCE_DELETE_STACK is only for stacks in the DELETE_FAILED state.`,
    );
  }
}

/** "Get exported outputs from a deployed CloudFormation stack": none can go while another stack imports it. */
function importerOf(api: Api, stack: Stack): { name: string; by: string } | undefined {
  const names = stack.outputs.flatMap(({ exportName }) => exportName ?? []);
  for (const other of api.stacks.live(stack)) {
    if (other === stack || !other.settings) continue;
    const text = JSON.stringify(other.settings.template.Resources);
    const name = names.find((one) => text.includes(`{"Fn::ImportValue":${JSON.stringify(one)}}`));
    if (name !== undefined) return { name, by: other.name };
  }
  return undefined;
}

interface RollbackInput {
  StackName: string;
  RoleARN?: string;
  ClientRequestToken?: string;
  ResourcesToSkip?: string[];
  DeploymentConfig?: DeploymentConfig;
}

/** API Reference, "RollbackStack"; not for Express mode: aws/aws-cdk-cli#1739. */
function rollbackStack(api: Api, input: RollbackInput, call: Call): unknown {
  const stack = api.stacks.target(call, input.StackName);
  if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
    throw invalid(`Stack [${stack.name}] is in ${stack.status} state and can not be rolled back.`);
  }
  if (stack.lastConfig?.Mode === 'EXPRESS') {
    throw invalid(
      'RollbackStack is not supported for stacks that were last updated using EXPRESS deployment mode and are in a failed state',
    );
  }
  const wasCreated = stack.stable !== undefined;
  const about = {
    type: 'ROLLBACK' as const,
    token: input.ClientRequestToken,
    status: wasCreated ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS',
    reason: 'User Initiated',
  };
  const OperationId = api.begin(stack, call, about, (work) =>
    wasCreated ? rollBackUpdate(work, new Set()) : rollBackCreation(work),
  );
  return { StackId: stack.id, OperationId };
}

/** "Continue rolling back an update": from UPDATE_ROLLBACK_FAILED, leaving as they are the failed resources that are named. */
function continueUpdateRollback(api: Api, input: RollbackInput, call: Call): unknown {
  const stack = api.stacks.target(call, input.StackName);
  if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
    throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue rollback.`);
  }
  const skipped = new Set(input.ResourcesToSkip);
  const wrong = [...skipped].filter((id) => stack.resources.get(id)?.status !== 'UPDATE_FAILED');
  if (wrong.length > 0) {
    throw invalid(
      `Resources to skip are not in a valid state: only resources in UPDATE_FAILED can be skipped, not [${wrong.join(', ')}]`,
    );
  }
  const about = {
    type: 'CONTINUE_ROLLBACK' as const,
    token: input.ClientRequestToken,
    status: 'UPDATE_ROLLBACK_IN_PROGRESS',
    reason: 'User Initiated',
  };
  return { OperationId: api.begin(stack, call, about, (work) => rollBackUpdate(work, skipped)) };
}
