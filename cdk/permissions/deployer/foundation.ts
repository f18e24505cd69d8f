import { canaryHostName, hostName } from '../../foundation/hosts.ts';
import { allow, type Statement, type Value } from '../statement.ts';
import type { DeployedApplication, DeployerInput, DeployerNeeds } from './input.ts';
import type { Places } from './places.ts';

/** What it takes to keep what lies under environments. */
export function foundationStatements(input: DeployerInput, places: Places, needs: DeployerNeeds): Statement[] {
  const { partition } = input;
  const { under } = places;
  return [
    ...network(places),
    allow('ClustersNew', ['ecs:CreateCluster'], ['*'], places.tagged('foundation', 'made')),
    allow('Clusters', ['ecs:*Cluster*', 'ecs:TagResource', 'ecs:UntagResource'], under('ecs', 'cluster', 'cluster/')),
    allow(
      'LoadBalancer',
      [
        'elasticloadbalancing:*Listener*',
        'elasticloadbalancing:*LoadBalancer*',
        'elasticloadbalancing:*Tags',
        'elasticloadbalancing:SetSecurityGroups',
        'elasticloadbalancing:SetSubnets',
      ],
      ['loadbalancer', 'listener'].flatMap((kind) =>
        under('elasticloadbalancing', 'loadBalancer', `${kind}/app/`, '/*'),
      ),
    ),
    ...discovery(places),
    allow(
      'FoundationLogs',
      ['logs:*LogGroup', 'logs:*RetentionPolicy', 'logs:*Tag*'],
      [...under('logs', 'logGroup', 'log-group:'), ...under('logs', 'server', 'log-group:/aws/rds/instance/')],
    ),
    allow('FoundationAlarms', ['cloudwatch:*Alarm*', 'cloudwatch:*Tag*'], under('cloudwatch', 'alarm', 'alarm:')),
    allow(
      'AlarmTopic',
      ['sns:*Tag*', 'sns:*Topic*', 'sns:GetDataProtectionPolicy', 'sns:Subscribe'],
      under('sns', 'topic'),
    ),
    // Templates that are too long to be sent with a request. Nobody can tell the names of another's.
    allow(
      'Templates',
      [
        's3:CreateBucket',
        's3:GetObject',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketTagging',
        's3:PutLifecycleConfiguration',
        's3:PutObject',
      ],
      [`arn:${partition}:s3:::fairlead-templates-*`],
    ),
    ...(needs.domain ? domain(input, places) : links(partition, places)),
    ...(needs.databases ? databases(input, places) : []),
    ...(needs.caches ? caches(input, places) : []),
  ];
}

/** Networks have no names: what is made says in its tags whose it is, and only what says so is touched. */
function network({ tagged }: Places): Statement[] {
  const ec2 = (...names: string[]) => names.map((name) => `ec2:${name}`);
  return [
    allow(
      'NetworkNew',
      ec2(
        'AllocateAddress',
        'CreateInternetGateway',
        'CreateNatGateway',
        'CreateRouteTable',
        'CreateSecurityGroup',
        'CreateSubnet',
        'CreateTags',
        'CreateVpc',
        'CreateVpcEndpoint',
      ),
      ['*'],
      tagged('foundation', 'made'),
    ),
    // Also what something new is made in.
    allow(
      'Network',
      ec2(
        '*Address',
        '*InternetGateway',
        '*NatGateway',
        '*Route',
        '*RouteTable*',
        '*SecurityGroup*',
        '*Subnet*',
        '*Tags',
        '*Vpc*',
        'DeleteNetworkInterface',
      ),
      ['*'],
      tagged('foundation', 'there'),
    ),
  ];
}

/** A private zone of Route 53 is made with the namespace, by calls of Cloud Map in the name of who makes it. */
function discovery({ any, tagged }: Places): Statement[] {
  return [
    allow(
      'NamespaceNew',
      ['servicediscovery:CreatePrivateDnsNamespace', 'servicediscovery:TagResource'],
      ['*'],
      tagged('foundation', 'made'),
    ),
    // Names of environments are made in it.
    allow(
      'Namespace',
      [
        'servicediscovery:*Namespace',
        'servicediscovery:*TagResource',
        'servicediscovery:CreateService',
        'servicediscovery:ListTagsForResource',
      ],
      any('servicediscovery', 'namespace/*'),
      tagged('foundation', 'there'),
    ),
    allow('NamespaceLook', ['servicediscovery:GetOperation', 'servicediscovery:ListNamespaces'], ['*']),
    allow(
      'NamespaceZone',
      [
        'route53:AssociateVPCWithHostedZone',
        'route53:CreateHostedZone',
        'route53:DeleteHostedZone',
        'route53:GetHostedZone',
        'route53:ListHostedZonesByName',
      ],
      ['*'],
      // Nobody calls these but CloudFormation with a stack of ours.
      { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } },
    ),
  ];
}

