import type { Environment } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import { isFree } from './free-port.ts';
import { readStatus, type Supervision } from './supervisor/client.ts';

/**
 * Looks before anything is started for the environment whether its front door can have its port.
 * @throws UserError FL4014 when another program has it
 */
export async function refuseTakenPort(
  port: number,
  supervision: Promise<Supervision>,
  environment: Environment,
): Promise<void> {
  if (await isFree(port)) return;
  const status = await readStatus(await supervision);
  // A supervisor of another version had it, and has been replaced.
  if (status?.front === port || (await isFree(port))) return;
  throw portInUse(port, environment, status?.release !== undefined);
}

/** A UserError FL4014. @param former whether a former release answers */
export function portInUse(port: number, { application, name }: Environment, former: boolean): UserError {
  return new UserError({
    code: 'FL4014',
    severity: 'error',
    message: `port ${port} of ${application}/${name} is in use by another program; ${former ? 'the former release keeps answering' : 'nothing of it is left running'}`,
    help: 'Stop that program, or choose another port, for the environment in fairlead.json or by --port of run, and try again.',
  });
}
