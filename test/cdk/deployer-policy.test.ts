import { describe, expect, test } from '@jest/globals';
import { foundationStackName, physicalName, stackName } from '../../cdk/names.ts';
import { boundaryName, boundaryPolicy } from '../../cdk/permissions/boundary.ts';
import {
  type DeployerInput,
  deployerCeiling,
  deployerPolicies,
  deployerStatements,
  needsOf,
} from '../../cdk/permissions/deployer/mod.ts';
import { limits, pack, sizeOf } from '../../cdk/permissions/deployer/pack.ts';
import { executionStatements } from '../../cdk/permissions/execution.ts';
import { allow, document, type Statement } from '../../cdk/permissions/statement.ts';
import { taskStatements } from '../../cdk/permissions/task.ts';
import { evaluate } from '../fakes/aws/iam/evaluate.ts';
import * as built from '../support/graph.ts';

const account = '123456789012';
const boundary = `arn:aws:iam::${account}:policy/${boundaryName('shop', 'previews')}`;
const all = {
  databases: true,
  topics: true,
  buckets: true,
  publicBuckets: true,
  caches: true,
  cronJobs: true,
  sleep: true,
  domain: true,
};
const input: DeployerInput = {
  partition: 'aws',
  account,
  scope: 'previews',
  applications: [{ name: 'shop', foundation: 'shop', needs: all }],
  boundaries: [boundary],
};
const lasting: DeployerInput = { ...input, scope: 'lasting' };

