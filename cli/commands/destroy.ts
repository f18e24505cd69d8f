import { createInterface } from 'node:readline';
import { UserError } from '../../analyzer/diagnostic.ts';
import { destroyEnvironment, type Environment, parseEnvironment } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { existingEnvironment, noSuchEnvironment, openApplication } from '../wiring.ts';

/** Removes every trace of an environment. */
export async function destroy(context: Context, { env, yes = false }: { env: string; yes?: boolean }): Promise<Result> {
  const opened = await openApplication(context);
  const { application, ports } = opened;
  const environment = parseEnvironment(application, env);
  if (environment.type === 'production' && !yes) await confirm(await existingEnvironment(opened, env));
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

/** @throws UserError FL5011 when nobody is there to be asked, or whoever is does not type the environment's name */
async function confirm({ application, name }: Environment): Promise<void> {
  const question = `This removes ${name} of ${application} with all its data, for good. Type ${name} to go on: `;
  if (process.stdin.isTTY && (await ask(question)) === name) return;
  throw new UserError({
    code: 'FL5011',
    severity: 'error',
    message: `${name} of ${application} was not destroyed: it was not confirmed`,
    help: `Type its name when asked, or say so on the command line: fairlead destroy --env ${name} --yes.`,
  });
}

/** The line typed; empty at the end of the input. */
async function ask(question: string): Promise<string> {
  // Not as a terminal, which would take Ctrl-C away from us.
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise((resolve) => {
      prompt.once('close', () => resolve(''));
      prompt.question(question, (answer) => resolve(answer.trim()));
    });
  } finally {
    prompt.close();
  }
}
