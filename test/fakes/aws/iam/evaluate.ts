import { conditionsHold } from './conditions.ts';
import { type Context, matches, type Surroundings } from './pattern.ts';
import { list, type Policy, type Principals, parsePolicy, type Statement, statementsOf } from './policy.ts';

/** Who asks, as the `Principal` of a policy may name it. */
export type Who =
  /** `arn` is that of the role, `session` that of its session: `arn:aws:sts::…:assumed-role/role/session`. */
  | { kind: 'role'; account: string; arn: string; session?: string }
  | { kind: 'root'; account: string }
  | { kind: 'service'; service: string }
  /** Of an identity provider: its ARN, or its domain. */
  | { kind: 'federated'; provider: string }
  | { kind: 'anonymous' };

export interface Asked {
  who: Who;
  /** `sqs:SendMessage` */
  action: string;
  /** An ARN, or `*` for an action that is on none. */
  resource: string;
  /** Values of condition keys, such as `aws:RequestTag/fairlead:app`. */
  context?: Context;
}

/** Documents as objects or JSON text. */
export interface Policies {
  /** Of the role: its own and those attached to it. */
  identity?: readonly unknown[];
  /** Absent: no boundary. */
  boundary?: unknown;
  /** Absent: an ordinary session. */
  session?: readonly unknown[];
  /** Of the resource: a queue's, a bucket's, or the trust policy of a role. */
  resource?: unknown;
}

export type PolicyKind = 'identity-based policy' | 'permissions boundary' | 'session policy' | 'resource-based policy';

export type Decision =
  | { allowed: true }
  /** `explicit`: a policy of the kind denies it. `implicit`: none of the kind allows it. */
  | { allowed: false; how: 'explicit' | 'implicit'; kind: PolicyKind };

/**
 * What IAM decides within one account, without organisations. "Policy evaluation logic" and "Policy evaluation for requests within a
 * single account": a denial anywhere wins; otherwise the resource's policy or one of the identity has to allow it, and the boundary
 * and the session's policies as well.
 */
export function evaluate(asked: Asked, policies: Policies): Decision {
  const { identity = [], boundary, session, resource } = policies;
  const kinds: [PolicyKind, readonly unknown[]][] = [
    ['identity-based policy', identity],
    ['resource-based policy', resource === undefined ? [] : [resource]],
    ['permissions boundary', boundary === undefined ? [] : [boundary]],
    ['session policy', session ?? []],
  ];
  for (const [kind, documents] of kinds)
    if (documents.some((one) => applies(one, 'Deny', asked, kind))) return { allowed: false, how: 'explicit', kind };
  return allowance(asked, policies);
}

function allowance(asked: Asked, { identity = [], boundary, session, resource }: Policies): Decision {
  const { who } = asked;
  const granted = resource === undefined ? 'no' : grantedBy(resource, asked);
  // "Account root user": all that nothing denies.
  if (who.kind === 'root') return { allowed: true };
  if (who.kind !== 'role')
    return granted === 'no' ? { allowed: false, how: 'implicit', kind: 'resource-based policy' } : { allowed: true };
  // To name the session itself goes past boundary and session policies; to name the role does not.
  if (granted === 'to the session') return { allowed: true };
  const allows = (document: unknown) => applies(document, 'Allow', asked, 'identity-based policy');
  if (granted !== 'to the role' && !identity.some(allows))
    return { allowed: false, how: 'implicit', kind: 'identity-based policy' };
  if (boundary !== undefined && !allows(boundary))
    return { allowed: false, how: 'implicit', kind: 'permissions boundary' };
  if (session && !session.some(allows)) return { allowed: false, how: 'implicit', kind: 'session policy' };
  return { allowed: true };
}

type Grant = 'no' | 'to the account' | 'to the role' | 'to the session';

/**
 * How far a resource's policy lets somebody in. "AWS JSON policy elements: Principal": an account as principal only hands the decision
 * to the policies of its identities.
 */
export function grantedBy(resource: unknown, asked: Asked): Grant {
  const policy = parsePolicy(resource);
  const fitting = statementsOf(policy).filter((one) => one.Effect === 'Allow' && fits(one, policy, asked));
  const grants = fitting.map(({ Principal }) => (Principal === undefined ? 'no' : grantOf(Principal, asked.who)));
  const order: Grant[] = ['to the session', 'to the role', 'to the account'];
  return order.find((one) => grants.includes(one)) ?? 'no';
}

function grantOf(principals: Principals, who: Who): Grant {
  if (principals === '*') return 'to the role';
  const { AWS, Service, Federated } = principals;
  if (who.kind === 'service')
    return list(Service).includes(who.service) || list(AWS).includes('*') ? 'to the role' : 'no';
  if (who.kind === 'federated') return list(Federated).includes(who.provider) ? 'to the role' : 'no';
  const names = list(AWS);
  if (who.kind === 'role' && who.session && names.includes(who.session)) return 'to the session';
  if (names.includes('*') || (who.kind === 'role' && names.includes(who.arn))) return 'to the role';
  if (who.kind === 'anonymous') return 'no';
  return names.includes(who.account) || names.includes(`arn:aws:iam::${who.account}:root`) ? 'to the account' : 'no';
}

/** Whether the document has a statement with this effect for what is asked. */
function applies(document: unknown, effect: Statement['Effect'], asked: Asked, kind: PolicyKind): boolean {
  const policy = parsePolicy(document);
  return statementsOf(policy).some(
    (one) =>
      one.Effect === effect && (kind !== 'resource-based policy' || names(one, asked.who)) && fits(one, policy, asked),
  );
}

/** "AWS JSON policy elements: NotPrincipal": everybody else, with the account of a role that is named. */
function names({ Principal, NotPrincipal }: Statement, who: Who): boolean {
  if (NotPrincipal !== undefined) return grantOf(NotPrincipal, who) === 'no';
  return Principal !== undefined && grantOf(Principal, who) !== 'no';
}

/** A trust policy has no resource: it hangs on the one it is about. */
function fits(statement: Statement, { Version }: Policy, { action, resource, context = {} }: Asked): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const about: Required<Surroundings> = { context, version: Version };
  const isAction = (pattern: string) => matches(pattern, action, { anyCase: true });
  const isResource = (pattern: string) => matches(pattern, resource, about);
  if (Action !== undefined ? !list(Action).some(isAction) : list(NotAction).some(isAction)) return false;
  if (Resource !== undefined && !list(Resource).some(isResource)) return false;
  if (NotResource !== undefined && list(NotResource).some(isResource)) return false;
  return conditionsHold(Condition, about);
}