function may(
  statements: readonly unknown[],
  action: string,
  resource: string,
  context: Record<string, string> = {},
): boolean {
  const who = { kind: 'role' as const, account, arn: `arn:aws:iam::${account}:role/deployer` };
  return evaluate({ who, action, resource, context }, { identity: statements.map((one) => JSON.stringify(one)) })
    .allowed;
}

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:${account}:${resource}`;
const role = (...parts: string[]) => `arn:aws:iam::${account}:role/${physicalName('role', ...parts)}`;
const stack = (name: string) => arn('cloudformation', `stack/${stackName({ application: 'shop', name })}/1`);
const bound = { 'iam:PermissionsBoundary': boundary };

describe.each([
  ['previews', input, 'pr-7', 'production'],
  ['lasting', lasting, 'production', 'pr-7'],
] as const)('the deployer of %s', (_, of, own, other) => {
  const policies = deployerPolicies(of);
  const on = (environment: string): [string, string, Record<string, string>?][] => [
    ['cloudformation:ExecuteChangeSet', stack(environment)],
    ['cloudformation:DeleteStack', stack(environment)],
    ['sns:CreateTopic', arn('sns', physicalName('topic', 'shop', environment, 'order-created'))],
    ['sqs:DeleteQueue', arn('sqs', physicalName('queue', 'shop', environment, 'order-created', 'analytics'))],
    ['s3:DeleteBucket', `arn:aws:s3:::${physicalName('bucket', 'shop', environment, 'files')}`],
    ['s3:DeleteObjectVersion', `arn:aws:s3:::${physicalName('bucket', 'shop', environment, 'files')}/a/b`],
    ['logs:DeleteLogGroup', arn('logs', `log-group:${physicalName('logGroup', 'shop', environment)}`)],
    ['ssm:PutParameter', arn('ssm', `parameter/fairlead/shop/${environment}/schema`)],
    [
      'secretsmanager:CreateSecret',
      arn('secretsmanager', `secret:${physicalName('secret', 'shop', environment, 'key')}-AbCdEf`),
    ],
    [
      'ecs:RegisterTaskDefinition',
      arn('ecs', `task-definition/${physicalName('family', 'shop', environment, 'orders')}:1`),
    ],
    ['cloudwatch:PutMetricAlarm', arn('cloudwatch', `alarm:${physicalName('alarm', 'shop', environment, 'dead')}`)],
    ['iam:CreateRole', role('shop', environment, 'orders'), bound],
    ['iam:PassRole', role('shop', environment, 'orders'), { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
  ];

  test.each(on(own))('may %s what is its own', (...[action, resource, context]) => {
    expect(may(policies, action, resource, context)).toBe(true);
  });

  test.each(on(other))("may not %s what is the other scope's", (...[action, resource, context]) => {
    expect(may(policies, action, resource, context)).toBe(false);
  });

  test.each([
    ['without a boundary', {}],
    ['with another', { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/Other` }],
  ])('makes no role %s', (_, context) => {
    for (const action of [
      'iam:CreateRole',
      'iam:PutRolePolicy',
      'iam:AttachRolePolicy',
      'iam:PutRolePermissionsBoundary',
    ])
      expect(may(policies, action, role('shop', own, 'orders'), context)).toBe(false);
  });

  test.each([
    ['takes a boundary off', 'iam:DeleteRolePermissionsBoundary', role('shop', own, 'orders'), bound],
    ['changes the boundary', 'iam:CreatePolicyVersion', boundary],
    ['makes users', 'iam:CreateUser', `arn:aws:iam::${account}:user/eve`],
    ['touches a role that it did not make', 'iam:PutRolePolicy', `arn:aws:iam::${account}:role/Admin`, bound],
    [
      'hands a role to another service',
      'iam:PassRole',
      role('shop', own, 'orders'),
      { 'iam:PassedToService': 'lambda.amazonaws.com' },
    ],
    [
      "reads people's secrets",
      'secretsmanager:GetSecretValue',
      arn('secretsmanager', 'secret:fairlead/shop/type/preview/KEY-AbCdEf'),
    ],
    [
      "sets people's secrets",
      'secretsmanager:PutSecretValue',
      arn('secretsmanager', 'secret:fairlead/shop/type/preview/KEY-AbCdEf'),
    ],
    ['reads objects', 's3:GetObject', `arn:aws:s3:::${physicalName('bucket', 'shop', own, 'files')}/a/b`],
    [
      "touches another application's stack",
      'cloudformation:DeleteStack',
      arn('cloudformation', 'stack/fairlead-blog-production/1'),
    ],
    ['makes networks of others', 'ec2:CreateVpc', '*', { 'aws:RequestTag/fairlead:foundation': 'blog' }],
    ['deletes networks of others', 'ec2:DeleteVpc', '*'],
  ] as [string, string, string, Record<string, string>?][])('never %s', (...[, action, resource, context]) => {
    expect(may(policies, action, resource, context)).toBe(false);
  });

  test('has as much room in its boundary as it has policies, and no more', () => {
    const ceiling = JSON.stringify(deployerCeiling(input));
    expect(ceiling.length).toBeLessThanOrEqual(limits.characters);
    for (const [action, resource, context] of on(own))
      expect([action, may([JSON.parse(ceiling)], action, resource, context)]).toEqual([action, true]);
    expect(may([JSON.parse(ceiling)], 'iam:CreateUser', `arn:aws:iam::${account}:user/eve`)).toBe(false);
    expect(may([JSON.parse(ceiling)], 'lambda:CreateFunction', '*')).toBe(false);
  });
});

test('may make only what the application has', () => {
  const bare = needsOf(built.graph(), { domain: false, sleep: false });
  const actions = deployerStatements({
    ...input,
    applications: [{ name: 'shop', foundation: 'shop', needs: bare }],
  }).flatMap(({ Action }) => Action);
  for (const service of ['sns:CreateTopic', 'sqs:', 'scheduler:', 'cloudfront:', 'elasticache:', 'rds:', 'acm:'])
    expect([service, actions.filter((one) => one.startsWith(service) && service !== 'sns:CreateTopic')]).toEqual([
      service,
      [],
    ]);
  const graph = built.graph({ buckets: [built.bucket('files')], databases: [built.database('orders', 'm', [])] });
  expect(needsOf(graph, { domain: true, sleep: false })).toMatchObject({
    databases: true,
    buckets: true,
    publicBuckets: false,
    caches: false,
    domain: true,
  });
});