function links(partition: string, { tagged }: Places): Statement[] {
  const paths = (...ends: string[]) => ends.map((end) => `arn:${partition}:apigateway:*::${end}`);
  return [
    allow(
      'LinksNew',
      ['apigateway:POST', 'apigateway:PUT', 'apigateway:TagResource'],
      paths('/vpclinks', '/tags/*'),
      tagged('foundation', 'made'),
    ),
    allow(
      'Links',
      ['apigateway:DELETE', 'apigateway:GET', 'apigateway:PATCH', 'apigateway:UntagResource'],
      paths('/vpclinks/*', '/tags/*'),
      tagged('foundation', 'there'),
    ),
  ];
}

function domain(input: DeployerInput, { any, tagged }: Places): Statement[] {
  const { partition, applications } = input;
  const ours = applications.filter(({ needs }) => needs.domain);
  const zones = new Set(ours.map(({ domain }) => domain?.hostedZone ?? '*'));
  const arns = [...zones].sort().map((zone) => `arn:${partition}:route53:::hostedzone/${zone}`);
  return [
    allow(
      'CertificatesNew',
      ['acm:AddTagsToCertificate', 'acm:RequestCertificate'],
      ['*'],
      tagged('foundation', 'made'),
    ),
    allow('Certificates', ['acm:*Certificate'], any('acm', 'certificate/*'), tagged('foundation', 'there')),
    allow('Records', ['route53:ChangeResourceRecordSets'], arns, {
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ours.flatMap((one) => recordNames(input, one)),
      },
      'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'CNAME'] },
    }),
    allow('RecordsLook', ['route53:ListResourceRecordSets'], arns),
    allow('Zones', ['route53:GetChange', 'route53:ListHostedZones', 'route53:ListHostedZonesByName'], ['*']),
  ];
}

/**
 * The names that a Foundation has records of, and those by which its certificate is proved. As IAM compares them: in lower case, and
 * what is neither a letter, a digit, `-`, `_` nor `.` by its octal code (Route 53, "Using IAM policy conditions for access control").
 */
function recordNames(
  { scope, environments = ['production'] }: DeployerInput,
  { name: application, foundation, domain }: DeployedApplication,
): string[] {
  if (!domain) return ['*'];
  const name = domain.name.toLowerCase();
  const own = environments.flatMap((environment) => {
    const guest = { foundation, application, environment };
    return [hostName(name, guest), canaryHostName(name, guest)];
  });
  return [...(scope === 'previews' ? [`\\052.${name}`] : own), `_*.${name}`];
}

/** CloudFormation takes them of what it deletes, but for previews. */
function lastSnapshots(service: string, scope: DeployerInput['scope'], { generated }: Places): Value[] {
  return scope === 'lasting' ? generated(service, 'snapshot:') : [];
}

function databases(input: DeployerInput, places: Places): Statement[] {
  const { partition, account } = input;
  const { under } = places;
  return [
    allow(
      'Databases',
      ['rds:*DBInstance*', 'rds:*DBParameter*', 'rds:*DBSnapshot', 'rds:*DBSubnetGroup*', 'rds:*Tag*'],
      [
        ...under('rds', 'server', 'db:'),
        ...under('rds', 'subnetGroup', 'subgrp:'),
        ...under('rds', 'parameterGroup', 'pg:'),
        ...lastSnapshots('rds', input.scope, places),
      ],
    ),
    allow(
      'DatabasesLook',
      [
        'kms:DescribeKey',
        'rds:DescribeDBEngineVersions',
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
        'rds:DescribeEngineDefaultParameters',
      ],
      ['*'],
    ),
    // Amazon RDS keeps the master's password, and makes the secret with the rights of whoever makes the server.
    allow(
      'MasterSecret',
      [
        'secretsmanager:CreateSecret',
        'secretsmanager:DescribeSecret',
        'secretsmanager:RotateSecret',
        'secretsmanager:TagResource',
      ],
      [`arn:${partition}:secretsmanager:*:${account}:secret:rds!db-*`],
    ),
  ];
}

function caches(input: DeployerInput, places: Places): Statement[] {
  const { under, generated, any } = places;
  return [
    allow(
      'Caches',
      [
        'elasticache:*CacheParameterGroup*',
        'elasticache:*CacheSubnetGroup*',
        'elasticache:*ReplicaCount',
        'elasticache:*ReplicationGroup*',
        'elasticache:*Snapshot',
        'elasticache:*Tag*',
        'elasticache:*User*',
      ],
      [
        ...under('elasticache', 'cacheServer', 'replicationgroup:'),
        ...under('elasticache', 'cacheServer', 'cluster:'),
        ...under('elasticache', 'subnetGroup', 'subnetgroup:'),
        ...generated('elasticache', 'parametergroup:'),
        ...lastSnapshots('elasticache', input.scope, places),
        ...under('elasticache', 'cacheUser', 'user:'),
        ...under('elasticache', 'cacheUserGroup', 'usergroup:'),
        // Groups of AWS that everything is made from.
        ...any('elasticache', 'parametergroup:default*'),
      ],
    ),
    allow('CachesLook', ['elasticache:Describe*'], ['*']),
    // CloudFormation puts these passwords into the users of the cache, with the rights of who deploys.
    allow(
      'CacheSecrets',
      ['secretsmanager:*Secret', 'secretsmanager:*agResource', 'secretsmanager:GetSecretValue'],
      under('secretsmanager', 'secret', 'secret:').map((arn) => `${String(arn).replace(/-\*$/, '')}/cache*`),
    ),
  ];
}
