import { rollback as goBack, parseEnvironment, shortDigest } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { listChanges, summarize } from '../summary.ts';
import { openApplication } from '../wiring.ts';

interface Options {
  env: string;
  to?: string;
  reason?: string;
  dryRun?: boolean;
  allowDataLoss?: string[];
}

/** Brings a former release back and holds the environment. */
export async function rollback(
  context: Context,
  { env, to, reason, dryRun = false, allowDataLoss }: Options,
): Promise<Result> {
  const { application, config, ports } = await openApplication(context, { ...(allowDataLoss && { allowDataLoss }) });
  const request = {
    environment: parseEnvironment(application, env),
    config,
    dryRun,
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
  };
  const result = await goBack(request, ports);
  if (result.kind === 'held') {
    const { release, at } = result.by;
    return {
      document: result,
      text: `${env} was already rolled back${release ? ` to ${shortDigest(release)}` : ''} at ${at} and is held; nothing changed.\nTo another release: fairlead rollback --env ${env} --to <digest>. When promotions may pass again: fairlead resume --env ${env}`,
      exitCode: exitCodes.refused,
    };
  }
  // Only who names the release to go back from can be too late.
  if (result.kind === 'superseded') throw new Error(`${result.by} answers`);
  const { kind, from, plan, outcome, missingSecrets } = result;
  if (!outcome) {
    const { environment, release, changes } = plan;
    return {
      document: { kind, environment, from, release: release.digest, changes, missingSecrets },
      text: [
        `${env} would go back from ${shortDigest(from)} to ${shortDigest(release.digest)}`,
        ...listChanges(changes),
        ...missingSecrets.map((name) => `It would be refused: the secret ${name} has no value.`),
      ].join('\n'),
    };
  }
  const { document, text } = summarize({ kind, plan, outcome });
  return {
    document: { ...document, from },
    text: `${text}\nIt is held: promotions do nothing until fairlead resume --env ${env}`,
  };
}