test('tells previews apart also under a long name, or says that it cannot', () => {
  const of = (name: string) => deployerPolicies({ ...input, applications: [{ name, foundation: 'f', needs: all }] });
  expect(JSON.stringify(of('a'.repeat(25)))).toContain(`${'a'.repeat(25)}-pr-*`);
  expect(() => of('a'.repeat(60))).toThrow('FL7301');
});

test.each(['shop-pr', 'shop-pr-1'])('refuses %s, which previews of shop could reach', (name) => {
  const of = (application: string) =>
    deployerPolicies({ ...input, applications: [{ name: application, foundation: 'f', needs: all }] });
  expect(() => of(name)).toThrow('FL7009');
  expect(() => of('shop-print')).not.toThrow();
});

test('knows by its whole name what a Foundation has one of, so that another that begins alike is not meant', () => {
  const policies = deployerPolicies({
    ...lasting,
    applications: [{ name: 'notifications-api', foundation: 'notifications-api', needs: all }],
  });
  const balancer = (foundation: string) =>
    arn('elasticloadbalancing', `loadbalancer/app/${physicalName('loadBalancer', foundation, 'production')}/1`);
  const clusterOf = (...parts: string[]) => arn('ecs', `cluster/${physicalName('cluster', ...parts)}`);
  expect(may(policies, 'elasticloadbalancing:DeleteLoadBalancer', balancer('notifications-api'))).toBe(true);
  expect(may(policies, 'elasticloadbalancing:DeleteLoadBalancer', balancer('notifications-apis'))).toBe(false);
  expect(may(policies, 'ecs:DeleteCluster', clusterOf('notifications-api', 'production'))).toBe(true);
  expect(may(policies, 'ecs:DeleteCluster', clusterOf('notifications-api-production', 'preview'))).toBe(false);
});

test('gets at what CloudFormation has named for its own Foundations only, and at no template of another', () => {
  const made = (type: 'preview' | 'production', kind: string) =>
    `${kind}:${foundationStackName('shop', type)}-a-1a2b3c`;
  const [previews, others] = [deployerPolicies(input), deployerPolicies(lasting)];
  for (const [service, action] of [
    ['rds', 'rds:RestoreDBInstanceFromDBSnapshot'],
    ['rds', 'rds:DeleteDBSnapshot'],
    ['elasticache', 'elasticache:DeleteSnapshot'],
  ] as const) {
    const snapshot = arn(service, made('production', 'snapshot'));
    expect([action, may(others, action, snapshot), may(previews, action, snapshot)]).toEqual([action, true, false]);
  }
  const group = (type: 'preview' | 'production') => arn('elasticache', made(type, 'parametergroup'));
  expect(may(previews, 'elasticache:CreateCacheParameterGroup', group('preview'))).toBe(true);
  expect(may(previews, 'elasticache:CreateCacheParameterGroup', group('production'))).toBe(false);
  const templates = 'arn:aws:s3:::fairlead-templates-1a2b3c4d';
  expect(may(previews, 's3:PutObject', `${templates}/a.json`)).toBe(true);
  for (const action of ['s3:ListBucket', 's3:ListBucketVersions', 's3:PutBucketPolicy', 's3:PutBucketNotification'])
    expect([action, may(previews, action, templates)]).toEqual([action, false]);
});

test('changes names in the zone of the domain only', () => {
  const policies = deployerPolicies({
    ...input,
    applications: [
      { name: 'shop', foundation: 'shop', domain: { name: 'Shop.example', hostedZone: 'Z1' }, needs: all },
    ],
  });
  const zone = (id: string) => `arn:aws:route53:::hostedzone/${id}`;
  expect(may(policies, 'route53:ChangeResourceRecordSets', zone('Z1'))).toBe(true);
  expect(may(policies, 'route53:ChangeResourceRecordSets', zone('Z2'))).toBe(false);
  expect(may(policies, 'route53:ListResourceRecordSets', zone('Z2'))).toBe(false);
  // CloudFormation asks whether all servers know by now.
  expect(may(policies, 'route53:GetChange', 'arn:aws:route53:::change/C1')).toBe(true);
});

