import type { Environment } from './environment.ts';
import { isHalfDestroyed } from './history.ts';
import type { Destroyed, Ports } from './ports.ts';
import type { Unwanted } from './preview-policy.ts';
import { savingOf } from './prices.ts';
import { type Entry, record, recordingFailure } from './record.ts';
import { renderComment } from './render-comment.ts';
import type { Saving } from './tell/content.ts';

export type RemovePorts = Pick<Ports, 'target' | 'forge' | 'clock' | 'report'>;

/**
 * Destroys an environment, writes that down and tells its pull request; undefined when there is nothing to destroy. To
 * be called under the environment's lock.
 * @param unwanted why its pull request shall have none
 */
export async function remove(
  environment: Environment,
  ports: RemovePorts,
  unwanted?: Unwanted,
): Promise<Destroyed | undefined> {
  const { target, forge, report } = ports;
  const [deployed, history] = await Promise.all([target.read(environment), forge.deployments(environment)]);
  if (!deployed && !isHalfDestroyed(history)) return undefined;
  const entry: Entry = { environment, action: 'destroy' };
  return recordingFailure(entry, ports, async () => {
    await record(entry, 'started', ports);
    const saved = deployed && (await savingOf(environment, ports));
    const destroyed = await target.destroy(environment, report);
    await tell(environment, { ...destroyed, ...(unwanted && { unwanted }), ...(saved && { saved }) }, ports);
    await record(entry, destroyed.left.length === 0 ? 'success' : 'failure', ports);
    return destroyed;
  });
}

async function tell(
  environment: Environment,
  removal: Destroyed & { unwanted?: Unwanted; saved?: Saving },
  { forge, clock }: RemovePorts,
): Promise<void> {
  const { pullRequest } = environment;
  if (pullRequest === undefined || !(await forge.pullRequest(pullRequest))) return;
  const at = clock.now().toISOString();
  await forge.comment(pullRequest, renderComment({ state: 'removed', environment, ...removal, at }));
}
