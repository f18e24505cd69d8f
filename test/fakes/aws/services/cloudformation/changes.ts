import type { Properties } from '../../model.ts';
import { compare, type PropertyChange } from './comparison.ts';
import { type Desired, desire } from './desire.ts';
import { asDrifted } from './drift.ts';
import { type Cause, causesIn, knownAfterApply, type Scope, Unknown } from './intrinsics.ts';
import { dependencies, inOrder, referencesIn } from './references.ts';
import { activeResources, scopeOf } from './scope.ts';
import { isRecord, nameProperty, same, surroundingProperties, tagProperty } from './spec.ts';
import type { Resource, Settings, Stack } from './stack.ts';
import type { ResourceDeclaration } from './template.ts';

/** How a resource comes out: what others may know of it. */
type Fate = 'added' | 'replaced' | 'perhaps' | 'kept';

export interface ChangeInput {
  stack: Stack;
  after: Settings;
  imported: (name: string) => unknown;
  /** Of drift-aware change sets: what each resource is now; undefined for one that is gone. */
  actual?: ReadonlyMap<string, Properties | undefined>;
  now: number;
}

/**
 * What executing a change set would do, as `DescribeChangeSet` says it with property values. CloudFormation API Reference, "ResourceChange",
 * "ResourceTargetDefinition", "ResourceChangeDetail"; User Guide, "Example change sets" and "Using drift-aware change sets".
 */
export function changesOf(input: ChangeInput): Record<string, unknown>[] {
  const { stack, after } = input;
  const fates = new Map<string, Fate>();
  const scope: Scope = scopeOf(stack, after, {
    imported: input.imported,
    ref: (id) =>
      known(stack, fates, id, (resource) => resource.physicalId, { source: 'ResourceReference', entity: id }),
    attribute: (id, name) =>
      known(stack, fates, id, (resource) => resource.attributes[name], {
        source: 'ResourceAttribute',
        entity: `${id}.${name}`,
      }),
  });
  const active = activeResources(after.template, scope);
  const graph = dependencies(after.template, active);
  const changes = inOrder(graph).flatMap((id) => {
    const desired = desire(id, after.template.Resources[id] as ResourceDeclaration, scope, {
      dependsOn: graph.get(id) ?? [],
      tags: after.tags,
    });
    const live = standing(stack.resources.get(id));
    if (!live) {
      fates.set(id, 'added');
      return [added(desired)];
    }
    const { change, fate } = modified(input, live, desired);
    fates.set(id, fate);
    return change ? [change] : [];
  });
  const removed = [...stack.resources.values()].filter((one) => standing(one) && !active.has(one.logicalId));
  return [...changes, ...removed.map(removal)].map((ResourceChange) => ({ Type: 'Resource', ResourceChange }));
}

/** What is there, unlike what could not be made or was taken away. */
export function standing(resource: Resource | undefined): Resource | undefined {
  return resource?.physicalId !== undefined &&
    resource.status !== 'DELETE_COMPLETE' &&
    resource.status !== 'CREATE_FAILED'
    ? resource
    : undefined;
}

function known(
  stack: Stack,
  fates: ReadonlyMap<string, Fate>,
  id: string,
  value: (resource: Resource) => unknown,
  cause: Cause,
): unknown {
  const live = stack.resources.get(id);
  if (!live || fates.get(id) !== 'kept') return new Unknown([cause]);
  return value(live) ?? new Unknown([cause]);
}

const contextOf = (properties: unknown, metadata: unknown) =>
  JSON.stringify({ Properties: shown(properties), ...(metadata !== undefined && { Metadata: metadata }) });

function added({ logicalId, type, properties, metadata }: Desired) {
  return {
    Action: 'Add',
    LogicalResourceId: logicalId,
    ResourceType: type,
    Scope: [],
    Details: [],
    AfterContext: contextOf(properties, metadata),
  };
}

const policyActions = {
  Delete: 'Delete',
  Retain: 'Retain',
  Snapshot: 'Snapshot',
  RetainExceptOnCreate: 'Retain',
} as const;

function removal(resource: Resource) {
  const { logicalId, physicalId, type, properties, metadata, deletionPolicy } = resource;
  return {
    PolicyAction: policyActions[deletionPolicy],
    Action: 'Remove',
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Scope: [],
    Details: [],
    BeforeContext: contextOf(properties, metadata),
  };
}

