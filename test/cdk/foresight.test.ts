import { expect, test } from '@jest/globals';
import { type ForeseenStack, foresight } from '../../cdk/foresee/foresight.ts';
import type { Meaning, Stack, Template } from '../../cdk/model.ts';
import { withDataNotes } from '../../cdk/stacks/data-notes.ts';
import { makePlan } from '../../pipeline/mod.ts';
import * as built from '../support/graph.ts';
import { release } from '../support/release.ts';

const at = (file: string, line = 1) => ({ file, line, column: 1 });

const graph = built.graph({
  application: 'shop',
  services: [built.service('orders'), built.service('analytics')],
  topics: [built.topic('order-created', { position: at('orders/events.ts') })],
  uses: [built.use('orders', { kind: 'topic', name: 'order-created' }, ['publish'], at('orders/create.ts', 12))],
});
const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const images = Object.fromEntries(
  ['orders', 'analytics', 'gateway'].map((name) => [`per-service/${name}`, digest('1')]),
);
const plan = makePlan({
  release: release(graph, images, { hash: digest('2') }),
  environment: { application: 'shop', name: 'production', type: 'production' },
  settings: { processes: 'per-service', cron: true, healthTimeout: 1 },
});

const queue = (more = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: 'q', VisibilityTimeout: 30, ...more },
});
const meanings: Record<string, Meaning> = {
  Topic: { subject: 'topic order-created', position: at('orders/events.ts') },
  Queue: { subject: 'queue of order-created → analytics', position: at('analytics/events.ts', 4) },
  OrdersRole: { subject: 'what orders may do' },
  Data: { subject: 'database server', data: 'orders' },
};

function stack(
  Resources: Template['Resources'],
  deployed?: Template['Resources'],
  part: ForeseenStack['part'] = 'environment',
): ForeseenStack {
  const next: Stack = {
    name: 'fairlead-shop-production',
    template: { Resources },
    tags: {},
    meanings,
    protected: true,
  };
  return { part, next, ...(deployed && { deployed: withDataNotes({ Resources: deployed }, meanings) }) };
}

const seen = (...stacks: ForeseenStack[]) => foresight({ plan, region: 'us-east-1', stacks, schema: {} });

test('a queue that is new is added, in the words of the Graph, with its line', () => {
  expect(seen(stack({ Queue: queue() }, {})).resources).toEqual([
    {
      action: 'add',
      part: 'environment',
      subject: 'queue of order-created → analytics',
      resource: 'AWS::SQS::Queue Queue',
      details: [],
      data: false,
      position: at('analytics/events.ts', 4),
    },
  ]);
});

test('a change says what changes', () => {
  const [change, ...more] = seen(stack({ Queue: queue({ VisibilityTimeout: 60 }) }, { Queue: queue() })).resources;
  expect([change?.action, change?.details, more]).toEqual(['change', ['visibility timeout 30 → 60 s'], []]);
});

test('what stays as it is, whatever the order of its keys, is not told', () => {
  const turned = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30, QueueName: 'q' } };
  expect(seen(stack({ Queue: turned }, { Queue: queue() })).resources).toEqual([]);
});

test('a name that changes replaces, and what asks for that name follows', () => {
  const subscription = { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: { Ref: 'Topic' } } };
  const topic = (TopicName: string) => ({ Type: 'AWS::SNS::Topic', Properties: { TopicName } });
  const { resources } = seen(stack({ Topic: topic('b'), Sub: subscription }, { Topic: topic('a'), Sub: subscription }));
  expect(resources.map(({ action, resource, details }) => [action, resource, details])).toEqual([
    ['replace', 'AWS::SNS::Subscription Sub', []],
    ['replace', 'AWS::SNS::Topic Topic', ['topic name a → b']],
  ]);
});

test('a new revision of a task is a change', () => {
  const task = (Image: string) => ({
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { ContainerDefinitions: [{ Name: 'app', Image }] },
  });
  expect(seen(stack({ Task: task('a@2') }, { Task: task('a@1') })).resources).toMatchObject([
    { action: 'change', details: ['container definitions app image a@1 → a@2'] },
  ]);
});

