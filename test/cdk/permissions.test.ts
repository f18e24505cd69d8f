import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { executionStatements } from '../../cdk/permissions/execution.ts';
import { document, type Statement } from '../../cdk/permissions/statement.ts';
import { type TaskBucket, type TaskInput, taskStatements } from '../../cdk/permissions/task.ts';
import { evaluate } from '../fakes/aws/iam/evaluate.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const topic = (name: string) => arn('sns', `shop-production-${name}`);
const queue = (name: string) => arn('sqs', `shop-production-${name}`);
const bucket = (name: string) => `arn:aws:s3:::shop-production-${name}`;

interface Ask {
  action: string;
  resource: string;
  context?: Record<string, string>;
}

function may(statements: Statement[], { action, resource, context }: Ask): boolean {
  const who = { kind: 'role' as const, account: '123456789012', arn: 'arn:aws:iam::123456789012:role/orders' };
  return evaluate(
    { who, action, resource, ...(context && { context }) },
    { identity: [JSON.stringify(document(statements))] },
  ).allowed;
}

type Operation = TaskBucket['operations'][number];

/** What the calls of the runtime ask of S3, by the reference of each operation of its API. */
function asksOf(
  operation: Operation,
  name: string,
  { keyPrefix = '', versioned }: Pick<TaskBucket, 'keyPrefix' | 'versioned'>,
): Ask[] {
  const object = `${bucket(name)}/${keyPrefix}a/b.txt`;
  const of = (...actions: string[]) => actions.map((action) => ({ action, resource: object }));
  switch (operation) {
    case 'list':
      return [{ action: 's3:ListBucket', resource: bucket(name), context: { 's3:prefix': `${keyPrefix}a/` } }];
    case 'attributes':
    case 'download':
    case 'sign-download':
      return of('s3:GetObject', ...(versioned ? ['s3:GetObjectVersion'] : []));
    case 'upload':
      return of('s3:AbortMultipartUpload', 's3:PutObject');
    case 'sign-upload':
      return of('s3:PutObject');
    case 'remove':
      return of('s3:DeleteObject', ...(versioned ? ['s3:DeleteObjectVersion'] : []));
    case 'public-url':
      return [];
  }
}

/** Every call that the code of a process makes. */
function asksOfTask({ topics, queues, cronQueue, buckets }: TaskInput): Ask[] {
  const consumed = [...queues, ...(cronQueue === undefined ? [] : [cronQueue])];
  return [
    ...topics.map((resource) => ({ action: 'sns:Publish', resource: String(resource) })),
    ...consumed.flatMap((resource) =>
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'].map((action) => ({
        action,
        resource: String(resource),
      })),
    ),
    ...buckets.flatMap(({ name, operations, ...rest }) => operations.flatMap((one) => asksOf(one, name, rest))),
  ];
}

/** Everything that anybody could ask of these things, and of those of others. */
const universe: Ask[] = [
  ...['orders', 'payments', 'x'].flatMap((name) => [
    ...['sns:Publish', 'sns:Subscribe', 'sns:DeleteTopic', 'sns:SetTopicAttributes'].map((action) => ({
      action,
      resource: topic(name),
    })),
    ...[
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:SendMessage',
      'sqs:PurgeQueue',
      'sqs:GetQueueAttributes',
    ].map((action) => ({ action, resource: queue(name) })),
    { action: 's3:ListBucket', resource: bucket(name), context: { 's3:prefix': 'a/' } },
    { action: 's3:ListBucket', resource: bucket(name), context: { 's3:prefix': 'mine/a/' } },
    { action: 's3:ListBucketVersions', resource: bucket(name) },
    { action: 's3:DeleteBucket', resource: bucket(name) },
    { action: 's3:PutBucketPolicy', resource: bucket(name) },
    ...['a/b.txt', 'mine/a/b.txt'].flatMap((key) =>
      [
        's3:GetObject',
        's3:PutObject',
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:GetObjectVersion',
        's3:DeleteObjectVersion',
        's3:PutObjectAcl',
      ].map((action) => ({ action, resource: `${bucket(name)}/${key}` })),
    ),
  ]),
  { action: 'sns:Publish', resource: topic('orders').replace('production', 'staging') },
  { action: 'sqs:ReceiveMessage', resource: queue('orders').replace('production', 'pr-1') },
  { action: 's3:GetObject', resource: `${bucket('orders')}-2/a/b.txt` },
  {
    action: 'secretsmanager:GetSecretValue',
    resource: arn('secretsmanager', 'secret:fairlead/shop/type/production/KEY-a'),
  },
  { action: 'iam:PassRole', resource: 'arn:aws:iam::123456789012:role/shop-production-orders' },
  { action: 'sts:AssumeRole', resource: 'arn:aws:iam::123456789012:role/shop-production-orders' },
  { action: 'ssm:GetParameter', resource: arn('ssm', 'parameter/fairlead/shop/production/schema') },
];

const same = (a: Ask, b: Ask) =>
  a.action === b.action && a.resource === b.resource && JSON.stringify(a.context) === JSON.stringify(b.context);

const operations: Operation[] = [
  'list',
  'attributes',
  'download',
  'upload',
  'remove',
  'sign-download',
  'sign-upload',
  'public-url',
];
const names = fc.uniqueArray(fc.constantFrom('orders', 'payments', 'x'));
const anyTask: fc.Arbitrary<TaskInput> = fc
  .record({
    topics: names.map((some) => some.map(topic)),
    queues: names.map((some) => some.map(queue)),
    cronQueue: fc.option(fc.constant(queue('cron')), { nil: undefined }),
    buckets: names.chain((some) =>
      fc.tuple(
        ...some.map((name) =>
          fc.record({
            name: fc.constant(name),
            arn: fc.constant(bucket(name)),
            keyPrefix: fc.constantFrom('', 'mine/'),
            versioned: fc.boolean(),
            operations: fc.uniqueArray(fc.constantFrom(...operations), { minLength: 1 }),
          }),
        ),
      ),
    ),
  })
  .map(({ cronQueue, ...rest }) => ({ ...rest, ...(cronQueue !== undefined && { cronQueue }) }));

