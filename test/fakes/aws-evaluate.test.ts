import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Asked, type Decision, evaluate, type Policies, type Who } from './aws/iam/evaluate.ts';
import type { Statement } from './aws/iam/policy.ts';

const account = '123456789012';
const role: Who = {
  kind: 'role',
  account,
  arn: `arn:aws:iam::${account}:role/shop-orders`,
  session: `arn:aws:sts::${account}:assumed-role/shop-orders/task`,
};
const queue = `arn:aws:sqs:eu-central-1:${account}:shop-orders`;

const policy = (...Statement: Statement[]) => ({ Version: '2012-10-17', Statement });
const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: queue,
  ...more,
});
const deny = (more: Partial<Statement> = {}): Statement => ({ ...allow(more), Effect: 'Deny' });
const asked = (more: Partial<Asked> = {}): Asked => ({
  who: role,
  action: 'sqs:SendMessage',
  resource: queue,
  ...more,
});

const word = (decision: Decision) => (decision.allowed ? 'allowed' : `${decision.how}: ${decision.kind}`);
const decide = (policies: Policies, more: Partial<Asked> = {}) => word(evaluate(asked(more), policies));

const implicit = 'implicit: identity-based policy';

describe('"Policy evaluation for requests within a single account"', () => {
  const everyone = { Principal: '*' as const };
  const theRole = { Principal: { AWS: role.arn } };
  const theSession = { Principal: { AWS: role.session! } };
  const theAccount = { Principal: { AWS: `arn:aws:iam::${account}:root` } };
  const on = (statement: Statement) => policy(statement);

  test.each<[string, Policies, string]>([
    ['nothing allows it', {}, implicit],
    ['an identity-based policy allows it', { identity: [on(allow())] }, 'allowed'],
    ['one of two policies allows it', { identity: [on(allow({ Action: 'sns:*' })), on(allow())] }, 'allowed'],
    ['a denial wins over what allows it', { identity: [on(allow()), on(deny())] }, 'explicit: identity-based policy'],
    [
      'the boundary does not allow it',
      { identity: [on(allow())], boundary: on(allow({ Action: 'sns:*' })) },
      'implicit: permissions boundary',
    ],
    ['the boundary alone gives nothing', { boundary: on(allow()) }, implicit],
    [
      'policy and boundary allow it',
      { identity: [on(allow())], boundary: on(allow({ Action: '*', Resource: '*' })) },
      'allowed',
    ],
    [
      'the boundary denies it',
      { identity: [on(allow())], boundary: policy(allow({ Action: '*' }), deny()) },
      'explicit: permissions boundary',
    ],
    [
      'the session policy does not allow it',
      { identity: [on(allow())], session: [on(allow({ Action: 'sns:*' }))] },
      'implicit: session policy',
    ],
    ['the session policy alone gives nothing', { session: [on(allow())] }, implicit],
    [
      'the session policy denies it',
      { identity: [on(allow())], session: [policy(allow(), deny())] },
      'explicit: session policy',
    ],
    ['the resource names the role', { resource: on(allow(theRole)) }, 'allowed'],
    [
      'the resource names the role, and the boundary does not allow it',
      { resource: on(allow(theRole)), boundary: on(allow({ Action: 'sns:*' })) },
      'implicit: permissions boundary',
    ],
    [
      'the resource names the session, past the boundary',
      { resource: on(allow(theSession)), boundary: on(allow({ Action: 'sns:*' })) },
      'allowed',
    ],
    ['the resource names everyone', { resource: on(allow(everyone)) }, 'allowed'],
    ['the resource names the account, which leaves it to the identity', { resource: on(allow(theAccount)) }, implicit],
    [
      'the resource names the account, and the identity allows it',
      { resource: on(allow(theAccount)), identity: [on(allow())] },
      'allowed',
    ],
    ['the resource names another role', { resource: on(allow({ Principal: { AWS: `${role.arn}2` } })) }, implicit],
    [
      'the resource denies everyone',
      { resource: on(deny(everyone)), identity: [on(allow())] },
      'explicit: resource-based policy',
    ],
    [
      'the resource denies all but the role',
      { resource: on(deny({ NotPrincipal: { AWS: [role.arn, role.session!] } })), identity: [on(allow())] },
      'allowed',
    ],
    [
      'the resource denies all but another',
      { resource: on(deny({ NotPrincipal: { AWS: `${role.arn}2` } })), identity: [on(allow())] },
      'explicit: resource-based policy',
    ],
    ['documents as JSON text', { identity: [JSON.stringify(on(allow()))] }, 'allowed'],
  ])('%s', (_name, policies, expected) => expect(decide(policies)).toBe(expected));

  test.each<[string, Who, Policies, string]>([
    ['root needs no policy', { kind: 'root', account }, {}, 'allowed'],
    [
      'root is denied by the resource',
      { kind: 'root', account },
      { resource: on(deny(everyone)) },
      'explicit: resource-based policy',
    ],
    [
      'a service needs the resource',
      { kind: 'service', service: 'sns.amazonaws.com' },
      {},
      'implicit: resource-based policy',
    ],
    [
      'a service is named',
      { kind: 'service', service: 'sns.amazonaws.com' },
      { resource: on(allow({ Principal: { Service: 'sns.amazonaws.com' } })) },
      'allowed',
    ],
    [
      'another service is named',
      { kind: 'service', service: 'events.amazonaws.com' },
      { resource: on(allow({ Principal: { Service: 'sns.amazonaws.com' } })) },
      'implicit: resource-based policy',
    ],
    [
      'a provider is named',
      { kind: 'federated', provider: 'arn:aws:iam::1:oidc-provider/x' },
      { resource: on(allow({ Principal: { Federated: 'arn:aws:iam::1:oidc-provider/x' } })) },
      'allowed',
    ],
    ['anyone, where everyone is named', { kind: 'anonymous' }, { resource: on(allow(everyone)) }, 'allowed'],
    [
      'anyone, where the account is named',
      { kind: 'anonymous' },
      { resource: on(allow(theAccount)) },
      'implicit: resource-based policy',
    ],
  ])('%s', (_name, who, policies, expected) => expect(decide(policies, { who })).toBe(expected));
});

