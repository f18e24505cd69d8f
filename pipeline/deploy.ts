import { UserError } from '../analyzer/diagnostic.ts';
import type { Plan } from './plan.ts';
import type { Outcome, Ports } from './ports.ts';
import { type Entry, record, recordingFailure } from './record.ts';

type DeployPorts = Pick<Ports, 'target' | 'forge' | 'clock' | 'report'>;

/**
 * Brings an environment to the plan and writes that down. To be called under the environment's lock.
 * @throws UserError FL3007 when secrets have no value, before anything changes; and whatever the target refuses.
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
    await requireSecrets(plan, ports);
    const outcome = await ports.target.apply(plan, ports.report);
    await record({ ...entry, url: outcome.url }, 'success', ports);
    return outcome;
  });
}

async function requireSecrets({ environment, secrets, release }: Plan, { target }: DeployPorts): Promise<void> {
  const missing = await target.secrets.missing(
    environment,
    secrets.map(({ name }) => name),
  );
  if (missing.length === 0) return;
  const declared = new Map(release.content.graph.secrets.map(({ name, position }) => [name, position]));
  throw new UserError(
    missing.map((name) => {
      const position = declared.get(name);
      return {
        code: 'FL3007',
        severity: 'error',
        message: `the secret ${name} has no value in ${environment.name}`,
        help: `Run fairlead secret set ${name} --type ${environment.type}, or --env ${environment.name} for this environment alone.`,
        ...(position && { position }),
      };
    }),
  );
}
