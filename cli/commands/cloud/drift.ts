import type { Drift } from '../../../pipeline/mod.ts';
import type { Context, Result } from '../../context.ts';
import { exitCodes } from '../../exit-codes.ts';
import { paint } from '../../paint.ts';
import { openCloud } from './open.ts';

/** What somebody changed by hand since the last deployment; with `revert`, brought back. */
export async function drift(
  context: Context,
  { env, revert = false }: { env: string; revert?: boolean },
): Promise<Result> {
  const { cloud, environment } = await openCloud(context, env);
  const { report } = context;
  const found = await (revert ? cloud.revert(environment, report) : cloud.drift(environment, report));
  const kept = found.length > 0 && !revert;
  return {
    document: { environment, reverted: revert, drift: found },
    text: [
      heading(env, found.length, revert),
      ...found.flatMap(describe),
      ...(kept ? [`To bring it back: fairlead drift --env ${env} --revert. To keep it, say so in the sources.`] : []),
    ].join('\n'),
    ...(kept && { exitCode: exitCodes.userError }),
  };
}

function heading(env: string, count: number, reverted: boolean): string {
  if (count === 0) return `${env} is as it was deployed.`;
  const things = count === 1 ? '1 resource' : `${count} resources`;
  return reverted
    ? `${things} of ${env} brought back to what was deployed:`
    : `${things} of ${env} ${count === 1 ? 'is' : 'are'} not as deployed:`;
}

function describe({ subject, resource, kind, differences }: Drift): string[] {
  return [
    `  ${paint('yellow', kind === 'deleted' ? '-' : '~')} ${subject} ${paint('dim', `(${resource})`)}${kind === 'deleted' ? ' was deleted' : ''}`,
    ...differences.map(
      ({ property, expected, actual }) => `      ${property}: ${paint('green', expected)} → ${paint('red', actual)}`,
    ),
  ];
}
