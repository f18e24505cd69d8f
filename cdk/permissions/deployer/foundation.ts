import { allow, type Statement } from '../statement.ts';
import type { DeployerInput, DeployerNeeds } from './input.ts';
import type { Places } from './places.ts';

/** What it takes to keep what lies under environments. */
export function foundationStatements(
  { partition, account }: DeployerInput,
  places: Places,
  needs: DeployerNeeds,
): Statement[] {
  const { under } = places;
  return [
    ...network(places),
    allow(
      'Clusters',
      [
        'CreateCluster',
        'DeleteCluster',
        'DescribeClusters',
        'PutClusterCapacityProviders',
        'TagResource',
        'UntagResource',
        'UpdateCluster',
        'UpdateClusterSettings',
      ].map((action) => `ecs:${action}`),
      under('ecs', 'cluster', 'cluster/'),
    ),
    allow(
      'LoadBalancer',
      [
        'AddTags',
        'CreateListener',
        'CreateLoadBalancer',
        'DeleteListener',
        'DeleteLoadBalancer',
        'ModifyListener',
        'ModifyListenerAttributes',
        'ModifyLoadBalancerAttributes',
        'RemoveTags',
        'SetSecurityGroups',
        'SetSubnets',
      ].map((action) => `elasticloadbalancing:${action}`),
      [
        ...under('elasticloadbalancing', 'loadBalancer', 'loadbalancer/app/', '/*'),
        ...under('elasticloadbalancing', 'loadBalancer', 'listener/app/', '/*'),
      ],
    ),
    ...discovery(partition, places),
    allow(
      'FoundationLogs',
      [
        'CreateLogGroup',
        'DeleteLogGroup',
        'DeleteRetentionPolicy',
        'ListTagsForResource',
        'PutRetentionPolicy',
        'TagResource',
        'UntagResource',
      ].map((action) => `logs:${action}`),
      [...under('logs', 'logGroup', 'log-group:'), ...under('logs', 'server', 'log-group:/aws/rds/instance/')],
    ),
    allow(
      'FoundationAlarms',
      ['DeleteAlarms', 'ListTagsForResource', 'PutMetricAlarm', 'TagResource', 'UntagResource'].map(
        (action) => `cloudwatch:${action}`,
      ),
      under('cloudwatch', 'alarm', 'alarm:'),
    ),
    allow(
      'AlarmTopic',
      [
        'CreateTopic',
        'DeleteTopic',
        'GetDataProtectionPolicy',
        'GetTopicAttributes',
        'ListSubscriptionsByTopic',
        'ListTagsForResource',
        'SetTopicAttributes',
        'Subscribe',
        'TagResource',
        'UntagResource',
      ].map((action) => `sns:${action}`),
      under('sns', 'topic'),
    ),
    // Templates that are too long to be sent with a request.
    allow(
      'Templates',
      [
        'CreateBucket',
        'GetObject',
        'ListBucket',
        'PutBucketPublicAccessBlock',
        'PutBucketTagging',
        'PutLifecycleConfiguration',
        'PutObject',
      ].map((action) => `s3:${action}`),
      [`arn:${partition}:s3:::fairlead-templates-*`],
    ),
    ...(needs.domain ? domain(partition, places) : links(partition, places)),
    ...(needs.databases ? databases(partition, account, places) : []),
    ...(needs.caches ? caches(places) : []),
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
    // What an endpoint or a subnet is made in is there already.
    allow(
      'Network',
      ec2(
        'AssociateRouteTable',
        'AttachInternetGateway',
        'AuthorizeSecurityGroupEgress',
        'AuthorizeSecurityGroupIngress',
        'CreateNatGateway',
        'CreateRoute',
        'CreateRouteTable',
        'CreateSecurityGroup',
        'CreateSubnet',
        'CreateTags',
        'CreateVpcEndpoint',
        'DeleteInternetGateway',
        'DeleteNatGateway',
        'DeleteNetworkInterface',
        'DeleteRoute',
        'DeleteRouteTable',
        'DeleteSecurityGroup',
        'DeleteSubnet',
        'DeleteTags',
        'DeleteVpc',
        'DeleteVpcEndpoints',
        'DetachInternetGateway',
        'DisassociateRouteTable',
        'ModifySubnetAttribute',
        'ModifyVpcAttribute',
        'ModifyVpcEndpoint',
        'ReleaseAddress',
        'ReplaceRoute',
        'ReplaceRouteTableAssociation',
        'RevokeSecurityGroupEgress',
        'RevokeSecurityGroupIngress',
        'UpdateSecurityGroupRuleDescriptionsEgress',
        'UpdateSecurityGroupRuleDescriptionsIngress',
      ),
      ['*'],
      tagged('foundation', 'there'),
    ),
    allow(
      'NetworkLook',
      ec2(
        'DescribeAccountAttributes',
        'DescribeAddresses',
        'DescribeInternetGateways',
        'DescribeNatGateways',
        'DescribeNetworkAcls',
        'DescribePrefixLists',
        'DescribeRegions',
        'DescribeRouteTables',
        'DescribeSecurityGroupRules',
        'DescribeTags',
        'DescribeVpcAttribute',
        'DescribeVpcEndpoints',
      ),
      ['*'],
    ),
  ];
}

