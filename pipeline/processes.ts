import type { Graph } from '../analyzer/mod.ts';
import type { Allocation } from './plan.ts';

export interface Process {
  /** `app` for all in one; else the service's name, or `gateway`. */
  name: string;
  services: string[];
  gateway: boolean;
}

/**
 * The processes an application runs as. Names of services cannot clash with `app`, since the two allocations are never
 * deployed together, nor with `gateway`: a service of that name gives the gateway's process the name `api-gateway`.
 */
export function processesOf(graph: Graph, allocation: Allocation): Process[] {
  const services = graph.services.map((service) => service.name);
  if (allocation === 'all-in-one') return [{ name: 'app', services, gateway: true }];
  return [
    { name: services.includes('gateway') ? 'api-gateway' : 'gateway', services: [], gateway: true },
    ...services.map((name) => ({ name, services: [name], gateway: false })),
  ];
}

/** The key of a process in `ReleaseContent.images`: unique over both allocations. */
export function imageKey(allocation: Allocation, process: string): string {
  return `${allocation}/${process}`;
}
