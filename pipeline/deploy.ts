import type { Plan } from './plan.ts';
import type { Outcome, Ports } from './ports.ts';
import { type Entry, record, recordingFailure } from './record.ts';

type DeployPorts = Pick<Ports, 'target' | 'forge' | 'clock' | 'report'>;

/**
 * Brings an environment to the plan and writes that down. To be called under the environment's lock.
 * @throws UserError with whatever the target refuses
 */
export async function deploy(
  plan: Plan,
  { action, reason }: Pick<Entry, 'action' | 'reason'>,
  ports: DeployPorts,
): Promise<Outcome> {
  const { environment, release } = plan;
  const entry: Entry = {
    environment,
    action,
    release: release.digest,
    source: release.source,
    ...(reason === undefined ? {} : { reason }),
  };
  return recordingFailure(entry, ports, async () => {
    await record(entry, 'started', ports);
    const outcome = await ports.target.apply(plan, ports.report);
    await record({ ...entry, url: outcome.url }, 'success', ports);
    return outcome;
  });
}