function modified(input: ChangeInput, live: Resource, desired: Desired): { change?: object; fate: Fate } {
  const drift = driftOf(input, live);
  if (drift.gone) return { change: { ...added(desired), ResourceDriftStatus: 'DELETED' }, fate: 'added' };
  const properties = compare(live.type, drift.before, desired.properties);
  const details = [
    ...properties.flatMap((change) => propertyDetails(input, live, desired, change, drift)),
    ...synced(live, desired, drift),
    ...attributeDetails(live, desired),
  ];
  if (details.length === 0) return { fate: 'kept' };
  const onlySync = details.every(({ Target }) => Target.AttributeChangeType === 'SyncWithActual');
  const replacement = replacementOf(details, live.type !== desired.type);
  const change = {
    ...(replacement === 'True' && { PolicyAction: `ReplaceAnd${policyActions[live.updateReplacePolicy]}` }),
    Action: onlySync ? 'SyncWithActual' : 'Modify',
    LogicalResourceId: live.logicalId,
    PhysicalResourceId: live.physicalId,
    ResourceType: desired.type,
    Replacement: replacement,
    Scope: [...new Set(details.map(({ Target }) => Target.Attribute))],
    Details: details,
    BeforeContext: contextOf(drift.before, live.metadata),
    AfterContext: contextOf(desired.properties, desired.metadata),
    ...(input.actual && {
      ResourceDriftStatus: drift.isDrifted ? 'MODIFIED' : 'IN_SYNC',
      PreviousDeploymentContext: contextOf(live.properties, live.metadata),
    }),
  };
  return { change, fate: replacement === 'True' ? 'replaced' : replacement === 'Conditional' ? 'perhaps' : 'kept' };
}

interface Detail {
  Target: Record<string, unknown> & { Attribute: string; RequiresRecreation: string };
  Evaluation: 'Static' | 'Dynamic';
  ChangeSource: string;
  CausingEntity?: string;
}

/** "If RequiresRecreation is Always and Evaluation is Dynamic, Replacement is Conditional"; the change with the most impact decides. */
function replacementOf(details: readonly Detail[], otherType: boolean): 'True' | 'False' | 'Conditional' {
  if (
    otherType ||
    details.some(({ Target, Evaluation }) => Target.RequiresRecreation === 'Always' && Evaluation === 'Static')
  )
    return 'True';
  return details.some(({ Target }) => Target.RequiresRecreation !== 'Never') ? 'Conditional' : 'False';
}

interface LiveState {
  before: Properties;
  gone: boolean;
  isDrifted: boolean;
}

/** Of what the template says explicitly, the actual values. */
function driftOf({ actual }: ChangeInput, live: Resource): LiveState {
  if (!actual) return { before: live.properties, gone: false, isDrifted: false };
  if (!actual.has(live.logicalId)) return { before: live.properties, gone: false, isDrifted: false };
  const now = actual.get(live.logicalId);
  if (!now) return { before: {}, gone: true, isDrifted: true };
  const before = asDrifted(live.properties, now);
  return { before, gone: false, isDrifted: !same(before, live.properties) };
}

function propertyDetails(
  input: ChangeInput,
  live: Resource,
  desired: Desired,
  change: PropertyChange,
  drift: LiveState,
): Detail[] {
  const { before, after } = change;
  const Target = {
    ...(change.isTags ? { Attribute: 'Tags' } : { Attribute: 'Properties', Name: change.name }),
    RequiresRecreation: change.recreation,
    Path: `/Properties/${change.name}`,
    ...(before !== undefined && { BeforeValue: text(before) }),
    ...(after !== undefined && { AfterValue: text(after) }),
    AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
    ...driftDetail(input, live, change, drift),
  };
  const dynamic = causesIn(after).map(
    ({ source, entity }): Detail => ({ Target, Evaluation: 'Dynamic', ChangeSource: source, CausingEntity: entity }),
  );
  const textBefore = input.stack.settings?.template.Resources[live.logicalId]?.Properties?.[change.name];
  const textAfter = input.after.template.Resources[desired.logicalId]?.Properties?.[change.name];
  if (!same(textBefore, textAfter))
    return [{ Target, Evaluation: 'Static', ChangeSource: 'DirectModification' }, ...dynamic];
  if (dynamic.length > 0) return dynamic;
  const parameter = referencesIn(textAfter).find(({ to }) => to in input.after.parameters);
  if (parameter)
    return [{ Target, Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: parameter.to }];
  return [{ Target, Evaluation: 'Static', ChangeSource: 'DirectModification' }];
}

