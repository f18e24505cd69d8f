import { parseEnvironment, planEnvironment, shortDigest } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';
import { renderForesight } from '../render-foresight.ts';
import { listChanges } from '../summary.ts';
import { openApplication } from '../wiring.ts';

/** What rolling these sources out would change, and what would stand in the way. */
export async function plan(context: Context, { env }: { env: string }): Promise<Result> {
  const { application, config, ports } = await openApplication(context, { looking: true });
  const environment = parseEnvironment(application, env);
  const drawn = await planEnvironment({ environment, root: context.directory, config }, ports);
  const { refusals, missingSecrets } = drawn;
  const foresight = await ports.target.cloud?.foresee(drawn.plan, context.report);
  const { release, changes, ...rest } = drawn.plan;
  const look = { root: context.directory, from: process.cwd(), paint };
  return {
    document: {
      ...rest,
      release: release.digest,
      source: release.source,
      changes,
      refusals,
      missingSecrets,
      ...(foresight && { foresight }),
    },
    text: [
      `Release ${shortDigest(release.digest)} in ${paint('bold', env)} of ${application}:`,
      ...(changes.length > 0 ? listChanges(changes) : ['  the same services and resources']),
      ...missingSecrets.map((name) => `  ${paint('red', '!')} the secret ${name} has no value in ${env}`),
      ...(foresight ? ['', renderForesight(foresight, paint)] : []),
      ...(refusals.length > 0 ? [`\nIt would be refused:\n\n${renderDiagnostics(refusals, look)}`] : []),
    ].join('\n'),
  };
}