test('changes the names of its own scope only', () => {
  const applications = [
    { name: 'shop', foundation: 'shop', domain: { name: 'shop.example', hostedZone: 'Z1' }, needs: all },
  ];
  const deployers = {
    previews: deployerPolicies({ ...input, applications }),
    lasting: deployerPolicies({ ...lasting, applications, environments: ['production', 'staging'] }),
  };
  const changes = (scope: keyof typeof deployers, name: string, type = 'A') =>
    may(deployers[scope], 'route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1', {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': name,
      'route53:ChangeResourceRecordSetsRecordTypes': type,
    });
  const both = (name: string, type?: string) => [changes('previews', name, type), changes('lasting', name, type)];
  expect(both('_1a2b.shop.example', 'CNAME')).toEqual([true, true]);
  expect(both('\\052.shop.example')).toEqual([true, false]);
  for (const name of ['shop.example', 'canary-production.shop.example', 'staging.shop.example'])
    expect([name, both(name)]).toEqual([name, [false, true]]);
  expect(both('shop.example', 'MX')).toEqual([false, false]);
  expect(both('mail.shop.example')).toEqual([false, false]);
});

describe('packing', () => {
  const statement = (Sid: string, resources: number) =>
    allow(
      Sid,
      ['sns:Publish'],
      Array.from({ length: resources }, (_, n) => `arn:aws:sns:*:${account}:topic-of-some-length-${n}`),
    );

  test('keeps within what IAM takes, and loses nothing', () => {
    const applications = ['shop', 'blog', 'mail', 'search'].map((name) => ({ name, foundation: name, needs: all }));
    for (const scope of ['previews', 'lasting'] as const) {
      const of = { ...input, scope, applications, environments: ['production', 'staging'] };
      const policies = deployerPolicies(scope === 'previews' ? { ...input, applications } : of);
      expect(policies.length).toBeLessThanOrEqual(limits.policies);
      for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6_144);
    }
    const some = [statement('A', 40), statement('B', 40), statement('C', 40)];
    expect(pack(some).flatMap((one) => one.Statement)).toEqual(some);
  });

  test('divides a statement that is too long on its own', () => {
    const long = statement('Long', 200);
    const policies = pack([long]);
    expect(policies.length).toBeGreaterThan(1);
    for (const policy of policies) expect(sizeOf(policy.Statement)).toBeLessThanOrEqual(limits.characters);
    expect(policies.flatMap((one) => one.Statement.flatMap(({ Resource }) => Resource))).toEqual(long.Resource);
    expect(new Set(policies.flatMap((one) => one.Statement.map(({ Sid }) => Sid))).size).toBe(
      policies.flatMap((one) => one.Statement).length,
    );
  });

  test('says when a role cannot have so many', () => {
    expect(() => pack(Array.from({ length: 12 }, (_, n) => statement(`S${n}`, 90)))).toThrow('FL7302');
  });
});

