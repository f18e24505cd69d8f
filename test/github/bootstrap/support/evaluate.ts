import type { Claims } from './claims.ts';

type Condition = Record<string, Record<string, string | readonly string[]>>;

export interface PolicyDocument {
  Statement: { Effect: string; Action: string; Condition: Condition }[];
}

const issuer = 'token.actions.githubusercontent.com:';

/**
 * Whether AWS would let a token assume a role: every condition of a statement has to be met, each by one of its values, and a claim
 * that the token lacks meets none. After "IAM JSON policy elements: Condition" of AWS' documentation.
 */
export function mayAssume(policy: PolicyDocument, claims: Claims): boolean {
  return policy.Statement.some(
    ({ Effect, Action, Condition }) =>
      Effect === 'Allow' &&
      Action === 'sts:AssumeRoleWithWebIdentity' &&
      Object.entries(Condition).every(([operator, tests]) =>
        Object.entries(tests).every(([key, values]) => {
          if (!key.startsWith(issuer)) throw new Error(`nobody sets ${key}`);
          const claim = claims[key.slice(issuer.length)];
          return claim !== undefined && [values].flat().some((value) => operators(operator)(value, claim));
        }),
      ),
  );
}

function operators(name: string): (value: string, claim: string) => boolean {
  if (name === 'StringEquals') return (value, claim) => value === claim;
  if (name === 'StringLike') return (value, claim) => wildcard(value).test(claim);
  throw new Error(`the operator ${name} is not modelled`);
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
