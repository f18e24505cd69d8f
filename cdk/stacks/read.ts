import type { CloudFormation, Stack as Described } from '@aws-sdk/client-cloudformation';
import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';
import type { Template } from '../model.ts';

/** A stack as it is. */
export interface StackState {
  /** Its ARN, which tells it from former stacks of the same name. */
  id: string;
  name: string;
  status: string;
  reason?: string;
  outputs: Record<string, string>;
  tags: Record<string, string>;
  /** Of the last change. */
  updated: Date;
  protected: boolean;
}

/** Undefined when there is none of that name. */
export async function readStack(clients: Clients, name: string): Promise<StackState | undefined> {
  const cloudFormation = await clients.cloudFormation();
  const answer = await unlessMissing(cloudFormation.describeStacks({ StackName: name }));
  const [stack] = answer?.Stacks ?? [];
  return stack && stack.StackStatus !== 'DELETE_COMPLETE' ? stateOf(stack) : undefined;
}

/** All that are there and have the tag, with one of the values if any are given. */
export async function listStacks(clients: Clients, tag: string, value?: string): Promise<StackState[]> {
  const cloudFormation = await clients.cloudFormation();
  const found: StackState[] = [];
  for await (const stack of pages(cloudFormation)) {
    if (stack.tags[tag] !== undefined && (value === undefined || stack.tags[tag] === value)) found.push(stack);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function* pages(cloudFormation: CloudFormation): AsyncGenerator<StackState> {
  let NextToken: string | undefined;
  do {
    const answer = await cloudFormation.describeStacks({ ...(NextToken && { NextToken }) });
    for (const stack of answer.Stacks ?? []) if (stack.StackStatus !== 'DELETE_COMPLETE') yield stateOf(stack);
    ({ NextToken } = answer);
  } while (NextToken);
}

/** As it was given, not as it was stored with defaults; undefined when the stack has none yet. */
export async function readTemplate(clients: Clients, name: string): Promise<Template | undefined> {
  const cloudFormation = await clients.cloudFormation();
  const answer = await unlessMissing(cloudFormation.getTemplate({ StackName: name, TemplateStage: 'Original' }));
  return answer?.TemplateBody ? (JSON.parse(answer.TemplateBody) as Template) : undefined;
}

/** One resource of a stack as CloudFormation knows it. */
export interface StackResource {
  logicalId: string;
  /** Absent when it was never made. */
  physicalId?: string;
  type: string;
  status: string;
  reason?: string;
}

export async function listResources(clients: Clients, name: string): Promise<StackResource[]> {
  const cloudFormation = await clients.cloudFormation();
  const found: StackResource[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await unlessMissing(
      cloudFormation.listStackResources({ StackName: name, ...(NextToken && { NextToken }) }),
    );
    for (const one of answer?.StackResourceSummaries ?? [])
      found.push({
        logicalId: one.LogicalResourceId!,
        ...(one.PhysicalResourceId && { physicalId: one.PhysicalResourceId }),
        type: one.ResourceType!,
        status: one.ResourceStatus!,
        ...(one.ResourceStatusReason && { reason: one.ResourceStatusReason }),
      });
    NextToken = answer?.NextToken;
  } while (NextToken);
  return found;
}

function stateOf(stack: Described): StackState {
  const { StackId, StackName, StackStatus, StackStatusReason, Outputs = [], Tags = [] } = stack;
  return {
    id: StackId!,
    name: StackName!,
    status: StackStatus!,
    ...(StackStatusReason && { reason: StackStatusReason }),
    outputs: Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!])),
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!])),
    updated: stack.LastUpdatedTime ?? stack.CreationTime!,
    protected: stack.EnableTerminationProtection ?? false,
  };
}
