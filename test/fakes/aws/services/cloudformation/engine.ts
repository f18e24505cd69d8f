import { nameInTheWay, standing } from './changes.ts';
import { compare } from './comparison.ts';
import { type Desired, desire } from './desire.ts';
import { asDrifted } from './drift.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { dependencies, inOrder } from './references.ts';
import { reportResource, reportStack } from './report.ts';
import { inParallel, type Outcome, reversed } from './schedule.ts';
import { activeResources, evaluateText, scopeOf } from './scope.ts';
import { same, tagProperty } from './spec.ts';
import type { Output, Resource, Settings, StableState, Stack } from './stack.ts';
import { createResource, deleteResource, updateResource, type Work } from './steps.ts';
import type { ResourceDeclaration } from './template.ts';

/** What an operation is told besides the stack. */
export interface Wants {
  imported(name: string): unknown;
  /** Which stack already exports the name. */
  exporter(name: string): Stack | undefined;
  onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  /** Of drift-aware change sets: what each resource really is. */
  actual?: ReadonlyMap<string, Record<string, unknown> | undefined>;
}

/** "Understand CloudFormation stack creation events": CREATE_IN_PROGRESS up to its end. */
export async function create(work: Work, wants: Wants): Promise<void> {
  const { world, stack, operation } = work;
  const outcome = await settle(work, wants);
  if (operation.interrupted === 'superseded') return;
  if (outcome.reason === undefined) return reach(work, 'CREATE_COMPLETE');
  const reason = outcome.reason || listed('create', outcome.failed);
  if (wants.onFailure === 'DO_NOTHING') return reportStack(world, stack, 'CREATE_FAILED', reason);
  if (wants.onFailure === 'DELETE') {
    reportStack(world, stack, 'DELETE_IN_PROGRESS', `${reason}Delete requested by user.`);
    return remove(work, { retain: new Set(), force: false });
  }
  reportStack(world, stack, 'ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
  return rollBackCreation(work);
}

/** Takes away what a first creation made. */
export async function rollBackCreation(work: Work): Promise<void> {
  const { world, stack } = work;
  fresh(work);
  const gone = await takeAway(work, everything(stack), creationPolicy(work));
  if (gone.failed.length > 0) return reportStack(world, stack, 'ROLLBACK_FAILED', listed('delete', gone.failed));
  stack.dirty.clear();
  stack.leftovers = [];
  reportStack(world, stack, 'ROLLBACK_COMPLETE');
}

/** "DeletionPolicy attribute": with RetainExceptOnCreate, what the rolled back operation itself made goes. */
const creationPolicy =
  ({ stack }: Work) =>
  (resource: Resource): Resource['deletionPolicy'] => {
    const except = resource.deletionPolicy === 'RetainExceptOnCreate' || stack.settings?.retainExceptOnCreate;
    return except && resource.fresh ? 'Delete' : resource.deletionPolicy;
  };

/** "Understand update behaviors of stack resources" and "Continue rolling back an update". */
export async function update(work: Work, wants: Wants): Promise<void> {
  const { world, stack, operation } = work;
  const outcome = await settle(work, wants);
  if (operation.interrupted === 'superseded') return;
  if (outcome.reason === undefined) {
    reportStack(world, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    fresh(work);
    const gone = await takeAway(work, [...stack.leftovers, ...unwanted(stack)], (resource) =>
      stack.leftovers.includes(resource) ? resource.updateReplacePolicy : resource.deletionPolicy,
    );
    for (const resource of unwanted(stack)) stack.resources.delete(resource.logicalId);
    return reach(
      work,
      'UPDATE_COMPLETE',
      gone.failed.length > 0 ? 'One or more resources could not be deleted.' : undefined,
    );
  }
  const reason =
    operation.interrupted === 'cancelled'
      ? 'User Initiated'
      : outcome.reason || listed('create', madeOf(work, outcome), 'update', outcome.failed);
  if (wants.onFailure === 'DO_NOTHING' && operation.interrupted !== 'cancelled') {
    return reportStack(world, stack, 'UPDATE_FAILED', reason);
  }
  reportStack(world, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  return rollBackUpdate(work, new Set());
}

const madeOf = ({ stack }: Work, { failed }: Outcome): string[] =>
  failed.filter((id) => stack.resources.get(id)?.status === 'CREATE_FAILED');

/** Puts back what was changed, then takes away what was new. */
export async function rollBackUpdate(work: Work, skipped: ReadonlySet<string>): Promise<void> {
  const { world, stack } = work;
  const stable = stack.stable as StableState;
  fresh(work);
  const graph = new Map([...stable.resources].map(([id, { dependsOn }]) => [id, dependsOn]));
  const outcome = await inParallel(graph, (id) => restore(work, id, stable.resources.get(id) as Resource, skipped));
  if (outcome.failed.length > 0) {
    return reportStack(world, stack, 'UPDATE_ROLLBACK_FAILED', listed('update', outcome.failed));
  }
  stack.settings = stable.settings;
  reportStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  const extra = everything(stack).filter(({ logicalId }) => !stable.resources.has(logicalId));
  await takeAway(work, [...stack.leftovers, ...extra], creationPolicy(work));
  for (const { logicalId } of extra) stack.resources.delete(logicalId);
  stack.outputs = stable.outputs;
  settled(stack);
  reportStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE');
}

async function restore(work: Work, id: string, old: Resource, skipped: ReadonlySet<string>): Promise<boolean> {
  const { world, stack } = work;
  const live = stack.resources.get(id);
  if (!stack.dirty.has(id) || !standing(old)) return true;
  if (!live || live.incarnation !== old.incarnation) {
    if (live) stack.leftovers.push(live);
    stack.leftovers = stack.leftovers.filter(({ incarnation }) => incarnation !== old.incarnation);
    stack.resources.set(id, { ...old });
    reportResource(world, stack, stack.resources.get(id) as Resource, 'UPDATE_COMPLETE');
  } else if (skipped.has(id)) {
    reportResource(world, stack, live, 'UPDATE_COMPLETE', { reason: 'Resource update skipped' });
  } else if (!(await updateResource(work, live, wanted(old)))) {
    return false;
  }
  stack.dirty.delete(id);
  return true;
}

function wanted({
  logicalId,
  type,
  properties,
  metadata,
  deletionPolicy,
  updateReplacePolicy,
  dependsOn,
  tags,
}: Resource): Desired {
  return { logicalId, type, properties, metadata, deletionPolicy, updateReplacePolicy, dependsOn, tags };
}

export interface Removal {
  retain: ReadonlySet<string>;
  /** "Delete a stack", FORCE_DELETE_STACK: what cannot be deleted is left behind. */
  force: boolean;
}

/** What is behind DELETE_IN_PROGRESS. */
export async function remove(work: Work, { retain, force }: Removal): Promise<void> {
  const { world, stack } = work;
  fresh(work);
  const gone = await takeAway(work, [...stack.leftovers, ...everything(stack)], (resource) =>
    retain.has(resource.logicalId) ? 'Retain' : resource.deletionPolicy,
  );
  if (gone.failed.length > 0 && !force) {
    return reportStack(world, stack, 'DELETE_FAILED', listed('delete', gone.failed));
  }
  for (const id of gone.failed) {
    const resource = stack.resources.get(id);
    if (resource) reportResource(world, stack, resource, 'DELETE_SKIPPED');
  }
  stack.deleted = world.clock.now();
  stack.outputs = [];
  settled(stack);
  reportStack(world, stack, 'DELETE_COMPLETE');
}

/** Deletes side by side, each after all that needs it. Failing ones do not stop the others. */
async function takeAway(
  work: Work,
  resources: readonly Resource[],
  policy: (resource: Resource) => Resource['deletionPolicy'],
): Promise<Outcome> {
  const there = [...new Set(resources)].filter(
    (one) => one.physicalId !== undefined && one.status !== 'DELETE_COMPLETE' && one.status !== 'DELETE_SKIPPED',
  );
  const keyed = new Map(there.map((one, index) => [`${one.logicalId}#${index}`, one]));
  const keysOf = (logicalId: string) => [...keyed].filter(([, one]) => one.logicalId === logicalId).map(([key]) => key);
  const graph = new Map([...keyed].map(([key, { dependsOn }]) => [key, dependsOn.flatMap(keysOf)]));
  const outcome = await inParallel(reversed(graph), (key) => {
    const resource = keyed.get(key) as Resource;
    return deleteResource(work, resource, policy(resource));
  });
  const ids = (keys: string[]) => keys.map((key) => (keyed.get(key) as Resource).logicalId);
  return { failed: ids(outcome.failed), left: ids(outcome.left) };
}

const everything = (stack: Stack): Resource[] => [...stack.resources.values()];

/** What is there but no longer in the template. */
function unwanted(stack: Stack): Resource[] {
  const scope = scopeOf(stack, stack.settings as Settings, silent);
  const active = activeResources((stack.settings as Settings).template, scope);
  return everything(stack).filter(({ logicalId }) => !active.has(logicalId));
}

const silent = { ref: () => '', attribute: () => '', imported: () => '' };

interface Settled extends Outcome {
  /** Absent: all is well. Empty: some resources failed. */
  reason?: string;
}

/** Makes or changes everything that the template asks for, and works out the outputs. */
async function settle(work: Work, wants: Wants): Promise<Settled> {
  const { stack, operation } = work;
  fresh(work);
  const settings = stack.settings as Settings;
  const scope = scopeOf(stack, settings, {
    imported: wants.imported,
    ref: (id) => stack.resources.get(id)?.physicalId,
    attribute: (id, name) => attributeOf(stack.resources.get(id), name),
  });
  const active = activeResources(settings.template, scope);
  const graph = dependencies(settings.template, active);
  inOrder(graph);
  const { abort } = operation;
  const outcome = await inParallel(graph, (id) => bringAbout(work, wants, id, graph.get(id) ?? [], scope), {
    signal: abort.signal,
    now: () => abort.abort(),
  });
  if (outcome.failed.length > 0 || operation.interrupted) return { ...outcome, reason: '' };
  const outputs = outputsOf(settings, scope);
  const taken = outputs.find(({ exportName }) => exportName !== undefined && wants.exporter(exportName));
  if (taken) {
    const other = wants.exporter(taken.exportName as string) as Stack;
    return { ...outcome, reason: `Export with name ${taken.exportName} is already exported by stack ${other.name}. ` };
  }
  stack.outputs = outputs;
  return outcome;
}

/** `Endpoint.Address` may be kept under its whole name, or within a map. */
function attributeOf(resource: Resource | undefined, name: string): unknown {
  const attributes = resource?.attributes ?? {};
  if (name in attributes) return attributes[name];
  const within = name
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], attributes);
  return within ?? resource?.properties[name];
}

async function bringAbout(work: Work, wants: Wants, id: string, dependsOn: string[], scope: Scope): Promise<boolean> {
  const { stack } = work;
  const settings = stack.settings as Settings;
  const desired = desire(id, settings.template.Resources[id] as ResourceDeclaration, scope, {
    dependsOn,
    tags: settings.tags,
  });
  const live = stack.resources.get(id);
  if (!live || !standing(live)) {
    if (live?.physicalId !== undefined && live.status === 'CREATE_FAILED') stack.leftovers.push(live);
    return createResource(work, desired);
  }
  const drifted = wants.actual?.has(id) ? wants.actual.get(id) : live.properties;
  if (!drifted) return createResource(work, desired);
  const before = asDrifted(live.properties, drifted);
  const changes = compare(live.type, before, desired.properties);
  const retagged = tagProperty(live.type) !== undefined && !same(live.tags, desired.tags);
  if (changes.length === 0 && !retagged) return keep(work, live, desired);
  if (changes.some(({ recreation }) => recreation === 'Always')) return replace(work, wants, live, desired);
  return updateResource(work, live, desired);
}

/** What is as it should be gets no event, unless it failed before. */
function keep({ world, stack }: Work, live: Resource, desired: Desired): boolean {
  const hadFailed = live.status.endsWith('_FAILED');
  Object.assign(live, desired);
  if (hadFailed) reportResource(world, stack, live, 'UPDATE_COMPLETE');
  return true;
}

/** "Stack failure options", limits: no replacement while rollback is disabled. "Name type": none of what a person named. */
async function replace(work: Work, wants: Wants, live: Resource, desired: Desired): Promise<boolean> {
  const { world, stack } = work;
  const refuse = (reason: string) => {
    stack.dirty.add(live.logicalId);
    reportResource(world, stack, live, 'UPDATE_FAILED', { reason });
    return false;
  };
  if (wants.onFailure === 'DO_NOTHING')
    return refuse('Replacement type updates not supported on stack with disable-rollback.');
  const name = nameInTheWay(live.type, live.properties, desired.properties);
  if (name !== undefined) {
    return refuse(
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
    );
  }
  return createResource(work, desired, live);
}

function outputsOf(settings: Settings, scope: Scope): Output[] {
  return Object.entries(settings.template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || evaluate({ Condition }, scope) === true)
    .map(([key, { Value, Description, Export }]) => {
      const exportName = Export && evaluateText(Export.Name, scope);
      return {
        key,
        value: textOf(evaluate(Value, scope)),
        ...(Description !== undefined && { description: Description }),
        ...(exportName !== undefined && { exportName }),
      };
    });
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Each part of an operation is ended apart from the others. */
function fresh({ operation }: Work): void {
  operation.abort = new AbortController();
}

/** A state to come back to. */
function reach({ world, stack }: Work, status: string, reason?: string): void {
  for (const resource of everything(stack)) resource.fresh = false;
  stack.stable = {
    settings: stack.settings as Settings,
    outputs: stack.outputs,
    resources: new Map([...stack.resources].map(([id, resource]) => [id, { ...resource }])),
  };
  settled(stack);
  reportStack(world, stack, status, reason);
}

function settled(stack: Stack): void {
  stack.dirty.clear();
  stack.leftovers = [];
}

/** "The following resource(s) failed to create: [A, B]. " */
function listed(verb: string, ids: readonly string[], other?: string, all: readonly string[] = []): string {
  const rest = all.filter((id) => !ids.includes(id));
  const say = (what: string, which: readonly string[]) =>
    which.length > 0 ? `The following resource(s) failed to ${what}: [${[...new Set(which)].join(', ')}]. ` : '';
  return say(verb, ids) + (other ? say(other, rest) : '');
}
