import { describe, expect, test } from '@jest/globals';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Stack, TemplateResource } from '../../cdk/model.ts';
import { stories } from './support/stories.ts';

interface Place {
  name: string;
  lasting: boolean;
  stack: Stack;
}

const places: Place[] = Object.entries(await stories()).flatMap(([name, { app, foundation, plan }]) => {
  const lasting = plan.environment.type !== 'preview';
  return [
    { name: `${name} foundation`, lasting, stack: synthesizeFoundation(foundation) },
    { name: `${name} app`, lasting, stack: synthesizeApp(app) },
  ];
});

/** Every resource of a type, in all templates; at least one, or what is said of them means nothing. */
function each(type: string, of: (place: Place) => boolean = () => true) {
  const found = places.filter(of).flatMap(({ name, lasting, stack }) =>
    Object.entries(stack.template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, resource]) => ({
        where: `${name} ${id}`,
        name,
        id,
        lasting,
        stack,
        resource,
        ...propertiesOf(resource),
      })),
  );
  expect(found.length).toBeGreaterThan(0);
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: properties are whatever CloudFormation takes.
function propertiesOf({ Properties = {} }: TemplateResource): { properties: any } {
  return { properties: Properties };
}

function statements(document: { Statement: Statement[] }): Statement[] {
  return document.Statement;
}

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

