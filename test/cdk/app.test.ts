import { expect, test } from '@jest/globals';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import type { AwsOverrides, Stack, Template } from '../../cdk/model.ts';
import { prepareTemplate } from '../../cdk/prepare.ts';
import type { Settings } from '../../pipeline/mod.ts';
import { service } from '../pipeline/sample-graph.ts';
import { generatedGraph } from '../support/generated-graph.ts';
import * as built from '../support/graph.ts';
import { inputOf } from './support/input.ts';
import { everythingGraph, releaseOf, stories } from './support/stories.ts';

const all = await stories();

// biome-ignore lint/suspicious/noExplicitAny: properties are whatever CloudFormation takes.
type Properties = any;

function resources({ Resources }: Template, type: string): [id: string, properties: Properties][] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [[id, Properties ?? {}]] : [],
  );
}

function app(story: keyof typeof all): Stack {
  return synthesizeApp(all[story].app);
}

/** The configuration that a container is told, with `⟨…⟩` for what CloudFormation puts in. */
function told({ template }: Stack, container: string, variable = 'FAIRLEAD_INFRA_CONFIG'): Properties {
  for (const [, { ContainerDefinitions }] of resources(template, 'AWS::ECS::TaskDefinition')) {
    const own = ContainerDefinitions.find(({ Name }: Properties) => Name === container);
    const value = own?.Environment.find(({ Name }: Properties) => Name === variable)?.Value;
    if (value !== undefined) return JSON.parse(flat(value));
  }
  throw new Error(`no container ${container} is told ${variable}`);
}

function flat(value: Properties): string {
  if (typeof value === 'string') return value;
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(flat).join(value['Fn::Join'][0]);
  return `⟨${Object.values(value).flat().join('.')}⟩`;
}

test('how long calls wait is said where the environment says it', () => {
  const { app: input } = all['everything-production'];
  const plan = { ...input.plan, settings: { ...input.plan.settings, callTimeout: 20_000 } };
  expect(told(synthesizeApp({ ...input, plan }), 'billing').fairlead.call_timeout).toBe(20);
  expect(told(app('everything-production'), 'billing').fairlead).not.toHaveProperty('call_timeout');
});

test('a process is told of its own resources only, and nothing secret', () => {
  const stack = app('everything-production');
  const billing = told(stack, 'billing');
  expect(billing).toMatchObject({
    metadata: { app_id: 'everything', env_name: 'production', cloud: 'aws', base_url: 'https://everything.example' },
    auth: [{ type: 'key', id: 1, key: { $env: 'FAIRLEAD_INTERNAL_KEY' } }],
    service_discovery: {
      accounts: { base_url: expect.stringMatching(/^http:\/\/[a-z0-9-]+\.[a-z0-9-]+\.internal:8080$/) },
    },
    secrets: { PaymentKey: { $env: 'FAIRLEAD_SECRET_PaymentKey' } },
    fairlead: {
      version: 1,
      cron: { type: 'aws_sqs' },
      telemetry: { otlp: 'https://otlp.example:4318', traces: { ratio: 0.1 } },
    },
  });
  expect(Object.keys(billing.service_discovery)).toEqual(['accounts']);
  expect(Object.keys(billing.pubsub[0].topics).sort()).toEqual(['ledger', 'order-placed']);
  expect(billing.sql_servers.map(({ databases }: Properties) => Object.keys(databases))).toEqual([
    ['accounts'],
    ['billing'],
  ]);
  expect(billing.sql_servers[0].host).toBe('accounts.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432');
  expect(billing).not.toHaveProperty('redis');
  expect(told(stack, 'accounts').redis.sessions).toMatchObject({
    key_prefix: 'everything/production/sessions/',
    auth: { type: 'acl', password: { $env: 'FAIRLEAD_CACHE_PASSWORD' } },
    tls_config: {},
  });
  expect(Object.keys(told(stack, 'gateway').service_discovery).sort()).toEqual(['accounts', 'billing', 'media']);
  expect(told(stack, 'media').object_storage[0].buckets.pictures.public_base_url).toMatch(/^https:\/\/⟨.*DomainName⟩$/);
  expect(JSON.stringify(stack.template.Resources)).not.toContain(all['everything-production'].plan.release.digest);
});

test('the certificate of the servers is that of the region, and of no other', () => {
  const { Mappings } = app('shop-preview').template as { Mappings: Properties };
  const text: string = JSON.parse(`"${Mappings.Trust.Database.Certificate}"`);
  expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  const { app: input } = all['shop-preview'];
  expect(() => synthesizeApp({ ...input, account: { ...input.account, region: 'moon-west-1' } })).toThrow('FL7006');
});

