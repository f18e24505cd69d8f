import type { World } from '../../model.ts';
import { uuid } from '../../random.ts';
import type { Event, Resource, Stack } from './stack.ts';

const limit = 20_000;

/** A new status of the stack, with its event. */
export function reportStack(world: World, stack: Stack, status: string, reason?: string): void {
  const at = world.clock.now();
  stack.status = status;
  if (reason === undefined) delete stack.reason;
  else stack.reason = reason;
  push(world, stack, {
    at,
    logicalId: stack.name,
    physicalId: stack.id,
    type: 'AWS::CloudFormation::Stack',
    status,
    ...(reason !== undefined && { reason }),
  });
}

/** A new status of a resource, with its event. */
export function reportResource(
  world: World,
  stack: Stack,
  resource: Resource,
  status: string,
  more: Pick<Event, 'reason' | 'detailedStatus'> = {},
): void {
  const at = world.clock.now();
  resource.status = status;
  resource.at = at;
  if (more.reason === undefined) delete resource.reason;
  else resource.reason = more.reason;
  push(world, stack, {
    at,
    logicalId: resource.logicalId,
    physicalId: resource.physicalId ?? '',
    type: resource.type,
    status,
    ...more,
    properties: JSON.stringify(resource.properties).slice(0, limit),
  });
}

function push(world: World, stack: Stack, event: Omit<Event, 'id'>): void {
  const { operation } = stack;
  const id =
    event.type === 'AWS::CloudFormation::Stack'
      ? uuid(world.random)
      : `${event.logicalId}-${event.status}-${new Date(event.at).toISOString()}-${stack.events.length}`;
  stack.events.push({
    id,
    ...event,
    ...(operation && { operation: operation.id }),
    ...(operation?.token !== undefined && { token: operation.token }),
  });
}