describe('the boundary', () => {
  const policy = boundaryPolicy({
    partition: 'aws',
    account,
    scope: 'previews',
    foundation: 'base',
    applications: ['shop'],
    repositories: ['shop'],
  });
  const master = (type: string) => arn('rds', `db:${physicalName('server', 'base', type, 'shared')}`);
  const under = (statements: Statement[], action: string, resource: string, of = master('preview')) => {
    const who = { kind: 'role' as const, account, arn: role('shop', 'pr-7', 'app') };
    const context = { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': of };
    return evaluate(
      { who, action, resource, context },
      { identity: [JSON.stringify(document(statements))], boundary: JSON.stringify(policy) },
    ).allowed;
  };

  test('fits', () => {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(limits.characters);
  });

  test('is refused when it would be longer than IAM takes', () => {
    const applications = Array.from({ length: 60 }, (_, n) => `application-${n}`);
    const of = { partition: 'aws', account, scope: 'previews' as const, foundation: 'base', repositories: [] };
    expect(() => boundaryPolicy({ ...of, applications })).toThrow('FL7303');
  });

  test('takes nothing from what processes are given', () => {
    const topic = arn('sns', physicalName('topic', 'shop', 'pr-7', 't'));
    const queue = arn('sqs', physicalName('fifoQueue', 'shop', 'pr-7', 'q'));
    const bucket = `arn:aws:s3:::${physicalName('bucket', 'shop', 'pr-7', 'b')}`;
    const given = taskStatements({
      topics: [topic],
      queues: [queue],
      buckets: [{ name: 'b', arn: bucket, versioned: true, operations: ['list', 'upload', 'download', 'remove'] }],
    });
    const log = arn('logs', `log-group:${physicalName('logGroup', 'shop', 'pr-7')}:*`);
    const secrets = [
      `secret:${physicalName('secret', 'shop', 'pr-7', 'key')}-AbCdEf`,
      'secret:fairlead/shop/type/preview/KEY-AbCdEf',
      'secret:rds!db-1-AbCdEf',
      `secret:${physicalName('secret', 'base', 'preview', 'cache', 'shared')}-AbCdEf`,
    ].map((one) => arn('secretsmanager', one));
    const execution = executionStatements({ repositories: [arn('ecr', 'repository/shop')], logGroup: log, secrets });
    for (const { Action, Resource } of [...given, ...execution])
      for (const action of Action)
        for (const resource of Resource)
          expect([
            action,
            resource,
            under([...given, ...execution], action, String(resource).replace('*', 'a')),
          ]).toEqual([action, resource, String(resource) !== 'none']);
  });

  test('holds whatever a role is given', () => {
    const anything = [allow('All', ['*'], ['*'])];
    for (const [action, resource] of [
      ['iam:CreateUser', '*'],
      ['sns:Publish', arn('sns', 'blog-production-t')],
      ['sns:Publish', arn('sns', physicalName('topic', 'shop', 'production', 't'))],
      ['sns:Publish', arn('sns', physicalName('topic', 'shop-admin', 'pr-7', 't'))],
      ['s3:GetObject', `arn:aws:s3:::${physicalName('bucket', 'shop', 'production', 'b')}/a`],
      ['elasticloadbalancing:ModifyRule', arn('elasticloadbalancing', 'listener-rule/app/shop-production/1/2/3')],
      [
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', `secret:${physicalName('secret', 'shop', 'production', 'key')}-AbCdEf`),
      ],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:fairlead/shop/type/production/KEY-AbCdEf')],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:fairlead/shop/env/production/KEY-AbCdEf')],
      ['s3:GetObject', 'arn:aws:s3:::blog-production-b/a'],
      ['s3:PutBucketPolicy', `arn:aws:s3:::${physicalName('bucket', 'shop', 'pr-7', 'b')}`],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:fairlead/blog/type/production/KEY-AbCdEf')],
      ['sts:AssumeRole', role('shop', 'production', 'orders')],
    ] as const)
      expect([action, under(anything, action, resource)]).toEqual([action, false]);
    const secret = arn('secretsmanager', 'secret:rds!db-1-AbCdEf');
    const reads = (type: string) => under(anything, 'secretsmanager:GetSecretValue', secret, master(type));
    expect(['preview', 'production'].map(reads)).toEqual([true, false]);
  });

  test.each([
    ['shop', 'fairlead-shop-previews-boundary'],
    ['team/shop', /^fairlead-[0-9a-f]{8}-previews-boundary$/],
    ['x'.repeat(200), /^[\w-]{1,128}$/],
  ])('has a name that IAM takes, for %s', (foundation, name) => {
    expect(boundaryName(foundation, 'previews')).toMatch(name);
  });
});