test('a topic is FIFO with its queues when messages are ordered or arrive exactly once', () => {
  const { template } = app('everything-staging');
  const fifo = resources(template, 'AWS::SNS::Topic').map(([id, { FifoTopic, TopicName }]) => [
    id.replace(/[0-9A-F]{8}$/, ''),
    FifoTopic ?? false,
    TopicName.endsWith('.fifo'),
  ]);
  expect(fifo).toEqual([
    ['TopicLedger', true, true],
    ['TopicOrderPlaced', true, true],
    ['TopicSeen', false, false],
  ]);
  const queues = resources(template, 'AWS::SQS::Queue').filter(([id]) => /^(Queue|DeadLetters)/.test(id));
  expect(queues).toHaveLength(4);
  for (const [, { FifoQueue, QueueName }] of queues)
    expect([FifoQueue, QueueName.endsWith('.fifo')]).toEqual([true, true]);
});

test('a queue keeps to what the subscription says, within what SQS takes', () => {
  const { template } = app('everything-staging');
  const queue = (name: string) => resources(template, 'AWS::SQS::Queue').find(([id]) => id.startsWith(name))![1];
  expect(queue('QueueOrderPlacedCharge')).toMatchObject({
    VisibilityTimeout: 46,
    MessageRetentionPeriod: 14 * 86_400,
    RedrivePolicy: { maxReceiveCount: 101 },
  });
  expect(queue('QueueLedgerAudit').RedrivePolicy).toMatchObject({
    maxReceiveCount: 1,
    deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^DeadLettersLedgerAudit/), 'Arn'] },
  });
  for (const [, { RawMessageDelivery }] of resources(template, 'AWS::SNS::Subscription'))
    expect(RawMessageDelivery).toBe(false);
});

test('cron jobs wake a process through its queue; in previews there is the queue alone', () => {
  const schedules = resources(app('everything-production').template, 'AWS::Scheduler::Schedule').map(([, one]) => [
    one.ScheduleExpression,
    JSON.parse(one.Target.Input),
  ]);
  const run = '<aws.scheduler.scheduled-time>';
  expect(schedules).toEqual([
    ['cron(0 0/3 * * ? *)', { cron_job: 'settle-often', run }],
    ['cron(30 1/3 * * ? *)', { cron_job: 'settle-often', run }],
    ['cron(30 6 1 * ? *)', { cron_job: 'settle-on-mondays', run }],
    ['cron(30 6 ? * 2 *)', { cron_job: 'settle-on-mondays', run }],
  ]);
  const preview = app('shop-preview').template;
  expect(resources(preview, 'AWS::Scheduler::Schedule')).toEqual([]);
  expect(flat(preview.Outputs!.CronQueues!.Value)).toMatch(/^\{"app":"⟨CronQueueApp[0-9A-F]+⟩"\}$/);
});

test('previews that sleep are put to sleep and woken by a schedule', () => {
  const schedules = resources(app('everything-preview').template, 'AWS::Scheduler::Schedule');
  expect(schedules).toHaveLength(8);
  const [[, sleep], [, wake]] = schedules as [[string, Properties], [string, Properties]];
  expect([sleep.ScheduleExpression, JSON.parse(sleep.Target.Input).DesiredCount]).toEqual(['cron(0 20 * * ? *)', 0]);
  expect([wake.ScheduleExpression, JSON.parse(wake.Target.Input).DesiredCount]).toEqual([
    'cron(0 6 ? * 2,3,4,5,6 *)',
    1,
  ]);
});

test('production changes over by a canary that waits; a preview replaces at once', () => {
  const service = (story: keyof typeof all, name: string) =>
    resources(app(story).template, 'AWS::ECS::Service').find(([id]) => id.startsWith(`Service${name}`))![1];
  const gateway = service('shop-production', 'Gateway');
  expect(gateway.DeploymentConfiguration).toMatchObject({
    Strategy: 'CANARY',
    CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 1 },
    LifecycleHooks: [
      {
        LifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
        TargetType: 'PAUSE',
        TimeoutConfiguration: { Action: 'ROLLBACK' },
      },
    ],
  });
  expect(gateway.LoadBalancers[0].AdvancedConfiguration).toMatchObject({
    ProductionListenerRule: { Ref: 'Rule' },
    TestListenerRule: { Ref: 'CanaryRule' },
  });
  expect(gateway).not.toHaveProperty('DesiredCount');
  expect(service('shop-production', 'Orders').DeploymentConfiguration).toEqual({
    DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    MinimumHealthyPercent: 100,
    MaximumPercent: 200,
  });
  const preview = service('shop-preview', 'App');
  expect(preview).toMatchObject({
    DesiredCount: 1,
    AvailabilityZoneRebalancing: 'DISABLED',
    CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT' }],
    DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100 },
  });
  const [[, group]] = resources(app('shop-preview').template, 'AWS::ElasticLoadBalancingV2::TargetGroup') as [
    [string, Properties],
  ];
  expect(group).toMatchObject({ HealthCheckIntervalSeconds: 5, HealthyThresholdCount: 2 });
  expect(group.TargetGroupAttributes).toEqual([{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }]);
});

