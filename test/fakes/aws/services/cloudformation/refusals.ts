import { AwsError } from '../../model.ts';

/** The words in which CloudFormation refuses. */
export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export const noStack = (name: string): AwsError => invalid(`Stack with id ${name} does not exist`);

/** By the operations that change something. */
export const noSuchStack = (name: string): AwsError => invalid(`Stack [${name}] does not exist`);

export const noChangeSet = (name: string): AwsError =>
  new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);

export const stackExists = (name: string): AwsError =>
  new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);

export const busy = (id: string, status: string): AwsError =>
  invalid(`Stack:${id} is in ${status} state and can not be updated.`);

/** AWS Common Runtime validation of inputs, as every service of AWS words it. */
export function constraint(value: string, member: string, rule: string): AwsError {
  return invalid(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`);
}