describe('what a statement is about: "IAM JSON policy elements: Action, NotAction, Resource, NotResource"', () => {
  const bucket = 'arn:aws:s3:::shop-images';
  test.each<[string, Partial<Statement>, Partial<Asked>, boolean]>([
    ['the action has no case', { Action: 'SQS:sendmessage' }, {}, true],
    ['* in an action', { Action: 'sqs:Send*' }, {}, true],
    ['* in an action that is another', { Action: 'sqs:Send*' }, { action: 'sqs:ReceiveMessage' }, false],
    ['? is one character', { Action: 'sqs:SendMessag?' }, {}, true],
    ['? is no two characters', { Action: 'sqs:SendMess?' }, {}, false],
    ['one of some actions', { Action: ['sns:Publish', 'sqs:SendMessage'] }, {}, true],
    ['NotAction of another', { Action: undefined as never, NotAction: 'sqs:DeleteQueue' }, {}, true],
    ['NotAction of this one', { Action: undefined as never, NotAction: ['sqs:Send*'] }, {}, false],
    ['the resource has a case', { Resource: queue.toUpperCase() }, {}, false],
    ['a neighbour whose name begins alike', {}, { resource: `${queue}-2` }, false],
    ['* at the end of a resource', { Resource: `${queue}*` }, { resource: `${queue}-2` }, true],
    ['a prefix of keys', { Resource: `${bucket}/a/*` }, { resource: `${bucket}/a/b/c` }, true],
    ['another prefix', { Resource: `${bucket}/a/*` }, { resource: `${bucket}/ab` }, false],
    ['the bucket is not its objects', { Resource: `${bucket}/*` }, { resource: bucket }, false],
    ['* for an action on no resource', { Resource: '*' }, { resource: '*' }, true],
    ['an ARN for an action on no resource', {}, { resource: '*' }, false],
    ['NotResource of another', { Resource: undefined as never, NotResource: `${queue}-2` }, {}, true],
    ['NotResource of this one', { Resource: undefined as never, NotResource: `${queue}*` }, {}, false],
    ['characters of regular expressions are themselves', { Resource: 'arn:aws:sqs:eu.central.1:*:*' }, {}, false],
  ])('%s', (_name, statement, more, expected) => {
    const plain = Object.fromEntries(Object.entries(allow(statement)).filter(([, value]) => value !== undefined));
    expect(decide({ identity: [policy(plain as unknown as Statement)] }, more) === 'allowed').toBe(expected);
  });
});

