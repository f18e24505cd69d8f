import { UserError } from '../../analyzer/diagnostic.ts';
import { type Destroyed, destroyEnvironment, type Environment, parseEnvironment } from '../../pipeline/mod.ts';
import { confirmed } from '../confirm.ts';
import type { Context, Result } from '../context.ts';
import { existingEnvironment, noSuchEnvironment, type Opened, openApplication } from '../wiring.ts';
import { cloudOf } from './cloud/open.ts';

interface Options {
  env?: string;
  /** The type of environments whose shared part is meant, instead of an environment. */
  foundation?: 'preview' | 'development' | 'production';
  yes?: boolean;
}

/** Removes every trace of an environment, or what lies under all of a type. */
export async function destroy(context: Context, { env, foundation, yes = false }: Options): Promise<Result> {
  const opened = await openApplication(context);
  if (foundation !== undefined) return destroyFoundation(opened, foundation, context, yes);
  if (env === undefined) throw new Error('the command line asks for one of the two');
  const { application, ports } = opened;
  const environment = parseEnvironment(application, env);
  if (environment.type === 'production' && !yes) await confirmEnvironment(await existingEnvironment(opened, env));
  const destroyed = await destroyEnvironment(environment, ports);
  if (!destroyed) throw await noSuchEnvironment(environment, ports);
  refuseLeftOvers(destroyed, env);
  return {
    document: { environment, ...destroyed },
    text: [`${env} of ${application} is gone`, ...linesOf(destroyed)].join('\n'),
  };
}

/** @throws UserError FL5021 on this machine, where environments share nothing that could be removed */
async function destroyFoundation(
  opened: Opened,
  type: NonNullable<Options['foundation']>,
  { report }: Context,
  yes: boolean,
): Promise<Result> {
  const cloud = cloudOf(opened);
  const { application } = opened;
  const what = `the foundation of ${type} environments`;
  if (!yes) await confirm(what, type, `fairlead destroy --foundation ${type} --yes`);
  const destroyed = await cloud.destroyFoundation(application, type, report);
  refuseLeftOvers(destroyed, what);
  return {
    document: { foundation: type, ...destroyed },
    text: [`${what} of ${application} is gone`, ...linesOf(destroyed)].join('\n'),
  };
}

function linesOf({ removed, kept = [] }: Destroyed): string[] {
  return [...removed.map((what) => `  - ${what}`), ...kept.map((what) => `  - ${what} is kept`)];
}

/** @throws UserError FL5009 when something is left */
function refuseLeftOvers({ left }: Destroyed, of: string): void {
  if (left.length === 0) return;
  throw new UserError(
    left.map(({ what, why }) => ({
      code: 'FL5009',
      severity: 'error',
      message: `Of ${of}, ${what} could not be removed: ${why}`,
      help: 'Mend the cause and run the command again; it goes on where it stopped.',
    })),
  );
}

function confirmEnvironment({ application, name }: Environment): Promise<void> {
  return confirm(`${name} of ${application}`, name, `fairlead destroy --env ${name} --yes`);
}

/** @throws UserError FL5011 when nobody is there to be asked, or whoever is does not type the name */
async function confirm(what: string, name: string, command: string): Promise<void> {
  const question = `This removes ${what} with all its data, for good. Type ${name} to go on: `;
  if (await confirmed(question, name)) return;
  throw new UserError({
    code: 'FL5011',
    severity: 'error',
    message: `${what} was not destroyed: it was not confirmed`,
    help: `Type its name when a terminal asks, or say so on the command line: ${command}.`,
  });
}
