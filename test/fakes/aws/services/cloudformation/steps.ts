import {
  AwsError,
  type Call,
  type Resource as Made,
  type Properties,
  type ResourceContext,
  type ResourceProvider,
  type World,
} from '../../model.ts';
import { uuid } from '../../random.ts';
import { standing } from './changes.ts';
import type { Desired } from './desire.ts';
import { reportResource } from './report.ts';
import { withRequestKeys } from './request-keys.ts';
import { resolveDynamic } from './secrets.ts';
import { violations } from './spec.ts';
import type { Operation, Resource, Stack } from './stack.ts';

/** What the steps of one operation share. */
export interface Work {
  world: World;
  stack: Stack;
  operation: Operation;
  provider(type: string): ResourceProvider;
  /** Who acts: the caller, or the role of the stack. */
  call: Call;
}

/** AWS DevOps blog, "How CloudFormation express mode accelerates your development cycle", and aws/aws-cdk-cli#1689. */
const expressReason =
  'Resource operation completed using Express Mode. It may continue becoming available in the background.';

/** AWS News Blog on Express mode (2026): deleting what takes 20 to 30 minutes is reported after about 10 seconds. */
const expressDelete = 10_000;

type Verb = 'create' | 'update' | 'delete';

/** "CloudFormation events": CREATE_IN_PROGRESS, again with the id, CONFIGURATION_COMPLETE, CREATE_COMPLETE. @returns whether it came to be */
export async function createResource(work: Work, desired: Desired, replaced?: Resource): Promise<boolean> {
  const { world, stack } = work;
  const verb = replaced ? 'UPDATE' : 'CREATE';
  const resource: Resource = {
    ...desired,
    incarnation: uuid(world.random),
    attributes: {},
    status: '',
    at: world.clock.now(),
    fresh: true,
  };
  stack.dirty.add(desired.logicalId);
  if (!replaced) stack.resources.set(desired.logicalId, resource);
  const early = replaced && {
    reason: 'Requested update requires the creation of a new physical resource; hence creating one.',
  };
  reportResource(world, stack, replaced ? shell(replaced, desired) : resource, `${verb}_IN_PROGRESS`, early ?? {});
  const initiated = (id: string) => {
    if (resource.physicalId === id) return;
    resource.physicalId = id;
    reportResource(world, stack, resource, `${verb}_IN_PROGRESS`, { reason: 'Resource creation Initiated' });
  };
  const failed = await attempt(work, resource, 'create', async (provider, context) => {
    checkProperties(resource);
    const properties = await resolveDynamic(world, work.call, resource.properties);
    const made = await provider.create(properties, { ...context, initiated });
    initiated(made.id);
    resource.attributes = made.attributes ?? {};
    await stabilize(work, resource, verb, provider, context);
  });
  if (replaced) {
    if (resource.physicalId !== undefined)
      settleReplacement(stack, resource, failed === undefined ? replaced : undefined);
    if (failed !== undefined) stack.resources.set(desired.logicalId, replaced);
  }
  const about = replaced && failed !== undefined ? replaced : resource;
  if (failed === undefined)
    reportResource(world, stack, resource, `${verb}_COMPLETE`, work.operation.express ? { reason: expressReason } : {});
  else reportResource(world, stack, about, `${verb}_FAILED`, { reason: failed });
  return failed === undefined;
}

const shell = (replaced: Resource, desired: Desired): Resource => ({ ...replaced, properties: desired.properties });

/** The new one takes the old one's place, which goes at the end; or the new one goes, because it failed. */
function settleReplacement(stack: Stack, made: Resource, replaced: Resource | undefined): void {
  stack.leftovers.push(replaced ?? made);
  if (replaced) stack.resources.set(made.logicalId, made);
}

/** In place. @returns whether it came to be */
export async function updateResource(work: Work, resource: Resource, desired: Desired): Promise<boolean> {
  const { world, stack } = work;
  const previous = resource.properties;
  stack.dirty.add(resource.logicalId);
  Object.assign(resource, desired);
  reportResource(world, stack, resource, 'UPDATE_IN_PROGRESS');
  const failed = await attempt(work, resource, 'update', async (provider, context) => {
    checkProperties(resource);
    const made = await provider.update(
      resource.physicalId as string,
      await resolveDynamic(world, work.call, resource.properties),
      previous,
      context,
    );
    take(resource, made);
    await stabilize(work, resource, 'UPDATE', provider, context);
  });
  if (failed === undefined)
    reportResource(world, stack, resource, 'UPDATE_COMPLETE', work.operation.express ? { reason: expressReason } : {});
  else reportResource(world, stack, resource, 'UPDATE_FAILED', { reason: failed });
  return failed === undefined;
}

function take(resource: Resource, made: Made): void {
  resource.physicalId = made.id;
  resource.attributes = { ...resource.attributes, ...made.attributes };
}