describe('the network', () => {
  test('lets the internet in at port 443 of a load balancer with a domain, and nowhere else', () => {
    const open = each('AWS::EC2::SecurityGroup').flatMap(({ where, properties }) =>
      (properties.SecurityGroupIngress as { CidrIp?: string; FromPort: number; ToPort: number }[])
        .filter(({ CidrIp }) => CidrIp !== undefined)
        .map((rule) => [where, rule.CidrIp, rule.FromPort, rule.ToPort]),
    );
    expect(open).toEqual([['everything-production foundation LoadBalancerAccess', '0.0.0.0/0', 443, 443]]);
    for (const { properties } of each('AWS::EC2::SecurityGroupIngress'))
      expect(properties).not.toHaveProperty('CidrIp');
  });

  test('has storage in subnets without a route to anywhere', () => {
    for (const { stack } of each('AWS::RDS::DBSubnetGroup')) {
      const { Resources } = stack.template;
      expect(Resources.DatabaseSubnets!.Properties!.SubnetIds).toEqual([
        { Ref: 'StorageSubnetA' },
        { Ref: 'StorageSubnetB' },
      ]);
      const routes = Object.values(Resources).filter(({ Type }) => Type === 'AWS::EC2::Route');
      expect(routes.map((route) => route.Properties!.RouteTableId)).not.toContainEqual({ Ref: 'StorageRoutes' });
    }
    for (const { properties } of each('AWS::ElastiCache::SubnetGroup'))
      expect(properties.SubnetIds).toEqual([{ Ref: 'StorageSubnetA' }, { Ref: 'StorageSubnetB' }]);
    for (const { properties } of each('AWS::RDS::DBInstance')) expect(properties.PubliclyAccessible).toBe(false);
  });

  test('has three tiers over two zones in production, and tasks without public addresses', () => {
    const production = (place: Place) => place.name === 'shop-production foundation';
    expect(each('AWS::EC2::Subnet', production).map(({ id }) => id)).toEqual([
      'PublicSubnetA',
      'PublicSubnetB',
      'StorageSubnetA',
      'StorageSubnetB',
      'TaskSubnetA',
      'TaskSubnetB',
    ]);
    expect(each('AWS::EC2::NatGateway', production)).toHaveLength(2);
    for (const { properties } of each('AWS::ECS::Service', ({ name }) => name === 'shop-production app'))
      expect(properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
  });

  test('has no gateway in previews, and the way to S3 everywhere', () => {
    expect(each('AWS::EC2::NatGateway').every(({ name }) => name.includes('production'))).toBe(true);
    const endpoints = each('AWS::EC2::VPCEndpoint');
    expect(endpoints).toHaveLength(places.length / 2);
    for (const { properties } of endpoints) expect(properties.VpcEndpointType).toBe('Gateway');
  });

  test('takes TLS only: listeners in public, topics, queues, buckets, databases and caches', () => {
    for (const { properties, where } of each('AWS::ElasticLoadBalancingV2::Listener')) {
      expect(properties.Protocol).toBe(where.startsWith('everything-production') ? 'HTTPS' : 'HTTP');
      expect(properties.DefaultActions[0].FixedResponseConfig.StatusCode).toBe('404');
    }
    for (const { properties, stack } of each('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      const https = stack.template.Resources.Listener!.Properties!.Protocol === 'HTTPS';
      expect(properties.Scheme).toBe(https ? 'internet-facing' : 'internal');
    }
    for (const type of ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy']) {
      for (const { properties } of each(type)) {
        const denied = statements(properties.PolicyDocument).find(({ Effect }) => Effect === 'Deny');
        expect(denied).toMatchObject({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
      }
    }
    for (const [thing, policy] of [
      ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'],
      ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
    ] as const)
      expect(each(policy)).toHaveLength(each(thing).length);
    for (const { properties } of each('AWS::RDS::DBParameterGroup'))
      expect(properties.Parameters['rds.force_ssl']).toBe('1');
    for (const { properties } of each('AWS::ElastiCache::ReplicationGroup'))
      expect(properties).toMatchObject({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'required' });
  });
});

describe('what is kept', () => {
  test('is encrypted', () => {
    for (const { properties } of each('AWS::RDS::DBInstance')) expect(properties.StorageEncrypted).toBe(true);
    for (const { properties } of each('AWS::ElastiCache::ReplicationGroup'))
      expect(properties.AtRestEncryptionEnabled).toBe(true);
    for (const { properties } of each('AWS::S3::Bucket')) {
      const [rule] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('AES256');
      expect(Object.values(properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    }
    for (const { properties } of each('AWS::SQS::Queue')) expect(properties.SqsManagedSseEnabled).toBe(true);
    for (const { properties } of each('AWS::SNS::Topic', ({ name }) => name.endsWith('app')))
      expect(properties.KmsMasterKeyId).toBe('alias/aws/sns');
  });

  test('stays in lasting environments when its resource goes, and goes in previews', () => {
    const policies = { 'AWS::RDS::DBInstance': 'Snapshot', 'AWS::ElastiCache::ReplicationGroup': 'Snapshot' };
    for (const [type, policy] of Object.entries(policies)) {
      for (const { lasting, resource } of each(type)) {
        expect(resource.DeletionPolicy).toBe(lasting ? policy : 'Delete');
        expect(resource.UpdateReplacePolicy).toBe(lasting ? policy : 'Delete');
      }
    }
    for (const { lasting, resource } of each('AWS::S3::Bucket')) {
      expect(resource.DeletionPolicy).toBe(lasting ? 'RetainExceptOnCreate' : undefined);
      expect(resource.UpdateReplacePolicy).toBe(lasting ? 'Retain' : undefined);
    }
    for (const { lasting, properties } of each('AWS::RDS::DBInstance'))
      expect(properties.DeletionProtection).toBe(lasting);
    for (const { lasting, stack } of places) expect(stack.protected).toBe(lasting);
  });

  test('is said to hold data, so that nobody loses it unasked', () => {
    for (const type of ['AWS::RDS::DBInstance', 'AWS::ElastiCache::ReplicationGroup', 'AWS::S3::Bucket'])
      for (const { stack, id } of each(type)) expect(stack.meanings[id]!.data).toMatch(/./);
  });

  test('has in production what the contract of provisioning lists', () => {
    const production = ({ name }: Place) => name === 'everything-production foundation';
    for (const { properties } of each('AWS::RDS::DBInstance', production)) {
      expect(properties).toMatchObject({
        DBInstanceClass: 'db.m5.large',
        MultiAZ: true,
        BackupRetentionPeriod: 7,
        DeletionProtection: true,
        ManageMasterUserPassword: true,
        EngineVersion: '18',
      });
    }
    expect(each('AWS::RDS::DBInstance', production)).toHaveLength(2);
    const [cache] = each('AWS::ElastiCache::ReplicationGroup', production);
    expect(cache!.properties).toMatchObject({
      CacheNodeType: 'cache.m6g.large',
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      NumCacheClusters: 2,
    });
    const [parameters] = each('AWS::ElastiCache::ParameterGroup', production);
    expect(parameters!.properties.Properties).toEqual({
      'maxmemory-policy': 'volatile-lru',
      'reserved-memory-percent': '10',
      activedefrag: 'yes',
    });
  });
});

describe('who may do what', () => {
  test('every role has the boundary, and is taken by one service of AWS', () => {
    for (const { properties } of each('AWS::IAM::Role')) {
      expect(properties.PermissionsBoundary).toBe('arn:aws:iam::123456789012:policy/fairlead-boundary');
      const [trust, ...more] = properties.AssumeRolePolicyDocument.Statement;
      expect(more).toEqual([]);
      expect(trust.Principal).toEqual({
        Service: expect.stringMatching(/^(ecs|ecs-tasks|scheduler)\.amazonaws\.com$/),
      });
    }
  });

  test('what the code of a process may do names each action and each resource', () => {
    const roles = each('AWS::IAM::Role').filter(({ id }) => id.startsWith('TaskRole'));
    const allowed = roles.flatMap(({ properties }) =>
      ((properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) =>
        statements(PolicyDocument),
      ),
    );
    expect(allowed.length).toBeGreaterThan(0);
    for (const { Action, Resource } of allowed) {
      expect([Action].flat().join()).not.toContain('*');
      // Of a bucket, whatever objects it has.
      for (const one of [Resource].flat()) expect(JSON.stringify(one)).toMatch(/^(?!.*\*).*$|"\/\*"/);
    }
  });

  test('a process whose services use nothing of AWS is allowed nothing', () => {
    const [gateway] = each('AWS::IAM::Role', ({ name }) => name === 'shop-production app').filter(({ id }) =>
      id.startsWith('TaskRoleGateway'),
    );
    expect(gateway!.properties).not.toHaveProperty('Policies');
  });

  test('only the one topic may send to a queue, and only CloudFront reads a public bucket', () => {
    for (const { properties, id } of each('AWS::SQS::QueuePolicy')) {
      const allowed = statements(properties.PolicyDocument).filter(({ Effect }) => Effect === 'Allow');
      expect(allowed).toHaveLength(id.startsWith('Queue') ? 1 : 0);
      for (const one of allowed) {
        expect(one.Principal).toEqual({ Service: 'sns.amazonaws.com' });
        expect(one.Condition).toEqual({ ArnEquals: { 'aws:SourceArn': { Ref: expect.stringMatching(/^Topic/) } } });
      }
    }
    for (const { properties, id } of each('AWS::S3::BucketPolicy')) {
      const allowed = statements(properties.PolicyDocument).filter(({ Effect }) => Effect === 'Allow');
      expect(allowed).toHaveLength(id.includes('Pictures') ? 1 : 0);
      for (const one of allowed) expect(Object.keys(one.Condition!.StringEquals!)).toEqual(['aws:SourceArn']);
    }
  });

  test('the account that may create databases is given to what provisions, and to nothing else', () => {
    for (const { properties } of each('AWS::ECS::TaskDefinition')) {
      for (const { Name, Secrets = [] } of properties.ContainerDefinitions as {
        Name: string;
        Secrets?: { ValueFrom: unknown }[];
      }[]) {
        const master = Secrets.some(({ ValueFrom }) => JSON.stringify(ValueFrom).includes('rds!'));
        expect([Name, master]).toEqual([Name, Name.startsWith('provision')]);
      }
    }
  });

  test('a secret of the application reaches the processes that read it, with its version', () => {
    const told = each('AWS::ECS::TaskDefinition', ({ name }) => name === 'shop-production app').flatMap(
      ({ properties }) =>
        (
          properties.ContainerDefinitions as { Name: string; Secrets?: { Name: string; ValueFrom: unknown }[] }[]
        ).flatMap(({ Name, Secrets = [] }) =>
          Secrets.filter((secret) => secret.Name === 'FAIRLEAD_SECRET_MailApiKey').map(({ ValueFrom }) => [
            Name,
            ValueFrom,
          ]),
        ),
    );
    expect(told).toEqual([['notifications', expect.stringMatching(/MailApiKey-AbCdEf:::11111111-/)]]);
  });

  test('containers run without rights, on files they cannot change', () => {
    for (const { properties } of each('AWS::ECS::TaskDefinition')) {
      for (const container of properties.ContainerDefinitions) {
        expect(container).toMatchObject({
          ReadonlyRootFilesystem: true,
          User: '65532:65532',
          LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
        });
      }
    }
  });
});

test('every resource means something to people', () => {
  for (const { stack, name } of places) {
    const ids = Object.keys(stack.template.Resources);
    expect([name, ids.filter((id) => !stack.meanings[id])]).toEqual([name, []]);
    expect(Object.keys(stack.meanings).sort()).toEqual(ids.sort());
  }
});
