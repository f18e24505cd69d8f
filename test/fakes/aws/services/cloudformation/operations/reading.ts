import type { Call, Operation } from '../../../model.ts';
import type { Api } from '../api.ts';
import { pageOf } from '../pages.ts';
import { invalid } from '../refusals.ts';
import { type TemplateInput, takeTemplate } from '../settings.ts';
import { identifierOf, typeOf } from '../spec.ts';
import type { Event, Resource, Stack } from '../stack.ts';
import { neededCapability, type TemplateDocument } from '../template.ts';

interface Named {
  StackName: string;
  NextToken?: string;
  LogicalResourceId?: string;
  PhysicalResourceId?: string;
}

const pageSize = 100;

/** API Reference: what only reads. */
export function readingOperations(api: Api): Record<string, Operation> {
  return {
    DescribeStacks: (input: { StackName?: string; NextToken?: string }, call) => {
      if (input.StackName !== undefined) return { Stacks: [stackView(api.stacks.get(call, input.StackName))] };
      const { page, NextToken } = pageOf(newestFirst(api.stacks.live(call)), input.NextToken, pageSize);
      return { Stacks: page.map(stackView), NextToken };
    },
    ListStacks: (input: { StackStatusFilter?: string[]; NextToken?: string }, call) => {
      const wanted = new Set(input.StackStatusFilter);
      const all = newestFirst(api.stacks.of(call)).filter(({ status }) => wanted.size === 0 || wanted.has(status));
      const { page, NextToken } = pageOf(all, input.NextToken, pageSize);
      return { StackSummaries: page.map(stackSummary), NextToken };
    },
    DescribeStackEvents: (input: Named, call) => {
      const { events, id, name } = api.stacks.get(call, input.StackName);
      const { page, NextToken } = eventPage(events, input.NextToken);
      return { StackEvents: page.map((event) => ({ StackId: id, StackName: name, ...eventView(event) })), NextToken };
    },
    DescribeEvents: (input, call) => describeEvents(api, input, call),
    DescribeStackResources: (input: Partial<Named>, call) => {
      const stack =
        input.StackName === undefined
          ? ofPhysicalId(api, call, input.PhysicalResourceId)
          : api.stacks.get(call, input.StackName);
      const all = [...stack.resources.values()];
      const found = all.filter(
        ({ logicalId }) => input.LogicalResourceId === undefined || logicalId === input.LogicalResourceId,
      );
      return {
        StackResources: found.map((resource) => ({
          ...inStack(stack),
          ...resourceView(resource),
          Timestamp: new Date(resource.at),
        })),
      };
    },
    ListStackResources: (input: Named, call) => {
      const stack = api.stacks.get(call, input.StackName);
      const { page, NextToken } = pageOf([...stack.resources.values()], input.NextToken, pageSize);
      return {
        StackResourceSummaries: page.map((one) => ({ ...resourceView(one), LastUpdatedTimestamp: new Date(one.at) })),
        NextToken,
      };
    },
    DescribeStackResource: (input: Named, call) => {
      const stack = api.stacks.get(call, input.StackName);
      const resource = stack.resources.get(input.LogicalResourceId ?? '');
      if (!resource) throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
      const Metadata = JSON.stringify(resource.metadata ?? {});
      return {
        StackResourceDetail: {
          ...inStack(stack),
          ...resourceView(resource),
          LastUpdatedTimestamp: new Date(resource.at),
          Metadata,
        },
      };
    },
    GetTemplate: (input: { StackName?: string; ChangeSetName?: string }, call) => {
      const TemplateBody = templateOf(api, input, call);
      return { TemplateBody, StagesAvailable: ['Original', 'Processed'] };
    },
    GetTemplateSummary: async (input: TemplateInput & { StackName?: string }, call) => {
      if (input.StackName === undefined) return templateSummary((await takeTemplate(api, call, input)).template);
      const { settings } = api.stacks.get(call, input.StackName);
      if (!settings) throw invalid(`Stack ${input.StackName} has no template yet.`);
      return templateSummary(settings.template);
    },
    ValidateTemplate: async (input: TemplateInput, call) => {
      const { Parameters, Description, Capabilities, CapabilitiesReason } = templateSummary(
        (await takeTemplate(api, call, input)).template,
      );
      return { Parameters, Description, Capabilities, CapabilitiesReason };
    },
    ListExports: (input: { NextToken?: string }, call) => {
      const all = api.stacks
        .of(call)
        .flatMap(({ id, outputs }) =>
          outputs.flatMap(({ exportName, value }) =>
            exportName === undefined ? [] : [{ ExportingStackId: id, Name: exportName, Value: value }],
          ),
        );
      const { page, NextToken } = pageOf(all, input.NextToken, pageSize);
      return { Exports: page, NextToken };
    },
    DescribeAccountLimits: () => ({
      AccountLimits: [
        { Name: 'StackLimit', Value: 2000 },
        { Name: 'StackOutputsLimit', Value: 200 },
        { Name: 'ConcurrentResourcesLimit', Value: 2500 },
      ],
    }),
  };
}