test.each([
  ['removed, it is lost', 'Delete', true, []],
  ['retained, it stays', 'Retain', false, ['the old one is kept, and no longer looked after']],
  ['with a last snapshot, it goes from where it is', 'Snapshot', true, ['a snapshot of the old one is kept']],
] as const)('data of a server: %s', (_, DeletionPolicy, data, details) => {
  const server = { Type: 'AWS::RDS::DBInstance', Properties: {}, DeletionPolicy };
  const { resources } = seen(stack({}, { Data: server }));
  expect(resources).toMatchObject([{ action: 'destroy', subject: 'database server', data, details }]);
});

test('what is known only from the deployed template has a word of its own', () => {
  expect(seen(stack({}, { Old: { Type: 'AWS::SNS::Topic' } })).resources).toMatchObject([
    { action: 'destroy', subject: 'topic Old', resource: 'AWS::SNS::Topic Old' },
  ]);
});

test('what AWS alone decides is said to be so, until AWS has said it', () => {
  const server = (BackupRetentionPeriod: number) => ({
    Type: 'AWS::RDS::DBInstance',
    Properties: { BackupRetentionPeriod },
  });
  const open = stack({ Data: server(7) }, { Data: server(1) });
  expect(seen(open).resources).toMatchObject([
    { action: 'change', details: ['backup retention period 1 → 7 days', 'AWS decides whether it is replaced'] },
  ]);
  expect(seen({ ...open, replacements: { Data: 'no' } }).resources[0]?.details).toEqual([
    'backup retention period 1 → 7 days',
  ]);
  expect(seen({ ...open, replacements: { Data: 'yes' } }).resources).toMatchObject([{ action: 'replace', data: true }]);
});

const role = (Statement: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: { Policies: [{ PolicyName: 'graph', PolicyDocument: { Version: '2012-10-17', Statement } }] },
});
const publish = { Effect: 'Allow', Action: ['sns:Publish'], Resource: [{ Ref: 'Topic' }] };
const consume = {
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
  Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }],
};
const topic = { Type: 'AWS::SNS::Topic' };

test('permissions are told apart, each with the line of the code that asks for it', () => {
  const before = { Topic: topic, Queue: queue(), OrdersRole: role([consume]) };
  const after = { Topic: topic, Queue: queue(), OrdersRole: role([publish]) };
  expect(seen(stack(after, before)).permissions).toEqual([
    {
      action: 'remove',
      who: 'orders',
      what: 'sqs:DeleteMessage, sqs:ReceiveMessage on queue of order-created → analytics',
    },
    { action: 'add', who: 'orders', what: 'sns:Publish on topic order-created', position: at('orders/create.ts', 12) },
  ]);
});

test('the deployer is told of when something of a new kind comes, where it works under a boundary', () => {
  const bound = { Type: 'AWS::IAM::Role', Properties: { PermissionsBoundary: 'arn' } };
  const bucket = { Type: 'AWS::S3::Bucket' };
  const of = (...stacks: ForeseenStack[]) => seen(...stacks).permissions.filter(({ who }) => who === 'deployer');
  expect(of(stack({ Files: bucket, OrdersRole: bound }, { OrdersRole: bound }))).toEqual([
    { action: 'add', who: 'deployer', what: 'to make buckets, which it gets by `fairlead bootstrap aws --apply`' },
  ]);
  expect(of(stack({ Files: bucket, More: bucket, OrdersRole: bound }, { Files: bucket, OrdersRole: bound }))).toEqual(
    [],
  );
  expect(of(stack({ Files: bucket, OrdersRole: role([]) }, { OrdersRole: role([]) }))).toEqual([]);
  expect(of(stack({ Files: bucket, OrdersRole: bound }))).toEqual([]);
});

test('a statement that only moves is no change', () => {
  const all = { Topic: topic, Queue: queue() };
  expect(
    seen(stack({ ...all, OrdersRole: role([consume, publish]) }, { ...all, OrdersRole: role([publish, consume]) }))
      .permissions,
  ).toEqual([]);
});

