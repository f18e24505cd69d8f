import { globalKeys, whoIs } from '../../iam/authorize.ts';
import { type Asked, evaluate, grantedBy } from '../../iam/evaluate.ts';
import { AwsError, type Call, type Principal, type Service, type World } from '../../model.ts';
import { arnOf } from '../../principal.ts';
import type { Iam, Role } from '../iam/model.ts';
import { tagsToRecord } from '../iam/roles.ts';
import { type Claims, claimsOf, type Issuer, verifyToken } from './token.ts';

export interface Sts extends Service {
  readonly id: 'sts';
  /**
   * Takes tokens of an issuer for those of an identity provider: `trustIssuer('token.actions.githubusercontent.com', { url })` for a
   * GitHub that is somewhere else.
   */
  trustIssuer(provider: string, issuer: Issuer): void;
}

/** "AWS Security Token Service API Reference". */
export function createSts(world: World): Sts {
  const issuers = new Map<string, Issuer>();
  const iam = () => world.service<Iam>('iam');

  return {
    id: 'sts',
    trustIssuer: (provider, issuer) => void issuers.set(provider, issuer),
    // The trust policy decides, and only it knows the session; see the operations.
    authorize: () => [],
    operations: {
      GetCallerIdentity: (_input, { principal }) => ({
        Account: principal.account,
        UserId: userId(iam, principal),
        Arn: arnOf(principal),
      }),
      AssumeRole(input, call) {
        const role = iam().findRole(call.account, input.RoleArn);
        const context = {
          ...globalKeys(world, call, input.RoleArn),
          'sts:RoleSessionName': input.RoleSessionName,
          ...(input.ExternalId && { 'sts:ExternalId': input.ExternalId }),
          ...Object.fromEntries((input.Tags ?? []).map(({ Key, Value }: Tag) => [`aws:RequestTag/${Key}`, Value])),
        };
        const asked = { who: whoIs(world, call.principal), resource: input.RoleArn, context };
        for (const action of ['sts:AssumeRole', ...(input.Tags?.length ? ['sts:TagSession'] : [])])
          if (!role || !mayAssume(role, { ...asked, action }, call))
            throw notAuthorized(call.principal, action, input.RoleArn);
        checkDuration(role!, input.DurationSeconds, call.principal.kind === 'role');
        return sessionFor(role!, input);
      },
      async AssumeRoleWithWebIdentity(input, call) {
        const action = 'sts:AssumeRoleWithWebIdentity';
        const { url, provider, claims } = await identify(input.WebIdentityToken, call.account);
        const role = iam().findRole(call.account, input.RoleArn);
        const context = { ...claimKeys(url, claims), 'sts:RoleSessionName': input.RoleSessionName };
        const who = { kind: 'federated' as const, provider };
        const asked: Asked = { who, action, resource: input.RoleArn, context };
        if (!role || !evaluate(asked, { resource: role.trust }).allowed)
          throw new AwsError('AccessDenied', `Not authorized to perform ${action}`, 403);
        checkDuration(role, input.DurationSeconds, false);
        return {
          ...sessionFor(role, input),
          Provider: provider,
          Audience: String(claims.aud),
          SubjectFromWebIdentityToken: String(claims.sub),
        };
      },
    },
  };

  /** In the same account a trust policy that names the caller is enough; one that names the account leaves it to the caller's policies. */
  function mayAssume(role: Role, asked: Asked, { principal }: Call): boolean {
    if (grantedBy(role.trust, asked) === 'no') return false;
    const own = principal.kind === 'role' ? iam().policiesOf(principal.account, principal.role) : {};
    const session = principal.kind === 'role' && principal.policies ? { session: principal.policies } : {};
    return evaluate(asked, { ...own, ...session, resource: role.trust }).allowed;
  }

  async function identify(token: string, account: string): Promise<{ url: string; provider: string; claims: Claims }> {
    const { iss } = claimsOf(token);
    const known = [...issuers].find(([, issuer]) => issuer.url === iss);
    const url = known?.[0] ?? String(iss).replace(/^https:\/\//, '');
    const arn = `arn:aws:iam::${account}:oidc-provider/${url}`;
    const provider = iam().state.providers.get(arn);
    if (!provider)
      throw new AwsError('InvalidIdentityToken', `No OpenIDConnect provider found in your account for ${iss}`);
    const claims = await verifyToken(token, known?.[1] ?? { url: String(iss) }, world.clock.now());
    if (!provider.audiences.includes(String(claims.aud)))
      throw new AwsError('InvalidIdentityToken', 'Incorrect token audience');
    return { url, provider: arn, claims };
  }

  function sessionFor(role: Role, input: SessionInput) {
    const { RoleSessionName: session, DurationSeconds = 3600, Policy, PolicyArns = [], Tags } = input;
    const expires = world.clock.now() + DurationSeconds * 1000;
    const policies = [...(Policy ? [Policy] : []), ...PolicyArns.map(({ arn }) => managedDocument(arn))];
    const keys = world.credentials.issue({
      kind: 'role',
      account: role.account,
      role: role.name,
      session,
      expires,
      ...(policies.length > 0 && { policies }),
      ...(Tags && { tags: tagsToRecord(Tags) }),
    });
    return {
      Credentials: {
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        SessionToken: keys.sessionToken,
        Expiration: new Date(expires),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${session}`,
        Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`,
      },
      PackedPolicySize: 0,
    };
  }

  function managedDocument(arn: string): string {
    const policy = iam().state.policies.get(arn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    if (!version) throw new AwsError('MalformedPolicyDocument', `The policy ${arn} does not exist.`);
    return version.document;
  }
}

interface Tag {
  Key: string;
  Value: string;
}

interface SessionInput {
  RoleSessionName: string;
  DurationSeconds?: number;
  Policy?: string;
  PolicyArns?: { arn: string }[];
  Tags?: Tag[];
}

/** "AssumeRole": from 15 minutes to what the role sets as its most; an hour where one role is assumed from another. */
function checkDuration({ maxSession }: Role, seconds = 3600, chained = false): void {
  if (seconds < 900)
    throw new AwsError(
      'ValidationError',
      "1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
  if (chained && seconds > 3600)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  if (seconds > maxSession)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
}

function notAuthorized(principal: Principal, action: string, resource: string): AwsError {
  return new AwsError(
    'AccessDenied',
    `User: ${arnOf(principal)} is not authorized to perform: ${action} on resource: ${resource}`,
    403,
  );
}

/** "Unique identifiers" of callers. */
function userId(iam: () => Iam, principal: Principal): string {
  if (principal.kind !== 'role') return principal.account;
  return `${iam().findRole(principal.account, principal.role)?.id ?? ''}:${principal.session}`;
}

/**
 * "Available keys for AWS web identity federation": of any provider the subject and the audience, and of GitHub some more, since January
 * 2026. Other claims are no keys, and a condition on one is never met.
 */
const claimsOfGithub = [
  'actor',
  'actor_id',
  'job_workflow_ref',
  'repository',
  'repository_id',
  'workflow',
  'ref',
  'environment',
  'enterprise_id',
];

function claimKeys(url: string, claims: Claims): Record<string, string> {
  const names = ['sub', 'aud', ...(url === 'token.actions.githubusercontent.com' ? claimsOfGithub : [])];
  return Object.fromEntries(
    names.filter((name) => claims[name] !== undefined).map((name) => [`${url}:${name}`, String(claims[name])]),
  );
}
