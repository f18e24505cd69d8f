import { holdOf } from './history.ts';
import type { Deployed, Deployment, Ports } from './ports.ts';
import type { Source } from './release.ts';

/** An environment as it is, with what is known about how it came to be so. */
export interface EnvironmentStatus extends Deployed {
  /** Where the release that answers came from. */
  source?: Source;
  /** The rollback that holds it. */
  held?: Deployment;
  /** Newest first. */
  history: Deployment[];
}

/** Every environment that exists, of one application or of all. Reads only, and waits for nobody. */
export async function status(
  { application }: { application?: string },
  { target, forge, registry }: Pick<Ports, 'target' | 'forge' | 'registry'>,
): Promise<EnvironmentStatus[]> {
  const all = await target.list(application);
  return Promise.all(
    all.map(async (deployed) => {
      const history = await forge.deployments(deployed.environment);
      // The registry may know the same release by another commit, so the history goes first.
      const { release } = deployed;
      const source =
        history.find((entry) => entry.release === release && entry.source)?.source ??
        (release && (await registry.get(release))?.source);
      const held = holdOf(history);
      return { ...deployed, history, ...(source && { source }), ...(held && { held }) };
    }),
  );
}
