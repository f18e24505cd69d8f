import { parseEnvironment, promote as rollOut, shortDigest, smokeFor } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { smokeCommand } from '../smoke-command.ts';
import { listChanges, summarize } from '../summary.ts';
import { openApplication } from '../wiring.ts';

/** Rolls the sources out to an environment that lives on. */
export async function promote(
  context: Context,
  { env, allowDataLoss }: { env: string; allowDataLoss?: string[] },
): Promise<Result> {
  const { application, config, ports } = await openApplication(context, { ...(allowDataLoss && { allowDataLoss }) });
  const environment = parseEnvironment(application, env);
  const command = smokeFor(config, environment)?.command;
  const check = command === undefined ? {} : { check: smokeCommand(command, context) };
  const result = await rollOut({ environment, root: context.directory, config, ...check }, ports);
  if (result.kind === 'superseded') {
    const { release, commit } = result.by;
    return {
      document: result,
      text: `${env} runs ${shortDigest(release)}, which comes from the later commit ${commit}; nothing changed.`,
      exitCode: exitCodes.refused,
    };
  }
  if (result.kind === 'held') {
    const { release, reason, at } = result.by;
    const to = release ? ` to ${shortDigest(release)}` : '';
    const runs = (await ports.target.read(environment))?.state === 'running';
    return {
      document: result,
      text: [
        `${env} is held since it was rolled back${to} at ${at}${reason ? `: ${reason}` : ''}.`,
        ...(runs ? [] : [`It does not run. To start what it ran: fairlead start --env ${env}`]),
        `When promotions may pass again: fairlead resume --env ${env}`,
      ].join('\n'),
      exitCode: exitCodes.refused,
    };
  }
  const { document, text } = summarize(result);
  return { document, text: [text, ...listChanges(result.plan.changes)].join('\n') };
}