/** "DeletionPolicy attribute" and "UpdateReplacePolicy attribute". @returns whether it is gone, or left on purpose */
export async function deleteResource(
  work: Work,
  resource: Resource,
  policy: Resource['deletionPolicy'],
): Promise<boolean> {
  const { world, stack } = work;
  if (!standing({ ...resource, status: '' })) return true;
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') {
    reportResource(world, stack, resource, 'DELETE_SKIPPED');
    return true;
  }
  reportResource(world, stack, resource, 'DELETE_IN_PROGRESS');
  const failed = await attempt(work, resource, 'delete', async (provider, context) => {
    await provider.delete(resource.physicalId as string, resource.properties, {
      ...context,
      snapshot: policy === 'Snapshot',
    });
  });
  if (failed === undefined) reportResource(world, stack, resource, 'DELETE_COMPLETE');
  else reportResource(world, stack, resource, 'DELETE_FAILED', { reason: failed });
  return failed === undefined;
}

async function stabilize(
  work: Work,
  resource: Resource,
  verb: string,
  provider: ResourceProvider,
  context: ResourceContext,
): Promise<void> {
  const { world, stack, operation } = work;
  const wait = provider.latency?.stabilize ?? 0;
  if (operation.express || wait === 0 || verb === 'UPDATE') return;
  reportResource(world, stack, resource, `${verb}_IN_PROGRESS`, {
    reason: 'Eventual consistency check initiated',
    detailedStatus: 'CONFIGURATION_COMPLETE',
  });
  await world.clock.sleep(wait, { signal: context.signal });
}

/** @returns why it failed, in the words of the event */
async function attempt(
  work: Work,
  resource: Resource,
  verb: Verb,
  step: (provider: ResourceProvider, context: ResourceContext) => Promise<void>,
): Promise<string | undefined> {
  const { world, stack, operation } = work;
  const { signal } = operation.abort;
  const context = contextOf(work, resource);
  const provider = work.provider(resource.type);
  try {
    await world.faults.check({
      service: 'cloudformation-resource',
      operation: `${verb} ${resource.type}`,
      about: `${stack.name}/${resource.logicalId}`,
      call: stack.events.length,
    });
    const wishes = provider.wishes?.(verb, resource.properties, context, resource.physicalId) ?? [];
    world.authorize(work.call, withRequestKeys(wishes, verb, resource.type, context.tags));
    const wait = provider.latency?.[verb] ?? 0;
    await world.clock.sleep(verb === 'delete' && operation.express ? Math.min(wait, expressDelete) : wait, { signal });
    await step(provider, context);
    return signal.aborted && verb !== 'delete' ? cancelled(verb) : undefined;
  } catch (error) {
    return signal.aborted ? cancelled(verb) : reasonOf(world, error);
  }
}

const cancelled = (verb: Verb): string =>
  `Resource ${verb === 'create' ? 'creation' : verb === 'update' ? 'update' : 'deletion'} cancelled`;

function contextOf({ call, stack, operation }: Work, resource: Resource): ResourceContext {
  return {
    ...call,
    stack: { id: stack.id, name: stack.name },
    logicalId: resource.logicalId,
    tags: resource.tags,
    express: operation.express,
    signal: operation.abort.signal,
    initiated: () => undefined,
    snapshot: false,
  };
}

/** CloudFormation CLI User Guide, "Handler error codes". */
const handlerCodes: [RegExp, string][] = [
  [/AccessDenied|NotAuthorized|Unauthorized/i, 'AccessDenied'],
  [/AlreadyExist|Exists$|Duplicate|AlreadyOwned|NameInUse/i, 'AlreadyExists'],
  [/NotFound|NoSuch|NonExistent/i, 'NotFound'],
  [/Throttl|RequestLimit|TooManyRequests/i, 'Throttling'],
  [/LimitExceeded|QuotaExceeded/i, 'ServiceLimitExceeded'],
  [/NotStabilized/i, 'NotStabilized'],
  [/Conflict|InUse|DependencyViolation/i, 'ResourceConflict'],
  [/Validation|Invalid|Malformed/i, 'InvalidRequest'],
];

/** As events say it: `Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`. */
function reasonOf(world: World, error: unknown): string {
  if (!(error instanceof AwsError)) return `Internal Failure: ${error instanceof Error ? error.stack : error}`;
  if (error.code === 'Plain') return error.message;
  const code = handlerCodes.find(([pattern]) => pattern.test(error.code))?.[1] ?? 'GeneralServiceException';
  return `Resource handler returned message: "${error.message}" (RequestToken: ${uuid(world.random)}, HandlerErrorCode: ${code})`;
}

/** Refused by CloudFormation itself, before the service is asked. */
export const plainRefusal = (message: string): AwsError => new AwsError('Plain', message);

function checkProperties(resource: { type: string; logicalId: string; properties: Properties }): void {
  const found = violations(resource.type, resource.properties);
  if (found.length === 0) return;
  const lines = found.map(({ path, message }) => `#${path}: ${message}`);
  throw plainRefusal(
    `Properties validation failed for resource ${resource.logicalId} with message:\n${lines.join('\n')}`,
  );
}