/** A private zone of Route 53 is made with the namespace. */
function discovery(partition: string, { any, tagged }: Places): Statement[] {
  const on = any('servicediscovery', 'namespace/*');
  return [
    allow(
      'NamespaceNew',
      ['servicediscovery:CreatePrivateDnsNamespace', 'servicediscovery:TagResource'],
      ['*'],
      tagged('foundation', 'made'),
    ),
    // An environment's names are made in it.
    allow(
      'Namespace',
      [
        'CreateService',
        'DeleteNamespace',
        'GetNamespace',
        'ListTagsForResource',
        'UntagResource',
        'UpdatePrivateDnsNamespace',
      ].map((action) => `servicediscovery:${action}`),
      on,
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
      { StringEquals: { 'aws:CalledViaLast': 'servicediscovery.amazonaws.com' } },
    ),
    // Cloud Map looks for the zone with the caller's own call.
    allow(
      'ZoneLook',
      ['route53:GetChange', 'route53:GetHostedZone', 'route53:ListHostedZonesByName'],
      [`arn:${partition}:route53:::hostedzone/*`, `arn:${partition}:route53:::change/*`],
    ),
  ];
}

function links(partition: string, { tagged }: Places): Statement[] {
  const paths = (...ends: string[]) => ends.map((end) => `arn:${partition}:apigateway:*::${end}`);
  return [
    allow(
      'LinksNew',
      ['apigateway:POST', 'apigateway:TagResource'],
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

function domain(partition: string, { any, tagged }: Places): Statement[] {
  return [
    allow(
      'CertificatesNew',
      ['acm:AddTagsToCertificate', 'acm:RequestCertificate'],
      ['*'],
      tagged('foundation', 'made'),
    ),
    allow(
      'Certificates',
      [
        'acm:DeleteCertificate',
        'acm:DescribeCertificate',
        'acm:ListTagsForCertificate',
        'acm:RemoveTagsFromCertificate',
      ],
      any('acm', 'certificate/*'),
      tagged('foundation', 'there'),
    ),
    allow(
      'Records',
      ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'],
      [`arn:${partition}:route53:::hostedzone/*`],
    ),
    allow('Zones', ['route53:ListHostedZones', 'route53:ListHostedZonesByName'], ['*']),
  ];
}

function databases(partition: string, account: string, { under }: Places): Statement[] {
  return [
    allow(
      'Databases',
      [
        'AddTagsToResource',
        'CreateDBInstance',
        'CreateDBParameterGroup',
        'CreateDBSnapshot',
        'CreateDBSubnetGroup',
        'DeleteDBInstance',
        'DeleteDBParameterGroup',
        'DeleteDBSubnetGroup',
        'DescribeDBParameterGroups',
        'DescribeDBParameters',
        'DescribeDBSubnetGroups',
        'ListTagsForResource',
        'ModifyDBInstance',
        'ModifyDBParameterGroup',
        'ModifyDBSubnetGroup',
        'RebootDBInstance',
        'RemoveTagsFromResource',
        'ResetDBParameterGroup',
      ].map((action) => `rds:${action}`),
      [
        ...under('rds', 'server', 'db:'),
        ...under('rds', 'subnetGroup', 'subgrp:'),
        ...under('rds', 'parameterGroup', 'pg:'),
        `arn:${partition}:rds:*:${account}:snapshot:*`,
      ],
    ),
    allow(
      'DatabasesLook',
      [
        'kms:DescribeKey',
        'rds:DescribeDBEngineVersions',
        'rds:DescribeDBInstances',
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

function caches({ under, any }: Places): Statement[] {
  return [
    allow(
      'Caches',
      [
        'AddTagsToResource',
        'CreateCacheParameterGroup',
        'CreateCacheSubnetGroup',
        'CreateReplicationGroup',
        'CreateUser',
        'CreateUserGroup',
        'DecreaseReplicaCount',
        'DeleteCacheParameterGroup',
        'DeleteCacheSubnetGroup',
        'DeleteReplicationGroup',
        'DeleteUser',
        'DeleteUserGroup',
        'IncreaseReplicaCount',
        'ListTagsForResource',
        'ModifyCacheParameterGroup',
        'ModifyCacheSubnetGroup',
        'ModifyReplicationGroup',
        'ModifyUser',
        'ModifyUserGroup',
        'RemoveTagsFromResource',
      ].map((action) => `elasticache:${action}`),
      [
        ...under('elasticache', 'cacheServer', 'replicationgroup:'),
        ...under('elasticache', 'cacheServer', 'cluster:'),
        ...under('elasticache', 'subnetGroup', 'subnetgroup:'),
        ...under('elasticache', 'parameterGroup', 'parametergroup:'),
        ...under('elasticache', 'cacheUser', 'user:'),
        ...under('elasticache', 'cacheUserGroup', 'usergroup:'),
        // Groups of AWS that everything is made from.
        ...any('elasticache', 'parametergroup:default*'),
      ],
    ),
    allow(
      'CachesLook',
      [
        'elasticache:DescribeCacheClusters',
        'elasticache:DescribeCacheParameterGroups',
        'elasticache:DescribeCacheParameters',
        'elasticache:DescribeCacheSubnetGroups',
        'elasticache:DescribeReplicationGroups',
        'elasticache:DescribeUserGroups',
        'elasticache:DescribeUsers',
      ],
      ['*'],
    ),
    // CloudFormation puts these passwords into the users of the cache, with the rights of who deploys.
    allow(
      'CacheSecrets',
      [
        'CreateSecret',
        'DeleteSecret',
        'DescribeSecret',
        'GetSecretValue',
        'TagResource',
        'UntagResource',
        'UpdateSecret',
      ].map((action) => `secretsmanager:${action}`),
      under('secretsmanager', 'secret', 'secret:').map((arn) => `${String(arn).replace(/-\*$/, '')}/cache*`),
    ),
  ];
}