const newestFirst = (stacks: Stack[]): Stack[] => [...stacks].reverse();

const inStack = ({ id, name }: Stack) => ({ StackId: id, StackName: name });

function ofPhysicalId(api: Api, call: Call, physicalId: string | undefined): Stack {
  const found = api.stacks
    .live(call)
    .find(({ resources }) => [...resources.values()].some((one) => one.physicalId === physicalId));
  if (!found || physicalId === undefined) throw invalid(`Stack for ${physicalId} does not exist`);
  return found;
}

/** Newest first. The token says which event comes next, so that new ones do not shift the pages. */
function eventPage(events: readonly Event[], token: string | undefined): { page: Event[]; NextToken?: string } {
  const end = token === undefined ? events.length : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(end)) throw invalid('Invalid NextToken');
  const start = Math.max(0, end - pageSize);
  return {
    page: events.slice(start, end).reverse(),
    ...(start > 0 && { NextToken: Buffer.from(String(start)).toString('base64url') }),
  };
}

function eventView(event: Event) {
  return {
    EventId: event.id,
    OperationId: event.operation,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: new Date(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties,
    ClientRequestToken: event.token,
    DetailedStatus: event.detailedStatus,
  };
}

interface EventsInput {
  StackName?: string;
  ChangeSetName?: string;
  OperationId?: string;
  Filters?: { FailedEvents?: boolean };
  NextToken?: string;
}

/** API Reference, "DescribeEvents": events by operation, and what early validation found. */
function describeEvents(api: Api, input: EventsInput, call: Call): unknown {
  if (input.ChangeSetName !== undefined)
    return { OperationEvents: validationEvents(api, input.ChangeSetName, input.StackName, call) };
  const stacks = input.StackName === undefined ? api.stacks.of(call) : [api.stacks.get(call, input.StackName)];
  const all = stacks.flatMap((stack) => stack.events.map((event) => ({ stack, event }))).reverse();
  const wanted = all.filter(
    ({ event }) =>
      (input.OperationId === undefined || event.operation === input.OperationId) &&
      (!input.Filters?.FailedEvents || event.status.endsWith('_FAILED')),
  );
  const { page, NextToken } = pageOf(wanted, input.NextToken, pageSize);
  const OperationEvents = page.map(({ stack, event }) => ({
    StackId: stack.id,
    EventType: event.status.endsWith('_FAILED')
      ? 'PROVISIONING_ERROR'
      : event.type === 'AWS::CloudFormation::Stack'
        ? 'STACK_EVENT'
        : 'PROGRESS_EVENT',
    OperationType: stack.operations.find(({ OperationId }) => OperationId === event.operation)?.OperationType,
    ...eventView(event),
  }));
  return { OperationEvents, NextToken };
}

function validationEvents(api: Api, name: string, stackName: string | undefined, call: Call): unknown[] {
  const changeSet = api.stacks.changeSet(call, {
    ChangeSetName: name,
    ...(stackName !== undefined && { StackName: stackName }),
  });
  return changeSet.failures.map((failure, index) => ({
    EventId: `${changeSet.id.split('/').at(-1)}-${index}`,
    StackId: changeSet.stack.id,
    OperationType: 'CREATE_CHANGESET',
    EventType: 'VALIDATION_ERROR',
    LogicalResourceId: failure.logicalId,
    PhysicalResourceId: failure.physicalId,
    ResourceType: failure.type,
    Timestamp: new Date(changeSet.created),
    ValidationFailureMode: 'FAIL',
    ValidationName: failure.name.endsWith('ResourceExistenceCheck')
      ? 'NAME_CONFLICT_VALIDATION'
      : 'PROPERTY_VALIDATION',
    ValidationStatus: 'FAILED',
    ValidationStatusReason: failure.message,
    ValidationPath: failure.path,
  }));
}

function stackView(stack: Stack) {
  const { settings } = stack;
  const declared = settings?.template.Parameters ?? {};
  return {
    ...inStack(stack),
    ChangeSetId: settings?.changeSetId,
    Description: settings?.template.Description,
    Parameters: Object.entries(settings?.parameters ?? {}).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: String(declared[ParameterKey]?.NoEcho) === 'true' ? '****' : value,
      ...(settings && ParameterKey in settings.resolved && { ResolvedValue: settings.resolved[ParameterKey] }),
    })),
    CreationTime: new Date(stack.created),
    LastUpdatedTime: dateOf(stack.updated),
    DeletionTime: dateOf(stack.deleted),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DisableRollback: settings?.disableRollback ?? false,
    DeploymentConfig: settings?.deploymentConfig,
    NotificationARNs: settings?.notifications ?? [],
    TimeoutInMinutes: settings?.timeout,
    Capabilities: settings?.capabilities ?? [],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    RoleARN: settings?.role,
    Tags: Object.entries(settings?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: driftInformation(stack),
    LastOperations: stack.operations,
  };
}

