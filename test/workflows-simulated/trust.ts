import { trustPolicy } from '../../github/bootstrap/aws/trust-policy.ts';
import { type RepositoryIdentity, trustsOf } from '../../github/bootstrap/trust.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import type { Value } from '../harness/expressions.ts';
import { NotModelled } from '../harness/not-modelled.ts';

export type Claims = Readonly<Record<string, Value>>;

/** What AWS would decide by: operator → key → values that are allowed. */
export type Condition = Record<string, Record<string, string | readonly string[]>>;

/** The policies that `fairlead bootstrap aws` writes for a repository, by environment. */
export function policiesOf(repository: Repository): Record<string, Condition> {
  const { owner, name, id, defaultBranch } = repository;
  const identity: RepositoryIdentity = { owner: owner.login, name, ownerId: owner.id, id, defaultBranch };
  return Object.fromEntries(
    trustsOf(identity, { forks: true }).map((trust) => [
      trust.environment,
      trustPolicy(identity, trust).Statement[0]!.Condition as Condition,
    ]),
  );
}

/**
 * Whether an identity may assume a role: every condition has to hold, and a key that a token does not have holds none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function isTrusted(claims: Claims, condition: Condition): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, allowed]) => {
      const claim = claims[key.replace(/^.*:/, '')];
      const values = typeof allowed === 'string' ? [allowed] : allowed;
      return typeof claim === 'string' && values.some((value) => fits(operator, claim, value));
    }),
  );
}

function fits(operator: string, claim: string, value: string): boolean {
  if (operator === 'StringEquals') return claim === value;
  if (operator !== 'StringLike') throw new NotModelled(`the condition ${operator}`);
  const source = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(claim);
}
