import type { Diagnostic, Plan } from '../../pipeline/mod.ts';
import { UserError } from '../../pipeline/user-error.ts';
import type { Aws } from '../aws.ts';
import { unless } from '../errors.ts';

/** A quota of an account, and how much of it is used now. */
interface Quota {
  service: string;
  code: string;
  what: string;
  /** More that the plan would use. */
  wants: (plan: Plan) => number;
  used: (aws: Aws) => Promise<number>;
}

/** What runs out first in accounts with many environments. Codes as Service Quotas lists them. */
const quotas: readonly Quota[] = [
  {
    service: 'cloudformation',
    code: 'L-0485CB21',
    what: 'stacks',
    wants: () => 1,
    used: async ({ clients }) => {
      const cloudFormation = await clients.cloudFormation();
      let count = 0;
      let NextToken: string | undefined;
      do {
        const page = await cloudFormation.describeStacks({ ...(NextToken && { NextToken }) });
        count += page.Stacks?.length ?? 0;
        ({ NextToken } = page);
      } while (NextToken);
      return count;
    },
  },
];

/** Who may not look at quotas deploys all the same: AWS itself says no when one is exceeded. @throws UserError FL7122 */
export async function refuseQuotas(aws: Aws, plan: Plan): Promise<void> {
  const client = await aws.clients.quotas();
  const found = await Promise.all(
    quotas.map(async ({ service, code, what, wants, used }): Promise<Diagnostic[]> => {
      const answer = await unless(client.getServiceQuota({ ServiceCode: service, QuotaCode: code }), () => true);
      const most = answer?.Quota?.Value;
      if (most === undefined) return [];
      const now = await used(aws);
      if (now + wants(plan) <= most) return [];
      return [
        {
          code: 'FL7122',
          severity: 'error',
          message: `the account ${aws.account.id} has ${now} of at most ${most} ${what}, and ${plan.environment.name} needs ${wants(plan)} more`,
          help: `Remove what is not needed (fairlead list shows environments), or ask for more in Service Quotas: ${service} ${code}.`,
        },
      ];
    }),
  );
  const diagnostics = found.flat();
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
