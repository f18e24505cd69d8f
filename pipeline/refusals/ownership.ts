import { UserError } from '../../analyzer/diagnostic.ts';
import type { Environment } from '../environment.ts';

/** An environment, and whom it was put up for: `owner/name`, or by hand. */
export interface Owned {
  environment: Environment;
  repository?: string;
}

/** How a target speaks of where it is, and of the way out of a conflict there. */
export interface OwnershipWords {
  /** `on this machine`, `in the account 123456789012`. */
  where: string;
  /** How the workflows of one of two repositories get a place of their own: a clause after `or`. */
  apart: string;
}

/** Whether a target that works for a repository may have to do with an environment; one that works for nobody may. */
export function isOwn({ repository: owner }: Pick<Owned, 'repository'>, repository: string | undefined): boolean {
  // As GitHub compares them.
  return repository === undefined || owner?.toLowerCase() === repository.toLowerCase();
}

/** @throws UserError FL4020 when the environment is there and was not put up for the repository */
export function refuseForeign(record: Owned | undefined, repository: string | undefined, words: OwnershipWords): void {
  if (record && !isOwn(record, repository)) throw foreign(record, repository!, words);
}

/**
 * Names of applications are chosen in the sources, so another repository's application of the same name has nothing to look for
 * here: its environments would get the same secrets and releases.
 * @param records of all environments of the application
 * @throws UserError FL4020
 */
export function refuseNamesake(records: readonly Owned[], repository: string | undefined, words: OwnershipWords): void {
  const other = records.find((record) => record.repository !== undefined && !isOwn(record, repository));
  if (other) throw foreign(other, repository!, words);
}

function foreign({ environment, repository: owner }: Owned, repository: string, words: OwnershipWords): UserError {
  const { application, name } = environment;
  const { where, apart } = words;
  return new UserError({
    code: 'FL4020',
    severity: 'error',
    message:
      owner === undefined
        ? `${name} of ${application} was put up by hand ${where}, not by the repository ${repository}`
        : `${name} of ${application} ${where} belongs to the repository ${owner}, not to ${repository}`,
    help:
      owner === undefined
        ? `Remove it ${where} with fairlead destroy --env ${name}, or give the workflows ${apart}.`
        : `Give the application another name in fairlead.json, or the workflows of one of the two ${apart}.`,
  });
}