test('a policy of a bucket names who it lets in, and under which condition', () => {
  const policy = {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Files' },
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: '*',
            Action: 's3:GetObject',
            Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Files', 'Arn'] }, '/*']] },
            Condition: { Bool: { 'aws:SecureTransport': 'true' } },
          },
        ],
      },
    },
  };
  const { permissions } = seen(stack({ Files: { Type: 'AWS::S3::Bucket' }, Policy: policy }));
  expect(permissions).toEqual([
    {
      action: 'add',
      who: 'everybody',
      what: 's3:GetObject on bucket Files, what is in it if aws:SecureTransport Bool "true"',
    },
  ]);
});

test('a condition names what it is about as people do', () => {
  const Condition = { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } };
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*', Condition }];
  const policy = { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: ['q'], PolicyDocument: { Statement } } };
  const { permissions } = seen(stack({ Topic: { Type: 'AWS::SNS::Topic' }, Policy: policy }));
  expect(permissions.map(({ what }) => what)).toEqual([
    'sqs:SendMessage on everything if aws:SourceArn ArnEquals topic order-created',
  ]);
});

test('cost before and after, with what is shared', () => {
  const secret = { Type: 'AWS::SecretsManager::Secret' };
  const { cost } = seen(
    stack({ A: secret, B: secret }, { A: secret }),
    stack({ C: { Type: 'AWS::EC2::NatGateway' } }, undefined, 'foundation'),
  );
  expect([cost.before.monthly, cost.after.monthly]).toEqual([0.4, 33.65]);
  expect(cost.after.items).toContainEqual({ what: 'shared: NAT gateway', monthly: 32.85 });
});

test('limits count what CloudFormation and IAM count', () => {
  const { limits } = seen(stack({ OrdersRole: role([publish]), Topic: topic }));
  const bytes = Buffer.byteLength(JSON.stringify({ Resources: { OrdersRole: role([publish]), Topic: topic } }));
  expect(limits).toEqual([
    { what: 'bytes of the template of fairlead-shop-production', used: bytes, most: 51_200 },
    { what: 'resources of fairlead-shop-production', used: 2, most: 500 },
    { what: 'outputs of fairlead-shop-production', used: 0, most: 200 },
    {
      what: "characters of a role's policies in fairlead-shop-production",
      used: JSON.stringify({ Version: '2012-10-17', Statement: [publish] }).length,
      most: 10_240,
    },
  ]);
});

test('migrations that would run, each with the worst that it does', () => {
  const statement = (safety: 'additive' | 'locking' | 'destructive', reason: string) => ({
    safety,
    reason,
    position: at('m.sql'),
  });
  const file = (version: number, ...statements: ReturnType<typeof statement>[]) => ({
    version,
    name: `m${version}`,
    file: `orders/migrations/${version}.up.sql`,
    hash: 'a'.repeat(64),
    statements,
  });
  const files = [
    file(1, statement('destructive', 'has run')),
    file(2, statement('additive', 'adds a column')),
    file(
      3,
      statement('locking', 'scans `books`'),
      statement('destructive', 'drops `title`'),
      statement('destructive', 'drops `title`'),
    ),
  ];
  const migrated = {
    ...plan,
    release: release({ ...graph, databases: [built.database('orders', 'orders/migrations', files)] }, images, {
      hash: digest('2'),
    }),
  };
  expect(
    foresight({ plan: migrated, region: 'us-east-1', stacks: [stack({})], schema: { orders: 1 } }).migrations,
  ).toEqual([
    { database: 'orders', file: 'orders/migrations/2.up.sql', safety: 'additive' },
    { database: 'orders', file: 'orders/migrations/3.up.sql', safety: 'destructive', reason: 'drops `title`' },
  ]);
  const changes = [{ action: 'add' as const, kind: 'database' as const, subject: 'orders', sentence: 'adds orders' }];
  expect(
    foresight({ plan: { ...migrated, changes }, region: 'us-east-1', stacks: [stack({})], schema: {} }).migrations,
  ).toEqual([1, 2, 3].map((n) => ({ database: 'orders', file: `orders/migrations/${n}.up.sql`, safety: 'additive' })));
});
