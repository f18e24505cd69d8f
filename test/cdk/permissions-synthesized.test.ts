import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import type { EnvironmentClass, Stack } from '../../cdk/model.ts';
import { physicalName } from '../../cdk/names.ts';
import { boundaryPolicy, scopeOf } from '../../cdk/permissions/boundary.ts';
import { document, type Statement } from '../../cdk/permissions/statement.ts';
import type { Operation, Plan } from '../../pipeline/mod.ts';
import { evaluate } from '../fakes/aws/iam/evaluate.ts';
import * as built from '../support/graph.ts';
import { type Ask, arnOf, asksOfProcesses, asksOfStarts, resolved } from './support/asks.ts';
import { account, inputOf } from './support/input.ts';
import { releaseOf, stories } from './support/stories.ts';

/** The statements of a role as AWS would have them. */
function statementsOf({ template }: Stack, id: string): Statement[] {
  const { Policies = [] } = template.Resources[id]!.Properties as {
    Policies?: { PolicyDocument: { Statement: unknown } }[];
  };
  return Policies.flatMap(({ PolicyDocument }) => resolved(template, PolicyDocument.Statement) as Statement[]);
}

function may(statements: Statement[], { action, resource, context }: Ask, boundary?: object): boolean {
  const who = { kind: 'role' as const, account: account.id, arn: `arn:aws:iam::${account.id}:role/a` };
  return evaluate(
    { who, action, resource, ...(context && { context }) },
    { identity: [JSON.stringify(document(statements))], ...(boundary && { boundary: JSON.stringify(boundary) }) },
  ).allowed;
}

/** By the id of each role that code or ECS has: what is asked with it. */
function asksOf(stack: Stack, plan: Plan): Record<string, Ask[]> {
  const processes = Object.entries(asksOfProcesses(stack, plan)).map(([process, asks]) => {
    const [id] = Object.entries(stack.meanings).find(([, { subject }]) => subject === `what ${process} may do`)!;
    return [id, asks] as const;
  });
  return { ...Object.fromEntries(processes), ...asksOfStarts(stack) };
}

const actions: Record<string, string[]> = {
  'AWS::SNS::Topic': ['sns:Publish', 'sns:Subscribe', 'sns:DeleteTopic', 'sns:SetTopicAttributes'],
  'AWS::SQS::Queue': [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
    'sqs:SendMessage',
    'sqs:PurgeQueue',
    'sqs:SetQueueAttributes',
  ],
  'AWS::S3::Bucket': ['s3:ListBucket', 's3:ListBucketVersions', 's3:DeleteBucket', 's3:PutBucketPolicy'],
  'AWS::SecretsManager::Secret': ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
  'AWS::Logs::LogGroup': ['logs:GetLogEvents', 'logs:DeleteLogGroup'],
};
const onObjects = ['GetObject', 'PutObject', 'DeleteObject', 'GetObjectVersion', 'DeleteObjectVersion', 'PutObjectAcl'];

/** Everything that could be done to what is in the template, and to what is called the same in another environment or application. */
function neighbours({ template }: Stack, { environment: { application, name } }: Plan): Ask[] {
  const own = Object.entries(template.Resources).flatMap(([id, { Type }]) => {
    const resource = arnOf(template, id);
    const some: Ask[] = (actions[Type] ?? []).map((action) => ({ action, resource, context: { 's3:prefix': 'a/' } }));
    const objects =
      Type === 'AWS::S3::Bucket'
        ? onObjects.map((one) => ({ action: `s3:${one}`, resource: `${resource}/a/b.txt` }))
        : [];
    return [...some, ...objects];
  });
  const elsewhere = (from: string, to: string) =>
    own
      .map((ask) => ({ ...ask, resource: ask.resource.replace(from, to) }))
      .filter(({ resource }, index) => resource !== own[index]!.resource);
  return [
    ...own,
    ...elsewhere(`${application}-${name}-`, `${application}-other-`),
    ...elsewhere(`${application}-${name}-`, `other-${name}-`),
    { action: 'iam:PassRole', resource: `arn:aws:iam::${account.id}:role/any` },
    { action: 'sts:AssumeRole', resource: `arn:aws:iam::${account.id}:role/any` },
    { action: 'ecr:PutImage', resource: `arn:aws:ecr:${account.region}:${account.id}:repository/${application}` },
    {
      action: 'ssm:GetParameter',
      resource: `arn:aws:ssm:${account.region}:${account.id}:parameter/fairlead/${application}/${name}/schema`,
    },
  ];
}

const same = (a: Ask, b: Ask) => a.action === b.action && a.resource === b.resource;

/** @returns how many were allowed and how many denied */
function prove(stack: Stack, plan: Plan): { allowed: number; denied: number } {
  const all = neighbours(stack, plan);
  const count = { allowed: 0, denied: 0 };
  for (const [role, asks] of Object.entries(asksOf(stack, plan))) {
    const statements = statementsOf(stack, role);
    for (const ask of asks) expect([role, ask, may(statements, ask)]).toEqual([role, ask, true]);
    const others = all.filter((one) => !asks.some((ask) => same(ask, one)));
    // Thousands: one expectation for all.
    expect([role, others.filter((ask) => may(statements, ask))]).toEqual([role, []]);
    count.allowed += asks.length;
    count.denied += others.length;
  }
  return count;
}

/** Each way to take one thing away from a role: a statement, an action, a resource. */
function* weaker(statements: Statement[]): Generator<[what: string, left: Statement[]]> {
  for (const [index, one] of statements.entries()) {
    const put = (changed: Statement[]) => statements.toSpliced(index, 1, ...changed);
    yield [one.Sid, put([])];
    for (const action of one.Action)
      yield [`${one.Sid} ${action}`, put([{ ...one, Action: one.Action.filter((other) => other !== action) }])];
    for (const resource of one.Resource)
      yield [`${one.Sid} ${resource}`, put([{ ...one, Resource: one.Resource.filter((other) => other !== resource) }])];
  }
}