test('with a domain a host leads to the environment, else a header that only its API sets', () => {
  const conditions = (story: keyof typeof all) =>
    resources(app(story).template, 'AWS::ElasticLoadBalancingV2::ListenerRule').map(
      ([, { Conditions }]) => Conditions[0],
    );
  expect(conditions('everything-production').map(({ HostHeaderConfig }) => HostHeaderConfig.Values)).toEqual([
    ['everything.example'],
    ['canary-production.everything.example'],
  ]);
  expect(conditions('shop-preview')).toEqual([
    {
      Field: 'http-header',
      HttpHeaderConfig: { HttpHeaderName: 'x-fairlead-environment', Values: ['shop/pr-1'] },
    },
  ]);
  const [[, api]] = resources(app('shop-preview').template, 'AWS::ApiGatewayV2::Api') as [[string, Properties]];
  const route = api.Body.paths['/$default']['x-amazon-apigateway-any-method'];
  expect(route['x-amazon-apigateway-integration'].requestParameters).toEqual({
    'overwrite:header.x-fairlead-environment': 'shop/pr-1',
  });
  expect(resources(app('everything-production').template, 'AWS::ApiGatewayV2::Api')).toEqual([]);
});

test('in a preview of one task databases are made and migrated before the process starts; elsewhere by a task of its own', () => {
  const order = ({ template }: Stack, family: string) =>
    resources(template, 'AWS::ECS::TaskDefinition')
      .find(([id]) => id.startsWith(family))![1]
      .ContainerDefinitions.map(({ Name, Essential, DependsOn = [] }: Properties) => [
        Name,
        Essential,
        ...DependsOn.map(({ ContainerName, Condition }: Properties) => `${ContainerName} ${Condition}`),
      ]);
  expect(order(app('shop-preview'), 'TaskApp')).toEqual([
    ['provision', false],
    ['migrate', false, 'provision SUCCESS'],
    ['app', true, 'migrate SUCCESS'],
  ]);
  expect(app('shop-preview').template.Outputs).not.toHaveProperty('MigrateTaskDefinition');
  expect(order(app('shop-production'), 'MigrateTask')).toEqual([
    ['provision', false],
    ['migrate', true, 'provision SUCCESS'],
  ]);
  expect(order(app('shop-production'), 'TaskOrders')).toEqual([['orders', true]]);
  const request = told(app('shop-production'), 'provision', 'FAIRLEAD_PROVISION');
  expect(request).toMatchObject({
    version: 1,
    action: 'create',
    owner: { password: { $env: 'FAIRLEAD_OWNER_PASSWORD' } },
  });
  expect(request.databases.map(({ name, users, migrated }: Properties) => [name, users.length, migrated])).toEqual([
    ['analytics', 1, true],
    ['orders', 1, true],
  ]);
  expect(told(app('shop-production'), 'migrate').sql_servers[0].databases.orders.username).toBe(request.owner.name);
});

