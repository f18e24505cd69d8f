import { requestId } from '../as-role.ts';
import type { ServiceRecord, State } from './model.ts';

/** ECS Developer Guide, "Viewing Amazon ECS service event messages": the newest hundred. */
const most = 100;

export function tell({ world }: State, service: ServiceRecord, text: string): void {
  const message = `(service ${service.name}) ${text}`;
  service.events.unshift({ id: requestId(world), createdAt: new Date(world.clock.now()), message });
  service.events.splice(most);
}
