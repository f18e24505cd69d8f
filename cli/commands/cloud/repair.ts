import { parseEnvironment } from '../../../pipeline/mod.ts';
import type { Context, Result } from '../../context.ts';
import { openApplication } from '../../wiring.ts';
import { cloudOf } from './open.ts';

/** Takes an environment out of a state in which no deployment can go on; also one that was never there in full. */
export async function repair(context: Context, { env }: { env: string }): Promise<Result> {
  const opened = await openApplication(context);
  const environment = parseEnvironment(opened.application, env);
  const cloud = cloudOf(opened);
  const done = await opened.ports.lock.hold(environment, () => cloud.repair(environment, context.report));
  return {
    document: { environment, repaired: done },
    text:
      done.length === 0
        ? `There is nothing to repair in ${env}.`
        : [`${env} was repaired:`, ...done.map((one) => `  - ${one.wrong}: ${one.done}`)].join('\n'),
  };
}
