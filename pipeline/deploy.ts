import type { Plan } from './plan.ts';
import type { Outcome, Ports, Review } from './ports.ts';
import { type Entry, record, recordingFailure } from './record.ts';

type DeployPorts = Pick<Ports, 'target' | 'forge' | 'clock' | 'report'>;

interface Applied {
  outcome: Outcome;
  /** What its reviewers were shown. */
  review?: Review;
}

/**
 * Brings an environment to the plan and writes that down. To be called under the environment's lock.
 * @param apply what brings it there, and has to be through before that counts as a success @default the target alone
 * @throws UserError with whatever is refused
 */
export async function deploy(
  plan: Plan,
  details: Pick<Entry, 'action' | 'reason'>,
  ports: DeployPorts,
  apply: () => Promise<Applied> = async () => ({ outcome: await ports.target.apply(plan, ports.report) }),
): Promise<Outcome> {
  const { environment, release } = plan;
  const entry: Entry = { environment, release: release.digest, source: release.source, ...details };
  return recordingFailure(entry, ports, async () => {
    await record(entry, 'started', ports);
    const { outcome, review } = await apply();
    await record({ ...entry, url: outcome.url, ...(review && { review }) }, 'success', ports);
    return outcome;
  });
}
