import type { Aws } from './aws.ts';
import { unlessMissing } from './errors.ts';
import type { EnvironmentClass } from './model.ts';
import { boundaryName, scopeOf } from './permissions/boundary.ts';

/** ARN of the policy that no role of an environment over the Foundation may exceed; undefined where `fairlead bootstrap aws` made none. */
export async function readBoundary(
  { clients, account }: Aws,
  foundation: string,
  type: EnvironmentClass,
): Promise<string | undefined> {
  const iam = await clients.iam();
  const arn = `arn:${account.partition}:iam::${account.id}:policy/${boundaryName(foundation, scopeOf(type))}`;
  const found = await unlessMissing(iam.getPolicy({ PolicyArn: arn }));
  return found?.Policy?.Arn;
}
