import { AwsError, type Call, type Principal, type Wish, type World } from '../model.ts';
import { arnOf } from '../principal.ts';
import type { Iam } from '../services/iam/model.ts';
import { type Decision, evaluate, type Policies, type Who } from './evaluate.ts';
import type { Context } from './pattern.ts';

type By = Pick<Call, 'account' | 'region' | 'principal'>;

/** @throws AwsError AccessDenied, for the first that the caller may not */
export function authorize(world: World, by: By, wishes: readonly Wish[]): void {
  for (const wish of wishes) {
    const decision = decide(world, by, wish);
    if (!decision.allowed) throw denied(by.principal, wish, decision);
  }
}

export function decide(world: World, by: By, { action, resource, context }: Wish): Decision {
  const policies = policiesFor(world, by, resource);
  const asked = {
    who: whoIs(world, by.principal),
    action,
    resource,
    context: { ...globalKeys(world, by, resource), ...context },
  };
  return evaluate(asked, policies);
}

function policiesFor(world: World, { principal }: By, resource: string): Policies {
  const policy = world.services.get(resource.split(':')[2] ?? '')?.policyOf?.(resource);
  const ofResource = policy === undefined ? {} : { resource: policy };
  if (principal.kind !== 'role') return ofResource;
  const own = world.service<Iam>('iam').policiesOf(principal.account, principal.role);
  return { ...ofResource, ...own, ...(principal.policies && { session: principal.policies }) };
}

export function whoIs(world: World, principal: Principal): Who {
  if (principal.kind === 'service') return { kind: 'service', service: principal.service };
  const { account } = principal;
  if (principal.kind === 'root') return { kind: 'root', account };
  return { kind: 'role', account, arn: roleArn(world, principal), session: arnOf(principal) };
}

/** With its path, which sessions leave out. */
function roleArn(world: World, { account, role }: Extract<Principal, { kind: 'role' }>): string {
  const found = (world.services.get('iam') as Iam | undefined)?.findRole(account, role);
  return found?.arn ?? `arn:aws:iam::${account}:role/${role}`;
}

/** "AWS global condition context keys". Calls come over plain HTTP here, where AWS takes none; as if they had come over TLS. */
export function globalKeys(world: World, { principal, region }: By, resource: string): Context {
  const now = world.clock.now();
  const keys: Record<string, string> = {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:RequestedRegion': region,
    'aws:SecureTransport': 'true',
  };
  const account = resource.split(':')[4];
  if (account) keys['aws:ResourceAccount'] = account;
  if (principal.kind === 'service') return { ...keys, 'aws:PrincipalServiceName': principal.service };
  keys['aws:PrincipalAccount'] = principal.account;
  keys['aws:PrincipalType'] = principal.kind === 'root' ? 'Account' : 'AssumedRole';
  keys['aws:PrincipalArn'] = principal.kind === 'role' ? roleArn(world, principal) : arnOf(principal);
  if (principal.kind === 'root') return keys;
  const tags = Object.entries(principal.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return { ...keys, ...Object.fromEntries(tags) };
}

/** "Troubleshoot access denied error messages". */
export function denied(
  principal: Principal,
  { action, resource }: Pick<Wish, 'action' | 'resource'>,
  decision: Refusal,
): AwsError {
  const { how, kind } = decision;
  const why =
    how === 'explicit'
      ? `with an explicit deny in ${kind.startsWith('i') ? 'an' : 'a'} ${kind}`
      : `because no ${kind} allows the ${action} action`;
  const what = `${action}${resource === '*' ? '' : ` on resource: ${resource}`}`;
  return new AwsError('AccessDenied', `User: ${arnOf(principal)} is not authorized to perform: ${what} ${why}`, 403);
}

type Refusal = Extract<Decision, { allowed: false }>;