describe('"IAM JSON policy elements: Condition operators"', () => {
  const context = {
    'aws:RequestTag/app': 'shop',
    'aws:TagKeys': ['app', 'env'],
    'aws:SourceIp': '10.1.2.3',
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': '2026-11-02T09:00:00Z',
    'aws:EpochTime': '1793610000',
    's3:max-keys': '10',
    'aws:SourceArn': `arn:aws:sns:eu-central-1:${account}:orders:x`,
    'aws:PrincipalTag/team': 'red',
    'kit:star': 'a*',
    'kit:empty': [],
  };
  type Row = [operator: string, key: string, wanted: unknown, expected: boolean];
  test.each<Row>([
    ['StringEquals', 'aws:RequestTag/app', 'shop', true],
    ['StringEquals', 'AWS:requesttag/APP', 'shop', true],
    ['StringEquals', 'aws:RequestTag/app', 'Shop', false],
    ['StringEquals', 'aws:RequestTag/app', 'sho*', false],
    ['StringEquals', 'aws:RequestTag/app', ['blog', 'shop'], true],
    ['StringEquals', 'aws:RequestTag/none', 'shop', false],
    ['StringNotEquals', 'aws:RequestTag/app', 'shop', false],
    ['StringNotEquals', 'aws:RequestTag/app', ['blog', 'shop'], false],
    ['StringNotEquals', 'aws:RequestTag/app', ['blog', 'site'], true],
    ['StringNotEquals', 'aws:RequestTag/none', 'shop', true],
    ['StringEqualsIfExists', 'aws:RequestTag/none', 'shop', true],
    ['StringEqualsIfExists', 'aws:RequestTag/app', 'blog', false],
    ['StringEqualsIgnoreCase', 'aws:RequestTag/app', 'SHOP', true],
    ['StringNotEqualsIgnoreCase', 'aws:RequestTag/app', 'SHOP', false],
    ['StringLike', 'aws:RequestTag/app', 's?o*', true],
    ['StringLike', 'aws:RequestTag/app', 's?p', false],
    ['StringNotLike', 'aws:RequestTag/app', 's*', false],
    ['StringNotLike', 'aws:RequestTag/none', 's*', true],
    ['NumericEquals', 's3:max-keys', 10, true],
    ['NumericNotEquals', 's3:max-keys', '10', false],
    ['NumericLessThan', 's3:max-keys', '10', false],
    ['NumericLessThanEquals', 's3:max-keys', '10', true],
    ['NumericGreaterThan', 's3:max-keys', '9', true],
    ['NumericGreaterThanEquals', 's3:max-keys', '11', false],
    ['DateLessThan', 'aws:CurrentTime', '2026-11-02T10:00:00Z', true],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-11-02T10:00:00Z', false],
    ['DateEquals', 'aws:EpochTime', '2026-11-02T09:00:00Z', true],
    ['DateNotEquals', 'aws:EpochTime', '2026-11-02T09:00:00Z', false],
    ['DateLessThanEquals', 'aws:CurrentTime', '2026-11-02T09:00:00Z', true],
    ['DateGreaterThanEquals', 'aws:CurrentTime', '1793610000', true],
    ['Bool', 'aws:SecureTransport', true, true],
    ['Bool', 'aws:SecureTransport', 'false', false],
    ['BoolIfExists', 'aws:MultiFactorAuthPresent', 'true', true],
    ['IpAddress', 'aws:SourceIp', '10.1.0.0/16', true],
    ['IpAddress', 'aws:SourceIp', '10.1.2.3', true],
    ['IpAddress', 'aws:SourceIp', ['10.2.0.0/16', '2001:db8::/32'], false],
    ['NotIpAddress', 'aws:SourceIp', '10.2.0.0/16', true],
    ['ArnEquals', 'aws:SourceArn', `arn:aws:sns:*:${account}:orders:*`, true],
    ['ArnLike', 'aws:SourceArn', `arn:aws:sns:eu-central-1:${account}:orders:x`, true],
    ['ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:orders:x', false],
    ['ArnNotLike', 'aws:SourceArn', `arn:aws:sns:*:${account}:*`, false],
    ['ArnNotEquals', 'aws:SourceArn', `arn:aws:sqs:*:${account}:*`, true],
    ['Null', 'aws:RequestTag/none', 'true', true],
    ['Null', 'aws:RequestTag/app', 'true', false],
    ['Null', 'aws:RequestTag/app', false, true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['app', 'env', 'team'], true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['app'], false],
    ['ForAllValues:StringEquals', 'aws:None', ['app'], true],
    ['ForAllValues:StringEquals', 'kit:empty', ['app'], true],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['env', 'team'], true],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['team'], false],
    ['ForAnyValue:StringEquals', 'aws:None', ['app'], false],
    ['ForAnyValue:StringLike', 'aws:TagKeys', 'e*', true],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['env'], false],
    // "IAM policy elements: Variables and tags".
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringEquals', 'aws:PrincipalTag/team', '${aws:PrincipalTag/team}', true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringEquals', 'aws:PrincipalTag/team', '${aws:PrincipalTag/none}', false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringEquals', 'aws:PrincipalTag/team', "${aws:PrincipalTag/none, 'red'}", true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringLike', 'aws:RequestTag/app', '${kit:star}', false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringLike', 'kit:star', 'a${*}', true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    ['StringLike', 'aws:RequestTag/app', 'sho${*}', false],
  ])('%s %s %j: %s', (operator, key, wanted, expected) => {
    const Condition = { [operator]: { [key]: wanted } };
    expect(decide({ identity: [policy(allow({ Condition }))] }, { context }) === 'allowed').toBe(expected);
  });

  test('all operators and all keys have to hold', () => {
    const good = { 'aws:RequestTag/app': 'shop' };
    const bad = { 'aws:SourceIp': '11.0.0.0/8' };
    const decision = (Condition: NonNullable<Statement['Condition']>) =>
      decide({ identity: [policy(allow({ Condition }))] }, { context });
    expect(decision({ StringEquals: good, NotIpAddress: bad })).toBe('allowed');
    expect(decision({ StringEquals: good, IpAddress: bad })).toBe(implicit);
    expect(decision({ StringEquals: { ...good, 'aws:PrincipalTag/team': 'blue' } })).toBe(implicit);
  });

  test('variables in a resource are values, in which no character is a wildcard', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    const identity = [policy(allow({ Resource: 'arn:aws:s3:::b/${aws:PrincipalTag/team}/*' }))];
    expect(decide({ identity }, { context, resource: 'arn:aws:s3:::b/red/x' })).toBe('allowed');
    expect(decide({ identity }, { context, resource: 'arn:aws:s3:::b/blue/x' })).toBe(implicit);
    const star = { 'aws:PrincipalTag/team': '*' };
    expect(decide({ identity }, { context: star, resource: 'arn:aws:s3:::b/red/x' })).toBe(implicit);
  });

  test('variables are text before version 2012-10-17', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
    const text = '${aws:PrincipalTag/team}';
    const identity = [{ Version: '2008-10-17', Statement: [allow({ Resource: text })] }];
    expect(decide({ identity }, { context, resource: text })).toBe('allowed');
    expect(decide({ identity }, { context, resource: 'red' })).toBe(implicit);
  });

  test('an operator that IAM does not know is an error', () => {
    const identity = [policy(allow({ Condition: { StringEqual: { a: 'b' } } }))];
    expect(() => decide({ identity })).toThrow('StringEqual');
  });
});

