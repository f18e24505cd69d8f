import type { Environment } from './environment.ts';
import { holdOf } from './history.ts';
import type { Deployment, Ports } from './ports.ts';
import { record } from './record.ts';

export type ResumeResult = { kind: 'resumed'; rollback: Deployment } | { kind: 'not-held' };

/** Ends the hold of a rollback: the next promotion goes through again. Changes nothing that runs. */
export async function resume(
  { environment, reason }: { environment: Environment; reason?: string },
  ports: Pick<Ports, 'forge' | 'lock' | 'clock'>,
): Promise<ResumeResult> {
  return ports.lock.hold(environment, async () => {
    const rollback = holdOf(await ports.forge.deployments(environment));
    if (!rollback) return { kind: 'not-held' };
    const entry = { environment, action: 'resume' as const, ...(reason !== undefined && { reason }) };
    await record(entry, 'success', ports);
    return { kind: 'resumed', rollback };
  });
}
