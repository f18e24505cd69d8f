import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { Discovery } from './aws/services/ecs/load-balancing.ts';
import type { Ecs } from './aws/services/ecs/model.ts';
import { pushProgram } from './aws-push.ts';

/** Answers with what its neighbour says, if it has one. */
const source = `
import { createServer } from 'node:http';
createServer(async (request, response) => {
  try {
    const { NEXT, NAME } = process.env;
    response.end(request.url === '/health' || !NEXT ? NAME : NAME + ' and ' + (await (await fetch(NEXT)).text()));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error.cause ?? error));
  }
}).listen(8080, '0.0.0.0');
`;

let fake: FakeAws;
let cloudFormation: CloudFormationClient;
let image: string;
beforeAll(async () => {
  fake = await makeFakeAws({ containers: 'real' });
  const { env } = fake;
  const settings = {
    endpoint: env.AWS_ENDPOINT_URL!,
    region: env.AWS_REGION!,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
  };
  cloudFormation = new CloudFormationClient(settings);
  const ecr = new ECRClient(settings);
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  const uri = repository?.repositoryUri ?? '';
  image = `${uri}@${await pushProgram(ecr, uri, 'v1', { source })}`;
  ecr.destroy();
});
afterAll(async () => {
  cloudFormation.destroy();
  await fake.dispose();
});

const to = (name: string, attribute: string) => ({ 'Fn::GetAtt': [name, attribute] });

/** A process as tasks behind a name of Cloud Map, and behind a load balancer where there is a target group. */
function process(
  name: string,
  environment: Record<string, string>,
  more: object = {},
  whole: object = {},
): Record<string, object> {
  return {
    [`${name}Task`]: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        Family: name,
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
        Cpu: '256',
        Memory: '512',
        ExecutionRoleArn: to('Role', 'Arn'),
        ContainerDefinitions: [
          {
            Name: 'app',
            Image: image,
            PortMappings: [{ ContainerPort: 8080 }],
            Environment: Object.entries({ NAME: name, ...environment }).map(([Name, Value]) => ({ Name, Value })),
          },
        ],
      },
    },
    [`${name}Name`]: {
      Type: 'AWS::ServiceDiscovery::Service',
      Properties: {
        Name: name,
        NamespaceId: { Ref: 'Namespace' },
        DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 10 }] },
      },
    },
    [name]: {
      Type: 'AWS::ECS::Service',
      ...whole,
      Properties: {
        ServiceName: name,
        Cluster: { Ref: 'Cluster' },
        TaskDefinition: { Ref: `${name}Task` },
        DesiredCount: 1,
        LaunchType: 'FARGATE',
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
        ServiceRegistries: [{ RegistryArn: to(`${name}Name`, 'Arn') }],
        ...more,
      },
    },
  };
}

const template = () => ({
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Subnet: {
      Type: 'AWS::EC2::Subnet',
      Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24', AvailabilityZone: 'eu-central-1a' },
    },
    Other: {
      Type: 'AWS::EC2::Subnet',
      Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'eu-central-1b' },
    },
    Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'main' } },
    Namespace: {
      Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace',
      Properties: { Name: 'shop.internal', Vpc: { Ref: 'Vpc' } },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'exec',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'pull',
            PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ecr:*', Resource: '*' }] },
          },
        ],
      },
    },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: {
        Name: 'main',
        Type: 'application',
        Scheme: 'internal',
        Subnets: [{ Ref: 'Subnet' }, { Ref: 'Other' }],
      },
    },
    Targets: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        Name: 'front',
        Port: 8080,
        Protocol: 'HTTP',
        TargetType: 'ip',
        VpcId: { Ref: 'Vpc' },
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
      },
    },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }],
      },
    },
    ...process('back', {}),
    ...process(
      'front',
      { NEXT: 'http://back.shop.internal:8080/' },
      { LoadBalancers: [{ ContainerName: 'app', ContainerPort: 8080, TargetGroupArn: { Ref: 'Targets' } }] },
      { DependsOn: 'Listener' },
    ),
  },
});

test('a stack of two services runs: one behind a load balancer, and the other found by its name', async () => {
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: 'shop',
      TemplateBody: JSON.stringify(template()),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  let status = '';
  for (const end = Date.now() + 60_000; Date.now() < end && !/(COMPLETE|FAILED)$/.test(status); ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'shop' }));
    status = Stacks?.[0]?.StackStatus ?? '';
  }
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'shop' }));
  expect(
    StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED')).map(
      (event) => event.ResourceStatusReason,
    ),
  ).toEqual([]);
  expect(status).toBe('CREATE_COMPLETE');

  const [address = ''] = fake.world.service<Discovery>('servicediscovery').resolve('front.shop.internal') ?? [];
  const at = fake.world.service<Ecs>('ecs').reach(address, 8080);
  if (at?.kind !== 'real') throw new Error('front is not there');
  const answer = await fetch(`http://${at.host}:${at.port}/`);
  expect(await answer.text()).toBe('front and back');
}, 90_000);