describe('whatever the policies', () => {
  const statement = fc.record({
    Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    Action: fc.constantFrom('*', 'sqs:*', 'sqs:SendMessage', 'sqs:Receive*', 'sns:Publish'),
    Resource: fc.constantFrom('*', queue, `${queue}-2`, `arn:aws:sqs:*:${account}:*`, 'arn:aws:sns:*:*:*'),
  });
  const document = fc.array(statement, { maxLength: 3 }).map((statements) => policy(...statements));
  const documents = fc.array(document, { maxLength: 3 });
  const policies = fc.record(
    { identity: documents, boundary: document, session: documents },
    { requiredKeys: ['identity'] },
  );
  const runs = { numRuns: 500, seed: 6 };
  const allowed = (given: Policies) => decide(given) === 'allowed';

  test('a denial more never lets anybody do more', () => {
    const property = fc.property(policies, statement, (given, more) => {
      const denied = { ...given, identity: [...given.identity, policy({ ...more, Effect: 'Deny' })] };
      return !allowed(denied) || allowed(given);
    });
    fc.assert(property, runs);
  });

  test('a permission more never takes one away', () => {
    const property = fc.property(policies, statement, (given, more) => {
      const permitted = { ...given, identity: [...given.identity, policy({ ...more, Effect: 'Allow' })] };
      return !allowed(given) || allowed(permitted);
    });
    fc.assert(property, runs);
  });

  test('boundary and session policies only take away', () => {
    const property = fc.property(policies, (given) => !allowed(given) || allowed({ identity: given.identity }));
    fc.assert(property, runs);
  });

  test('the order of statements and documents means nothing', () => {
    const property = fc.property(policies, (given) => {
      const turned = given.identity.map(({ Statement }) => policy(...[...Statement].reverse())).reverse();
      return decide({ ...given, identity: turned }) === decide(given);
    });
    fc.assert(property, runs);
  });
});
