import { availableParallelism } from 'node:os';
import { infra } from '../infra/config.ts';
import type { InfraConfig } from '../wire.ts';
import { workerRole } from '../workers/role.ts';
import { failStart } from './fail-start.ts';

/**
 * In a process whose configuration wants several workers: starts them, and leads them for as long as it lives, so that what follows
 * is done by the workers alone. Elsewhere it does nothing.
 */
export async function workersOnly(): Promise<void> {
  try {
    const config = infra();
    if (!leads(config)) return;
    const { leadWorkers } = await import('../workers/lead.ts');
    await leadWorkers(config, workersOf(config));
  } catch (error) {
    failStart(error);
  }
}

/** Whether this process only leads workers, and does nothing of what they do. */
export function leads(config: InfraConfig): boolean {
  return !workerRole() && workersOf(config) > 1;
}

/** 0 in the configuration stands for as many as the process may use CPUs, which control groups limit. */
function workersOf({ worker_threads = 1 }: InfraConfig): number {
  return worker_threads === 0 ? availableParallelism() : worker_threads;
}
