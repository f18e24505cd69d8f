import { expect, test } from '@jest/globals';
import { costOf, ownShare } from '../../cdk/cost/cost.ts';
import type { Template } from '../../cdk/model.ts';

const task = (Cpu: string, Memory: string, more = {}) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: { Cpu, Memory, ...more },
});

const onSpot: Template = {
  Resources: {
    Task: task('256', '512'),
    Service: {
      Type: 'AWS::ECS::Service',
      Properties: {
        DesiredCount: 1,
        TaskDefinition: { Ref: 'Task' },
        CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
        NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } },
      },
    },
    Key: { Type: 'AWS::SecretsManager::Secret' },
    Owner: { Type: 'AWS::SecretsManager::Secret' },
    Topic: { Type: 'AWS::SNS::Topic' },
    Queue: { Type: 'AWS::SQS::Queue' },
  },
};

const shared: Template = {
  Resources: {
    Server: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '20' } },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { Scheme: 'internal', Subnets: ['a', 'b'] },
    },
    Namespace: { Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace' },
  },
};

test('an idle preview costs what its one task, its address and its secrets do', () => {
  const cost = costOf({ region: 'us-east-1', environment: onSpot });
  // 730 h × (0.25 × 0.04048 + 0.5 × 0.004445) × 0.31 = 730 × 0.0123425 × 0.31 = 2.793; 730 × 0.005 = 3.65; 2 × 0.40.
  expect(cost.items).toEqual([
    { what: 'public IPv4 address', monthly: 3.65 },
    { what: 'task of 0.25 vCPU and 0.5 GiB on spare capacity', monthly: 2.79 },
    { what: '2 × secret', monthly: 0.8 },
  ]);
  expect(cost.monthly).toBe(7.24);
});

test('what is shared is told apart from what is its own', () => {
  const cost = costOf({ region: 'us-east-1', foundation: shared, environment: onSpot });
  // 730 × 0.0225 = 16.425; 730 × 0.016 = 11.68; 20 × 0.115 = 2.30; 0.50.
  expect(cost.items.filter(({ what }) => what.startsWith('shared: '))).toEqual([
    { what: 'shared: load balancer', monthly: 16.43 },
    { what: 'shared: database server db.t4g.micro', monthly: 11.68 },
    { what: 'shared: 20 × GiB of database storage', monthly: 2.3 },
    { what: 'shared: private DNS zone', monthly: 0.5 },
  ]);
  expect(ownShare(cost)).toBe(7.24);
  expect(cost.monthly).toBe(38.15);
});

test('production: two servers, nodes of a cache, gateways, and as many tasks as scaling leaves', () => {
  const template: Template = {
    Resources: {
      Server: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { DBInstanceClass: 'db.m5.large', MultiAZ: true, AllocatedStorage: '100' },
      },
      Cache: {
        Type: 'AWS::ElastiCache::ReplicationGroup',
        Properties: { CacheNodeType: 'cache.m6g.large', Engine: 'valkey', NumCacheClusters: 2 },
      },
      Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: ['a', 'b'] } },
      GatewayA: { Type: 'AWS::EC2::NatGateway' },
      AddressA: { Type: 'AWS::EC2::EIP' },
      Task: task('1024', '2048', { RuntimePlatform: { CpuArchitecture: 'ARM64' } }),
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: { ServiceName: 'orders', TaskDefinition: { Ref: 'Task' } },
      },
      Scaling: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: { ResourceId: 'service/cluster/orders', MinCapacity: 2, MaxCapacity: 10 },
      },
      Late: { Type: 'AWS::CloudWatch::Alarm' },
    },
  };
  expect(costOf({ region: 'us-east-1', environment: template })).toMatchObject({
    items: [
      { what: '2 × database server db.m5.large', monthly: 259.88 }, // 2 × 730 × 0.178
      { what: '2 × cache node cache.m6g.large', monthly: 174.03 }, // 2 × 730 × 0.149 × 0.8
      { what: '2 × task of 1 vCPU and 2 GiB', monthly: 57.67 }, // 2 × 730 × (0.03238 + 2 × 0.00356)
      { what: 'NAT gateway', monthly: 32.85 }, // 730 × 0.045
      { what: '200 × GiB of database storage', monthly: 23 }, // 200 × 0.115
      { what: 'load balancer', monthly: 16.43 },
      { what: '3 × public IPv4 address', monthly: 10.95 }, // two of the load balancer, one of the gateway
      { what: 'alarm', monthly: 0.1 },
    ],
    monthly: 574.91,
  });
});

test('an environment that sleeps has no tasks to pay', () => {
  const asleep = costOf({ region: 'us-east-1', environment: onSpot, tasks: { Service: 0 } });
  expect(asleep.items).toEqual([{ what: '2 × secret', monthly: 0.8 }]);
});

test.each([
  ['us-east-1', /prices of us-east-1, as known in /],
  [
    'eu-west-1',
    /prices of eu-west-1; servers of databases and caches are taken as 1\.1 times those of us-east-1, as known/,
  ],
  ['eu-central-1', /prices of eu-central-1; servers .* 1\.2 times/],
  ['us-west-2', /prices of us-east-1, the nearest to us-west-2 at hand, as known/],
  ['ap-northeast-1', /prices of eu-central-1, the nearest to ap-northeast-1 at hand; servers/],
])('prices of %s say whose they are', (region, source) => {
  expect(costOf({ region, environment: onSpot }).source).toMatch(source);
});

test('a region changes the prices: 730 × 0.016 × 1.2 and 20 × 0.137 in Frankfurt', () => {
  const { items } = costOf({ region: 'eu-central-1', foundation: shared });
  expect(items).toContainEqual({ what: 'shared: database server db.t4g.micro', monthly: 14.02 });
  expect(items).toContainEqual({ what: 'shared: 20 × GiB of database storage', monthly: 2.74 });
  expect(items).toContainEqual({ what: 'shared: load balancer', monthly: 19.71 });
});

test('a server without a known price is named, not guessed', () => {
  const template: Template = {
    Resources: {
      Server: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.x9.huge', AllocatedStorage: '20' } },
    },
  };
  expect(costOf({ region: 'us-east-1', environment: template }).items).toContainEqual({
    what: 'database server db.x9.huge (price not known)',
    monthly: 0,
  });
});

test('where nothing is, nothing is paid', () => {
  expect(costOf({ region: 'us-east-1' })).toMatchObject({ monthly: 0, items: [] });
});