test('a process may do all that its code does, and nothing else that anybody could ask', () => {
  let [allowed, denied] = [0, 0];
  fc.assert(
    fc.property(anyTask, (task) => {
      const statements = taskStatements(task);
      const asks = asksOfTask(task);
      for (const ask of asks) expect([ask, may(statements, ask)]).toEqual([ask, true]);
      allowed += asks.length;
      const whole = (ask: Ask) =>
        task.buckets.some(
          ({ arn: name, keyPrefix, operations: some }) =>
            // A bucket without a prefix is the environment's as a whole, with whatever keys.
            keyPrefix === '' &&
            ask.resource.startsWith(String(name)) &&
            asks.some(
              (one) => one.action === ask.action && one.resource.split('/')[0] === ask.resource.split('/')[0],
            ) &&
            some.length > 0,
        );
      const within = (ask: Ask) => asks.some((one) => same(one, ask)) || whole(ask);
      for (const ask of universe.filter((one) => !within(one))) {
        denied += 1;
        expect([ask, may(statements, ask)]).toEqual([ask, false]);
      }
    }),
    { numRuns: 200, seed: 11 },
  );
  expect([allowed > 1_000, denied > 5_000]).toEqual([true, true]);
});

const everything: TaskInput = {
  topics: [topic('orders'), topic('payments')],
  queues: [queue('orders')],
  cronQueue: queue('cron'),
  buckets: [
    { name: 'orders', arn: bucket('orders'), versioned: true, operations },
    { name: 'x', arn: bucket('x'), keyPrefix: 'mine/', versioned: false, operations: ['list', 'upload'] },
  ],
};

/** Each way to take one thing away: a statement, an action, a resource. */
function* weaker(statements: Statement[]): Generator<[what: string, left: Statement[]]> {
  for (const [index, one] of statements.entries()) {
    const put = (changed: Statement[]) => [...statements.slice(0, index), ...changed, ...statements.slice(index + 1)];
    yield [one.Sid, put([])];
    for (const action of one.Action)
      yield [`${one.Sid} ${action}`, put([{ ...one, Action: one.Action.filter((other) => other !== action) }])];
    for (const resource of one.Resource)
      yield [`${one.Sid} ${resource}`, put([{ ...one, Resource: one.Resource.filter((other) => other !== resource) }])];
  }
}

test('nothing can be taken away: each statement, action and resource is what some call needs', () => {
  const asks = asksOfTask(everything);
  const without = [...weaker(taskStatements(everything))];
  expect(without.length).toBeGreaterThan(20);
  const needless = without.filter(([, left]) => asks.every((ask) => may(left, ask))).map(([what]) => what);
  expect(needless).toEqual([]);
});

const logs = arn('logs', 'log-group:/fairlead/shop/production-1:*');
const repository = arn('ecr', 'repository/shop');
const secret = arn('secretsmanager', 'secret:fairlead/shop/type/production/KEY-AbCdEf');
const execution = executionStatements({ repositories: [repository], logGroup: logs, secrets: [secret] });

/** "Amazon ECS task execution IAM role": pulling an image, writing its log, and the secrets of its definition. */
const started: Ask[] = [
  { action: 'ecr:GetAuthorizationToken', resource: '*' },
  { action: 'ecr:BatchCheckLayerAvailability', resource: repository },
  { action: 'ecr:BatchGetImage', resource: repository },
  { action: 'ecr:GetDownloadUrlForLayer', resource: repository },
  { action: 'logs:CreateLogStream', resource: logs.replace(':*', ':log-stream:orders/1') },
  { action: 'logs:PutLogEvents', resource: logs.replace(':*', ':log-stream:orders/1') },
  { action: 'secretsmanager:GetSecretValue', resource: secret },
];

test('ECS may start the task', () => {
  for (const ask of started) expect([ask, may(execution, ask)]).toEqual([ask, true]);
});

test.each([
  ['another image', 'ecr:BatchGetImage', arn('ecr', 'repository/blog')],
  ['to push one', 'ecr:PutImage', repository],
  ['another log', 'logs:PutLogEvents', arn('logs', 'log-group:/fairlead/shop/staging-1:log-stream:a')],
  ['to read its own log', 'logs:GetLogEvents', logs.replace(':*', ':log-stream:a')],
  ['another secret', 'secretsmanager:GetSecretValue', secret.replace('KEY', 'OTHER')],
  ['to set its secret', 'secretsmanager:PutSecretValue', secret],
])('and not %s', (_, action, resource) => {
  expect(may(execution, { action, resource })).toBe(false);
});

test('nor can anything be taken away from what starts a task', () => {
  const needless = [...weaker(execution)].filter(([, left]) => started.every((ask) => may(left, ask)));
  expect(needless.map(([what]) => what)).toEqual([]);
});

test('a process that touches nothing has no statement', () => {
  expect(taskStatements({ topics: [], queues: [], buckets: [] })).toEqual([]);
  expect(
    taskStatements({
      topics: [],
      queues: [],
      buckets: [{ name: 'x', arn: bucket('x'), versioned: false, operations: ['public-url'] }],
    }),
  ).toEqual([]);
});