const all = await stories();

describe.each(Object.entries(all))('%s', (_, { app, plan }) => {
  const stack = synthesizeApp(app);
  const roles = asksOf(stack, plan);

  test('each process and each start may do what it does, and nothing to anything else', () => {
    const { allowed, denied } = prove(stack, plan);
    expect([allowed > 5, denied > 50]).toEqual([true, true]);
  });

  test('nothing can be taken away from any role', () => {
    const needless = Object.entries(roles).flatMap(([role, asks]) =>
      [...weaker(statementsOf(stack, role))]
        .filter(([, left]) => asks.every((ask) => may(left, ask)))
        .map(([what]) => `${role} ${what}`),
    );
    expect(needless).toEqual([]);
  });

  test('the boundary takes none of it away', () => {
    const { application, name, type } = plan.environment;
    const boundary = boundaryPolicy({
      partition: 'aws',
      account: account.id,
      scope: scopeOf(type as EnvironmentClass),
      environments: [name],
      foundation: app.settings.foundation,
      applications: [application],
      repositories: [application, `${application}/provision`],
    });
    // Amazon RDS says in a tag whose master a secret is of.
    const server = physicalName('server', app.settings.foundation, type, 'shared');
    const context = {
      'aws:ResourceTag/aws:rds:primaryDBInstanceArn': `arn:aws:rds:${account.region}:${account.id}:db:${server}`,
    };
    for (const [role, asks] of Object.entries(roles)) {
      const statements = statementsOf(stack, role);
      const tagged = asks.map((ask) => (ask.resource.includes(':secret:rds!db-') ? { ...ask, context } : ask));
      for (const ask of tagged) expect([role, ask, may(statements, ask, boundary)]).toEqual([role, ask, true]);
    }
    // Roles of AWS's own services too: whatever they are given has to be within it.
    for (const [id, { Type }] of Object.entries(stack.template.Resources)) {
      if (Type !== 'AWS::IAM::Role' || roles[id]) continue;
      for (const { Action, Resource } of statementsOf(stack, id))
        for (const action of Action)
          for (const resource of Resource)
            expect([
              id,
              action,
              may(statementsOf(stack, id), { action, resource: String(resource) }, boundary),
            ]).toEqual([id, action, true]);
    }
  });

  test('every role has the boundary', () => {
    const bounds = Object.values(stack.template.Resources)
      .filter(({ Type }) => Type === 'AWS::IAM::Role')
      .map(({ Properties }) => Properties?.PermissionsBoundary);
    expect(new Set(bounds)).toEqual(new Set([app.boundary]));
  });
});

const services = ['a', 'b', 'c'];
const anyGraph = fc
  .record({
    publishes: fc.subarray(services.flatMap((service) => ['t', 'u'].map((topic) => [service, topic] as const))),
    subscribes: fc.subarray(services.flatMap((service) => ['t', 'u'].map((topic) => [service, topic] as const))),
    buckets: fc.array(
      fc.record({
        service: fc.constantFrom(...services),
        name: fc.constantFrom('x', 'y'),
        operations: fc.uniqueArray(
          fc.constantFrom<Operation>(
            'list',
            'attributes',
            'download',
            'upload',
            'remove',
            'sign-download',
            'sign-upload',
          ),
          { minLength: 1 },
        ),
      }),
      { maxLength: 4 },
    ),
    versioned: fc.boolean(),
    crons: fc.subarray(services),
    perService: fc.boolean(),
  })
  .map(({ publishes, subscribes, buckets, versioned, crons, perService }) => ({
    perService,
    graph: built.graph({
      application: 'shop',
      services: services.map((name) =>
        built.service(name, {
          endpoints: [built.endpoint('run')],
          subscriptions: subscribes
            .filter(([service]) => service === name)
            .map(([, topic]) => built.subscription(`${name}-of-${topic}`, topic)),
        }),
      ),
      topics: [built.topic('t'), built.topic('u', { deliveryGuarantee: 'exactly-once' })],
      buckets: [built.bucket('x', { versioned }), built.bucket('y')],
      cronJobs: crons.map((name) => ({
        name: `${name}-daily`,
        when: { schedule: '0 4 * * *' },
        endpoint: { service: name, endpoint: 'run' },
        service: name,
        position: built.position,
      })),
      uses: [
        ...publishes.map(([service, name]) => built.use(service, { kind: 'topic', name }, ['publish'])),
        // One entry for each service and bucket, as the analyzer has it.
        ...[...Map.groupBy(buckets, ({ service, name }) => `${service} ${name}`).values()].map((some) => {
          const [{ service, name }] = some as [(typeof some)[number]];
          return built.use(
            service,
            { kind: 'bucket', name },
            [...new Set(some.flatMap((one) => one.operations))].sort(),
          );
        }),
      ],
    }),
  }));

test('so it is of any Graph', () => {
  const total = { allowed: 0, denied: 0 };
  fc.assert(
    fc.property(anyGraph, ({ graph, perService }) => {
      const { app, plan } = inputOf({
        release: releaseOf(graph),
        environment: 'production',
        settings: { processes: perService ? 'per-service' : 'all-in-one' },
      });
      const { allowed, denied } = prove(synthesizeApp(app), plan);
      total.allowed += allowed;
      total.denied += denied;
    }),
    { numRuns: 20, seed: 5 },
  );
  expect([total.allowed > 300, total.denied > 3_000]).toEqual([true, true]);
});