function driftDetail(
  input: ChangeInput,
  live: Resource,
  change: PropertyChange,
  drift: LiveState,
): Record<string, unknown> {
  if (!input.actual) return {};
  const previous = live.properties[change.name];
  const isDrifted = drift.isDrifted && !same(previous, change.before);
  return {
    BeforeValueFrom: isDrifted ? 'ACTUAL_STATE' : 'PREVIOUS_DEPLOYMENT_STATE',
    AfterValueFrom: 'TEMPLATE',
    ...(isDrifted && {
      Drift: {
        PreviousValue: text(previous),
        ActualValue: text(change.before),
        DriftDetectionTimestamp: new Date(input.now),
      },
    }),
  };
}

/** What somebody changed to the very value that the template now has. */
function synced(live: Resource, desired: Desired, drift: LiveState): Detail[] {
  if (!drift.isDrifted) return [];
  return compare(live.type, live.properties, desired.properties)
    .filter(({ name }) => same(drift.before[name], desired.properties[name]))
    .map(({ name, after, isTags }) => ({
      Target: {
        ...(isTags ? { Attribute: 'Tags' } : { Attribute: 'Properties', Name: name }),
        RequiresRecreation: 'Never',
        Path: `/Properties/${name}`,
        BeforeValue: text(after),
        AfterValue: text(after),
        BeforeValueFrom: 'ACTUAL_STATE',
        AfterValueFrom: 'TEMPLATE',
        AttributeChangeType: 'SyncWithActual',
      },
      Evaluation: 'Static' as const,
      ChangeSource: 'NoModification',
    }));
}

function attributeDetails(live: Resource, desired: Desired): Detail[] {
  const direct = (Attribute: string, before: unknown, after: unknown): Detail => ({
    Target: {
      Attribute,
      RequiresRecreation: 'Never',
      Path: `/${Attribute}`,
      ...(before !== undefined && { BeforeValue: text(before) }),
      ...(after !== undefined && { AfterValue: text(after) }),
      AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
    },
    Evaluation: 'Static',
    ChangeSource: 'DirectModification',
  });
  return [
    ...(hasMeta(live, desired) ? [direct('Metadata', live.metadata, desired.metadata)] : []),
    ...(live.deletionPolicy === desired.deletionPolicy
      ? []
      : [direct('DeletionPolicy', live.deletionPolicy, desired.deletionPolicy)]),
    ...(live.updateReplacePolicy === desired.updateReplacePolicy
      ? []
      : [direct('UpdateReplacePolicy', live.updateReplacePolicy, desired.updateReplacePolicy)]),
    ...(tagProperty(live.type) && !same(live.tags, desired.tags)
      ? [direct('Tags', tagList(live.tags), tagList(desired.tags))]
      : []),
  ];
}

const hasMeta = (live: Resource, desired: Desired): boolean =>
  !same(live.metadata, desired.metadata) && (live.metadata !== undefined || desired.metadata !== undefined);

const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function shown(value: unknown): unknown {
  if (value instanceof Unknown) return knownAfterApply;
  if (Array.isArray(value)) return value.map(shown);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)])) : value;
}

function text(value: unknown): string {
  const plain = shown(value);
  return typeof plain === 'object' && plain !== null ? JSON.stringify(plain) : String(plain);
}

/**
 * The name that stands in the way of a replacement: the new one would have that of the old one.
 * "CloudFormation resource type reference", "Name type": such updates are refused until it is renamed.
 */
export function nameInTheWay(type: string, before: Properties, after: Properties): string | undefined {
  const property = nameProperty(type);
  const name = property && after[property];
  if (property === undefined || name === undefined) return undefined;
  // Within something else, as a stage within its API, the same name is another one.
  const parts = [property, ...surroundingProperties(type)];
  return parts.every((part) => same(before[part] ?? '', after[part] ?? '')) ? String(name) : undefined;
}
