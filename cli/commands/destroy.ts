import { UserError } from '../../analyzer/diagnostic.ts';
import { destroyEnvironment, parseEnvironment } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { noSuchEnvironment, openApplication } from '../wiring.ts';

/** Removes every trace of an environment. */
export async function destroy(context: Context, { env }: { env: string }): Promise<Result> {
  const { application, ports } = await openApplication(context);
  const environment = parseEnvironment(application, env);
  const destroyed = await destroyEnvironment(environment, ports);
  if (!destroyed) throw await noSuchEnvironment(environment, ports);
  const { removed, left } = destroyed;
  if (left.length > 0) {
    throw new UserError(
      left.map(({ what, why }) => ({
        code: 'FL5009',
        severity: 'error',
        message: `Of ${env}, ${what} could not be removed: ${why}`,
        help: 'Mend the cause and run the command again; it goes on where it stopped.',
      })),
    );
  }
  return {
    document: { environment, ...destroyed },
    text: [`${env} of ${application} is gone`, ...removed.map((what) => `  - ${what}`)].join('\n'),
  };
}
