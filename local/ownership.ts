import type { Environment } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import type { EnvironmentRecord } from './environments.ts';

/** Whether a target that works for a repository may have to do with an environment; one that works for nobody may. */
export function isOwn({ repository: owner }: Pick<EnvironmentRecord, 'repository'>, repository: string | undefined) {
  // As GitHub compares them.
  return repository === undefined || owner?.toLowerCase() === repository.toLowerCase();
}

/** @throws UserError FL4020 when the environment is there and was not put up for the repository */
export function refuseForeign(record: EnvironmentRecord | undefined, repository: string | undefined): void {
  if (record && !isOwn(record, repository)) throw foreign(record.environment, record.repository, repository!);
}

/**
 * Names of applications are chosen in the sources, so another repository's application of the same name has nothing to look for
 * here: its environments would get the same secrets and releases.
 * @param records of all environments of the application
 * @throws UserError FL4020
 */
export function refuseNamesake(records: readonly EnvironmentRecord[], repository: string | undefined): void {
  const other = records.find((record) => record.repository !== undefined && !isOwn(record, repository));
  if (other) throw foreign(other.environment, other.repository, repository!);
}

function foreign({ application, name }: Environment, owner: string | undefined, repository: string): UserError {
  return new UserError({
    code: 'FL4020',
    severity: 'error',
    message:
      owner === undefined
        ? `${name} of ${application} was put up by hand on this machine, not by the repository ${repository}`
        : `${name} of ${application} on this machine belongs to the repository ${owner}, not to ${repository}`,
    help:
      owner === undefined
        ? `Remove it on this machine with fairlead destroy --env ${name}, or give the workflows a state directory of their own with FAIRLEAD_STATE_DIR.`
        : 'Give the application another name in fairlead.json, or the workflows of one of the two a state directory of their own with FAIRLEAD_STATE_DIR.',
  });
}