function stackSummary(stack: Stack) {
  return {
    ...inStack(stack),
    TemplateDescription: stack.settings?.template.Description,
    CreationTime: new Date(stack.created),
    LastUpdatedTime: dateOf(stack.updated),
    DeletionTime: dateOf(stack.deleted),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DriftInformation: driftInformation(stack),
    LastOperations: stack.operations,
  };
}

const dateOf = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

const driftInformation = ({ drift }: Stack) => ({
  StackDriftStatus: drift.status,
  LastCheckTimestamp: dateOf(drift.at),
});

function resourceView(resource: Resource) {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.reason,
    DriftInformation: {
      StackResourceDriftStatus: resource.drift?.status ?? 'NOT_CHECKED',
      LastCheckTimestamp: dateOf(resource.drift?.at),
    },
  };
}

function templateOf(api: Api, input: { StackName?: string; ChangeSetName?: string }, call: Call): string {
  if (input.ChangeSetName !== undefined)
    return api.stacks.changeSet(call, input as { ChangeSetName: string }).settings.body;
  const stack = api.stacks.get(call, input.StackName ?? '');
  if (stack.settings) return stack.settings.body;
  // A stack in review has no template: the CDK asks for one all the same, and takes the empty one.
  return '{}';
}

function templateSummary(template: TemplateDocument) {
  const { capability, types } = neededCapability(template);
  const resourceTypes = [...new Set(Object.values(template.Resources).map(({ Type }) => Type))];
  return {
    Parameters: Object.entries(template.Parameters ?? {}).map(([ParameterKey, one]) => ({
      ParameterKey,
      DefaultValue: one.Default === undefined ? undefined : String(one.Default),
      ParameterType: one.Type,
      NoEcho: String(one.NoEcho) === 'true',
      Description: one.Description,
      ParameterConstraints: { AllowedValues: one.AllowedValues?.map(String) },
    })),
    Description: template.Description,
    Capabilities: capability === undefined ? [] : [capability],
    CapabilitiesReason: capability && `The following resource(s) require capabilities: [${types.join(', ')}]`,
    ResourceTypes: resourceTypes,
    Version: template.AWSTemplateFormatVersion ?? '2010-09-09',
    Metadata: template.Metadata === undefined ? undefined : JSON.stringify(template.Metadata),
    DeclaredTransforms: [],
    ResourceIdentifierSummaries: resourceTypes
      .filter((type) => typeOf(type))
      .map((ResourceType) => ({
        ResourceType,
        LogicalResourceIds: Object.keys(template.Resources).filter(
          (id) => template.Resources[id]?.Type === ResourceType,
        ),
        ResourceIdentifiers: identifierOf(ResourceType),
      })),
  };
}