test('what goes before a migration is what is deployed, and of the new only what migrates', () => {
  const next = app('shop-production').template;
  const first = prepareTemplate(undefined, next);
  const types = new Set(Object.values(first.Resources).map(({ Type }) => Type));
  expect(types).toEqual(
    new Set(['AWS::ECS::TaskDefinition', 'AWS::IAM::Role', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret']),
  );
  expect(first.Outputs).toHaveProperty('MigrateTaskDefinition');
  expect(first.Outputs).not.toHaveProperty('Release');
  const deployed = structuredClone(next);
  deployed.Outputs!.Release!.Value = 'sha256:old';
  const [orders] = Object.keys(deployed.Resources).filter((id) => id.startsWith('TaskOrders'));
  const [migrate] = Object.keys(deployed.Resources).filter((id) => id === 'MigrateTask');
  for (const id of [orders!, migrate!]) deployed.Resources[id]!.Properties!.Cpu = 'old';
  const between = prepareTemplate(deployed, next);
  expect(between.Resources[orders!]).toEqual(deployed.Resources[orders!]);
  expect(between.Resources[migrate!]).toEqual(next.Resources[migrate!]);
  expect(between.Outputs!.Release!.Value).toBe('sha256:old');
  expect(prepareTemplate(undefined, app('shop-preview').template)).toEqual(app('shop-preview').template);
});

test('another topic leaves the ids and the content of everything else as they were', () => {
  const graph = everythingGraph();
  const more = everythingGraph();
  more.topics.unshift(built.topic('a-first-one'));
  const templateOf = (of: typeof graph) =>
    synthesizeApp(inputOf({ release: releaseOf(of), environment: 'pr-3' }).app).template;
  const [before, after] = [templateOf(graph), templateOf(more)];
  const added = Object.keys(after.Resources).filter((id) => !before.Resources[id]);
  expect(added.map((id) => after.Resources[id]!.Type)).toEqual(['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy']);
  const changed = Object.keys(before.Resources).filter(
    (id) => JSON.stringify(after.Resources[id]) !== JSON.stringify(before.Resources[id]),
  );
  // Images of the sample are made from the whole Graph.
  expect(new Set(changed.map((id) => before.Resources[id]!.Type))).toEqual(new Set(['AWS::ECS::TaskDefinition']));
});

test('only processes that changed have another task', () => {
  const { app: input } = all['shop-production'];
  const before = synthesizeApp(input).template;
  const images = { ...input.images, orders: input.images.orders!.replace(/.{4}$/, 'ffff') };
  const plan = { ...input.plan, release: { ...input.plan.release, digest: `sha256:${'f'.repeat(64)}` as const } };
  const after = synthesizeApp({ ...input, images, plan }).template;
  const changed = Object.keys(after.Resources).filter(
    (id) => JSON.stringify(after.Resources[id]) !== JSON.stringify(before.Resources[id]),
  );
  expect(changed).toEqual([expect.stringMatching(/^TaskOrders[0-9A-F]{8}$/)]);
  expect(after.Outputs!.Release!.Value).toBe(`sha256:${'f'.repeat(64)}`);
});

test('a new version of a secret is a change of those who read it, and an isolated environment has none', () => {
  const { app: input } = all['shop-production'];
  const [name] = Object.keys(input.secrets);
  const secrets = { [name!]: { ...input.secrets[name!]!, version: '99999999-2222-4333-8444-555555555555' } };
  const [before, after] = [synthesizeApp(input).template, synthesizeApp({ ...input, secrets }).template];
  const changed = Object.keys(after.Resources).filter(
    (id) => JSON.stringify(after.Resources[id]) !== JSON.stringify(before.Resources[id]),
  );
  expect(changed).toEqual([expect.stringMatching(/^TaskNotifications/)]);
  const isolated = synthesizeApp({ ...input, plan: { ...input.plan, isolated: true } });
  expect(JSON.stringify(isolated.template)).not.toContain(name);
});

function large(settings: Partial<Settings>, overrides: AwsOverrides = {}) {
  return inputOf({ release: releaseOf(generatedGraph(60)), environment: 'production', settings, overrides }).app;
}

test('more resources than a stack should have are refused with the way out', () => {
  expect(() => synthesizeApp(large({ processes: 'per-service' }))).toThrow(/FL7004.*resources in one stack/s);
  expect(Object.keys(synthesizeApp(large({})).template.Resources).length).toBeLessThan(450);
});

test('a process that has to be told too much is refused', () => {
  const graph = everythingGraph();
  graph.services.push(service('huge'));
  for (let index = 0; index < 400; index++) {
    const name = `topic-${index}-${'x'.repeat(100)}`;
    graph.topics.push(built.topic(name));
    graph.uses.push(built.use('huge', { kind: 'topic', name }, ['publish']));
  }
  const { app: input } = inputOf({ release: releaseOf(graph), environment: 'pr-4' });
  expect(() => synthesizeApp(input)).toThrow('FL7005');
});

test('a process may write to /tmp and nowhere else, whoever it runs as', () => {
  for (const story of Object.keys(all) as (keyof typeof all)[])
    for (const [, { ContainerDefinitions, Memory }] of resources(app(story).template, 'AWS::ECS::TaskDefinition'))
      for (const { ReadonlyRootFilesystem, LinuxParameters, MountPoints } of ContainerDefinitions) {
        expect(ReadonlyRootFilesystem).toBe(true);
        // Not a bind mount: only root may write to one.
        expect(MountPoints).toBeUndefined();
        expect(LinuxParameters.Tmpfs).toEqual([
          { ContainerPath: '/tmp', Size: Number(Memory) / 2, MountOptions: ['rw', 'nosuid', 'nodev'] },
        ]);
      }
});
