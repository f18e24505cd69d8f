import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { Statement } from './aws/iam/policy.ts';
import type { Sts } from './aws/services/sts/sts.ts';
import { fakeGitHub } from './github/fake.ts';

const start = '2026-11-02T09:00:00Z';
const account = '123456789012';
const roleArn = `arn:aws:iam::${account}:role/deployer`;
const anyone = { AWS: `arn:aws:iam::${account}:root` };

let aws: FakeAws;
beforeEach(async () => {
  aws = await makeFakeAws({ clock: 'manual', start });
});
afterEach(() => aws.dispose());

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const root = (): Keys => ({ accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! });
const options = (credentials = root()) => ({ endpoint: aws.url, region: 'eu-central-1', maxAttempts: 1, credentials });
const document = (...Statement: Partial<Statement>[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function makeRole(trust: Partial<Statement>, ...statements: Partial<Statement>[]): Promise<void> {
  const iam = new IAMClient(options());
  const AssumeRolePolicyDocument = document({ Effect: 'Allow', ...trust });
  await iam.send(new CreateRoleCommand({ RoleName: 'deployer', AssumeRolePolicyDocument, MaxSessionDuration: 7200 }));
  const PolicyDocument = document(...statements.map((one) => ({ Effect: 'Allow' as const, Resource: '*', ...one })));
  if (statements.length)
    await iam.send(new PutRolePolicyCommand({ RoleName: 'deployer', PolicyName: 'p', PolicyDocument }));
}

async function assume(more: object = {}, by = root()): Promise<Keys> {
  const { Credentials } = await new STSClient(options(by)).send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'run-1', ...more }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

const listRoles = (keys: Keys) => new IAMClient(options(keys)).send(new ListRolesCommand({}));

describe('who calls', () => {
  test('a signature by another secret is refused', async () => {
    const wrong = { ...root(), secretAccessKey: 'something-else' };
    await expect(listRoles(wrong)).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    const secrets = new SecretsManagerClient(options(wrong)).send(new GetSecretValueCommand({ SecretId: 'a' }));
    await expect(secrets).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('a key that nobody issued is refused', async () => {
    await expect(listRoles({ ...root(), accessKeyId: 'AKIANOBODY' })).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });

  test('a session needs its token', async () => {
    await makeRole({ Principal: anyone, Action: 'sts:AssumeRole' });
    const { sessionToken: _token, ...keys } = await assume();
    await expect(listRoles(keys)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('a session ends with the virtual clock', async () => {
    await makeRole({ Principal: anyone, Action: 'sts:AssumeRole' }, { Action: 'iam:*' });
    const keys = await assume({ DurationSeconds: 900 });
    const { Arn } = await new STSClient(options(keys)).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${account}:assumed-role/deployer/run-1`);
    await listRoles(keys);
    await aws.world.clock.advance(899_000);
    await listRoles(keys);
    await aws.world.clock.advance(1000);
    await expect(listRoles(keys)).rejects.toMatchObject({ name: 'ExpiredToken' });
    const secrets = new SecretsManagerClient(options(keys)).send(new GetSecretValueCommand({ SecretId: 'a' }));
    await expect(secrets).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });
});

describe('what a session may', () => {
  test('no more than its policies, in the words of AWS', async () => {
    await makeRole({ Principal: anyone, Action: 'sts:AssumeRole' }, { Action: 'iam:GetRole', Resource: roleArn });
    const keys = await assume();
    const iam = new IAMClient(options(keys));
    await iam.send(new GetRoleCommand({ RoleName: 'deployer' }));
    const who = `User: arn:aws:sts::${account}:assumed-role/deployer/run-1 is not authorized to perform: iam:GetRole`;
    await expect(iam.send(new GetRoleCommand({ RoleName: 'other' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `${who} on resource: arn:aws:iam::${account}:role/other because no identity-based policy allows the iam:GetRole action`,
    });
    const secrets = new SecretsManagerClient(options(keys)).send(new GetSecretValueCommand({ SecretId: 'a' }));
    await expect(secrets).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
  });

  test('no more than a session policy', async () => {
    await makeRole({ Principal: anyone, Action: 'sts:AssumeRole' }, { Action: 'iam:*' });
    const keys = await assume({ Policy: document({ Effect: 'Allow', Action: 'iam:GetRole', Resource: '*' }) });
    await new IAMClient(options(keys)).send(new GetRoleCommand({ RoleName: 'deployer' }));
    await expect(listRoles(keys)).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows'),
    });
  });

  test('anything, when permissions are not enforced', async () => {
    await aws.dispose();
    aws = await makeFakeAws({ enforceIam: false });
    await makeRole({ Principal: anyone, Action: 'sts:AssumeRole' });
    await listRoles(await assume());
  });
});

describe('AssumeRole', () => {
  const other = `arn:aws:iam::${account}:role/other`;

  test.each<[string, Partial<Statement>, object, string]>([
    ['a role that trusts somebody else', { Principal: { AWS: other }, Action: 'sts:AssumeRole' }, {}, 'AccessDenied'],
    [
      'a condition that is not met',
      { Principal: anyone, Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      {},
      'AccessDenied',
    ],
    [
      'tags without the right to them',
      { Principal: anyone, Action: 'sts:AssumeRole' },
      { Tags: [{ Key: 'a', Value: 'b' }] },
      'AccessDenied',
    ],
    [
      'a session that is too short',
      { Principal: anyone, Action: 'sts:AssumeRole' },
      { DurationSeconds: 60 },
      'ValidationError',
    ],
    [
      'a session longer than the role allows',
      { Principal: anyone, Action: 'sts:AssumeRole' },
      { DurationSeconds: 10_000 },
      'ValidationError',
    ],
  ])('refuses %s', async (_name, trust, input, name) => {
    await makeRole(trust);
    await expect(assume(input)).rejects.toMatchObject({ name });
  });

  test('a role that is named by the trust policy needs no policy of its own; one whose account is named does', async () => {
    const iam = new IAMClient(options());
    const trust = document({ Effect: 'Allow', Principal: anyone, Action: 'sts:AssumeRole' });
    await iam.send(new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: trust }));
    await makeRole({ Principal: { AWS: other }, Action: 'sts:AssumeRole' });
    await iam.send(new CreateRoleCommand({ RoleName: 'third', AssumeRolePolicyDocument: trust }));
    const keys = await assume({ RoleArn: other });
    await assume({}, keys);
    await expect(assume({ RoleArn: `arn:aws:iam::${account}:role/third` }, keys)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });
});

describe('AssumeRoleWithWebIdentity, with tokens of GitHub', () => {
  const issuer = 'token.actions.githubusercontent.com';
  const provider = { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` };
  const trusting = (equals: Record<string, string | string[]>): Partial<Statement> => ({
    Principal: provider,
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', ...equals } },
  });

  /** As a job of `ada/shop` in the environment `preview` asks for it. */
  async function tokenOf(audience = 'sts.amazonaws.com'): Promise<{ token: string; subject: string }> {
    const github = fakeGitHub({ start });
    const shop = github.world.createRepository('ada/shop');
    const run = shop.runs.start({ event: 'push', actor: 'ada' });
    const job = shop.jobs.start({ run, permissions: { 'id-token': 'write' }, environment: 'preview' });
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = github.env(job);
    const answer = await github.fetch(`${url}&audience=${audience}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    const { value } = (await answer.json()) as { value: string };
    aws.world.service<Sts>('sts').trustIssuer(issuer, { url: github.urls.oidc, fetch: github.fetch });
    const { sub } = JSON.parse(Buffer.from(value.split('.')[1]!, 'base64url').toString()) as { sub: string };
    return { token: value, subject: sub };
  }

  const addProvider = () =>
    new IAMClient(options()).send(
      new CreateOpenIDConnectProviderCommand({ Url: `https://${issuer}`, ClientIDList: ['sts.amazonaws.com'] }),
    );
  const assumeWith = (WebIdentityToken: string) =>
    new STSClient({ ...options(), credentials: root() }).send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn, RoleSessionName: 'ci', WebIdentityToken }),
    );

  test('lets in whom the trust policy names', async () => {
    const { token, subject } = await tokenOf();
    await addProvider();
    await makeRole(
      trusting({
        [`${issuer}:sub`]: ['repo:ada/else:environment:preview', subject],
        [`${issuer}:environment`]: 'preview',
      }),
      { Action: 'iam:ListRoles' },
    );
    const { Credentials: keys, SubjectFromWebIdentityToken, AssumedRoleUser } = await assumeWith(token);
    expect(SubjectFromWebIdentityToken).toBe(subject);
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${account}:assumed-role/deployer/ci`);
    const session = {
      accessKeyId: keys!.AccessKeyId!,
      secretAccessKey: keys!.SecretAccessKey!,
      sessionToken: keys!.SessionToken!,
    };
    await listRoles(session);
  });

  test('refuses another subject, and a claim that is no condition key', async () => {
    const { token, subject } = await tokenOf();
    await addProvider();
    await makeRole(trusting({ [`${issuer}:sub`]: `${subject}x` }));
    await expect(assumeWith(token)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
    const role = aws.world.service<import('./aws/services/iam/model.ts').Iam>('iam').findRole(account, 'deployer')!;
    const claims = { [`${issuer}:sub`]: subject, [`${issuer}:event_name`]: 'push' };
    role.trust = document({ Effect: 'Allow', ...trusting(claims) });
    await expect(assumeWith(token)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('refuses tokens for somebody else, old ones, forged ones, and those of an unknown provider', async () => {
    const { token, subject } = await tokenOf();
    await makeRole(trusting({ [`${issuer}:sub`]: subject }));
    await expect(assumeWith(token)).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
    await addProvider();
    const [head, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url');
    await expect(assumeWith(`${head}.${forged}.${signature}`)).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
    });
    await assumeWith(token);
    await aws.world.clock.advance(300_000);
    await expect(assumeWith(token)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const { token: foreign } = await tokenOf('https://github.com/ada');
    await aws.dispose();
    aws = await makeFakeAws({ clock: 'manual', start });
    await addProvider();
    await tokenOf();
    await makeRole(trusting({ [`${issuer}:sub`]: subject }));
    await expect(assumeWith(foreign)).rejects.toMatchObject({ message: 'Incorrect token audience' });
  });

  test('a role that trusts every token of GitHub cannot be made', async () => {
    await addProvider();
    await expect(makeRole(trusting({}))).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    await expect(
      makeRole({ ...trusting({}), Condition: { StringLike: { [`${issuer}:sub`]: '*' } } }),
    ).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  });
});
