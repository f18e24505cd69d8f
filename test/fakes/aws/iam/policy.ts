/** A policy document, as it is written: "Grammar of the IAM JSON policy language". */
export interface Policy {
  Version?: string;
  Id?: string;
  Statement: Statement | Statement[];
}

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: Principals;
  NotPrincipal?: Principals;
  Action?: OneOrMore;
  NotAction?: OneOrMore;
  Resource?: OneOrMore;
  NotResource?: OneOrMore;
  /** Operator, key, values. */
  Condition?: Record<string, Record<string, unknown>>;
}

export type OneOrMore = string | string[];

export type Principals = '*' | Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', OneOrMore>>;

/** @param document an object, or JSON text */
export function parsePolicy(document: unknown): Policy {
  return (typeof document === 'string' ? JSON.parse(document) : document) as Policy;
}

export const statementsOf = (policy: Policy): Statement[] => list(policy.Statement);

export const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
