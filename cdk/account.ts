import type { Clients } from './clients.ts';
import { awsError } from './errors.ts';
import type { Account } from './model.ts';

/**
 * Whose credentials these are, and where they work.
 * @param wanted twelve digits; @default any
 * @throws UserError FL7108 when they are of another account
 */
export async function readAccount(clients: Clients, wanted?: string): Promise<Account> {
  const sts = await clients.sts();
  const region = await sts.config.region();
  const { Account: id = '', Arn = '' } = await sts.getCallerIdentity({});
  if (wanted !== undefined && id !== wanted)
    throw awsError(
      'FL7108',
      `the credentials are of the account ${id}, and fairlead.json says ${wanted}`,
      'Use a profile or a role of that account, or change `aws.account`.',
    );
  return { id, region, partition: Arn.split(':')[1] || 'aws' };
}
