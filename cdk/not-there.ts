import type { Environment } from '../pipeline/mod.ts';
import type { UserError } from '../pipeline/user-error.ts';
import { awsError } from './errors.ts';

export function notThere({ application, name }: Environment, account: string): UserError {
  return awsError(
    'FL7125',
    `the environment ${name} of ${application} is not in the AWS account ${account}`,
    'Deploy it first; fairlead list shows what is there.',
  );
}
