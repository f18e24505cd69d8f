import { allow, type Statement } from '../statement.ts';
import type { DeployerInput, DeployerNeeds } from './input.ts';
import type { Places } from './places.ts';

/** What it takes to put environments up, look after them, and take them down again. */
export function environmentStatements(
  { partition, account }: DeployerInput,
  places: Places,
  needs: DeployerNeeds,
): Statement[] {
  const { named, under, any, tagged, pairs } = places;
  return [
    allow(
      'Stacks',
      [
        'ContinueUpdateRollback',
        'CancelUpdateStack',
        'CreateChangeSet',
        'DeleteChangeSet',
        'DeleteStack',
        'DescribeChangeSet',
        'DescribeStackEvents',
        'DescribeStackResource',
        'DescribeStackResourceDrifts',
        'DescribeStackResources',
        'DescribeStacks',
        'DetectStackDrift',
        'DetectStackResourceDrift',
        'ExecuteChangeSet',
        'GetTemplate',
        'ListStackResources',
        'RollbackStack',
        'TagResource',
        'UntagResource',
        'UpdateTerminationProtection',
      ].map((action) => `cloudformation:${action}`),
      places.stacks(),
    ),
    // What is on no resource, or only reads: the state of the account, which is looked at before anything changes.
    allow(
      'Look',
      [
        'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:DescribeScalingPolicies',
        'application-autoscaling:DescribeScheduledActions',
        'cloudformation:DescribeStackDriftDetectionStatus',
        'cloudformation:DescribeStacks',
        'cloudformation:ListStacks',
        'cloudwatch:DescribeAlarms',
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'ecs:DescribeTaskDefinition',
        'ecs:ListTaskDefinitions',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeLoadBalancerAttributes',
        'elasticloadbalancing:DescribeLoadBalancers',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTags',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
        'logs:DescribeLogGroups',
        'secretsmanager:GetRandomPassword',
        'secretsmanager:ListSecrets',
        'servicequotas:GetServiceQuota',
        'servicequotas:ListServiceQuotas',
        'tag:GetResources',
      ],
      ['*'],
    ),
    allow(
      'Services',
      [
        'ContinueServiceDeployment',
        'CreateService',
        'DeleteService',
        'DescribeServiceDeployments',
        'DescribeServiceRevisions',
        'DescribeServices',
        'ListServiceDeployments',
        'StopServiceDeployment',
        'TagResource',
        'UntagResource',
        'UpdateService',
      ].map((action) => `ecs:${action}`),
      [
        ...under('ecs', 'cluster', 'service/', '/*'),
        ...under('ecs', 'cluster', 'service-deployment/', '/*'),
        ...under('ecs', 'cluster', 'service-revision/', '/*'),
      ],
    ),
    allow(
      'Tasks',
      ['DescribeTasks', 'ListTasks', 'StopTask', 'TagResource'].map((action) => `ecs:${action}`),
      [...under('ecs', 'cluster', 'task/', '/*'), `arn:${partition}:ecs:*:${account}:container-instance/*`],
    ),
    allow(
      'TaskDefinitions',
      ['DeleteTaskDefinitions', 'DeregisterTaskDefinition', 'RegisterTaskDefinition', 'RunTask', 'TagResource'].map(
        (action) => `ecs:${action}`,
      ),
      named('ecs', 'family', 'task-definition/', ':*'),
    ),
    // These have no name in their definition's ARN when they are taken away.
    allow('OldRevisions', ['ecs:DeregisterTaskDefinition'], ['*']),
    allow(
      'TargetGroupsNew',
      ['elasticloadbalancing:AddTags', 'elasticloadbalancing:CreateTargetGroup'],
      any('elasticloadbalancing', 'targetgroup/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'TargetGroups',
      [
        'AddTags',
        'DeleteTargetGroup',
        'DeregisterTargets',
        'ModifyTargetGroup',
        'ModifyTargetGroupAttributes',
        'RegisterTargets',
        'RemoveTags',
      ].map((action) => `elasticloadbalancing:${action}`),
      any('elasticloadbalancing', 'targetgroup/*'),
      tagged('environment', 'there'),
    ),
    allow(
      'Routes',
      ['AddTags', 'CreateRule', 'DeleteRule', 'ModifyRule', 'RemoveTags', 'SetRulePriorities'].map(
        (action) => `elasticloadbalancing:${action}`,
      ),
      ['listener', 'listener-rule'].flatMap((kind) =>
        under('elasticloadbalancing', 'loadBalancer', `${kind}/app/`, '/*'),
      ),
    ),
    ...(needs.domain ? [] : httpApis(partition, places)),
    allow(
      'NamesNew',
      ['servicediscovery:CreateService', 'servicediscovery:TagResource'],
      ['*'],
      tagged('environment', 'made'),
    ),
    allow(
      'Names',
      [
        'DeleteService',
        'DeregisterInstance',
        'GetService',
        'ListInstances',
        'ListTagsForResource',
        'UntagResource',
        'UpdateService',
      ].map((action) => `servicediscovery:${action}`),
      any('servicediscovery', 'service/*', 'namespace/*'),
      tagged('environment', 'there'),
    ),
    allow(
      'Logs',
      [
        'CreateLogGroup',
        'DeleteLogGroup',
        'DeleteRetentionPolicy',
        'DescribeLogStreams',
        'FilterLogEvents',
        'GetLogEvents',
        'ListTagsForResource',
        'PutRetentionPolicy',
        'TagResource',
        'UntagResource',
      ].map((action) => `logs:${action}`),
      named('logs', 'logGroup', 'log-group:'),
    ),
    allow(
      'MadeSecrets',
      [
        'CreateSecret',
        'DeleteSecret',
        'DescribeSecret',
        'RestoreSecret',
        'TagResource',
        'UntagResource',
        'UpdateSecret',
      ].map((action) => `secretsmanager:${action}`),
      named('secretsmanager', 'secret', 'secret:'),
    ),
    // Whether there is a value, and which version it is; never the value. People set those with credentials of their own.
    allow(
      'SecretsOfPeople',
      ['secretsmanager:DescribeSecret'],
      pairs().flatMap(({ application, environment }) => [
        `arn:${partition}:secretsmanager:*:${account}:secret:fairlead/${application}/env/${environment}/*`,
        `arn:${partition}:secretsmanager:*:${account}:secret:fairlead/${application}/type/*`,
      ]),
    ),
    allow(
      'Notes',
      ['AddTagsToResource', 'DeleteParameter', 'GetParameter', 'GetParameters', 'PutParameter'].map(
        (action) => `ssm:${action}`,
      ),
      pairs().map(
        ({ application, environment }) =>
          `arn:${partition}:ssm:*:${account}:parameter/fairlead/${application}/${environment}/*`,
      ),
    ),
    allow(
      'Scaling',
      [
        'DeleteScalingPolicy',
        'DeleteScheduledAction',
        'DeregisterScalableTarget',
        'ListTagsForResource',
        'PutScalingPolicy',
        'PutScheduledAction',
        'RegisterScalableTarget',
        'TagResource',
        'UntagResource',
      ].map((action) => `application-autoscaling:${action}`),
      any('application-autoscaling', 'scalable-target/*'),
      { StringEquals: { 'application-autoscaling:service-namespace': 'ecs' } },
    ),
    allow(
      'Alarms',
      ['DeleteAlarms', 'ListTagsForResource', 'PutMetricAlarm', 'TagResource', 'UntagResource'].map(
        (action) => `cloudwatch:${action}`,
      ),
      named('cloudwatch', 'alarm', 'alarm:'),
    ),
    ...(needs.topics ? topics(places) : []),
    ...(needs.topics || needs.cronJobs ? [queues(places)] : []),
    ...(needs.cronJobs || needs.sleep ? [schedules(places)] : []),
    ...(needs.buckets ? [buckets(places)] : []),
    ...(needs.publicBuckets ? publicBuckets(places) : []),
  ];
}

function httpApis(partition: string, { tagged }: Places): Statement[] {
  const paths = (...ends: string[]) => ends.map((end) => `arn:${partition}:apigateway:*::${end}`);
  return [
    allow(
      'ApisNew',
      ['apigateway:POST', 'apigateway:PUT', 'apigateway:TagResource'],
      paths('/apis', '/tags/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'Apis',
      ['DELETE', 'GET', 'PATCH', 'POST', 'PUT', 'TagResource', 'UntagResource'].map((verb) => `apigateway:${verb}`),
      paths('/apis/*', '/tags/*'),
      tagged('environment', 'there'),
    ),
    allow('ApisLook', ['apigateway:GET'], paths('/apis', '/apis/*', '/vpclinks/*')),
  ];
}

function topics({ named }: Places): Statement[] {
  return [
    allow(
      'Topics',
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
      named('sns', 'topic'),
    ),
    // SNS has no resource for these.
    allow(
      'Subscriptions',
      ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes', 'sns:Unsubscribe'],
      ['*'],
    ),
  ];
}

/** Also what it takes to set off a cron job: a message. */
function queues({ named }: Places): Statement {
  return allow(
    'Queues',
    [
      'CreateQueue',
      'DeleteQueue',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ListQueueTags',
      'SendMessage',
      'SetQueueAttributes',
      'TagQueue',
      'UntagQueue',
    ].map((action) => `sqs:${action}`),
    named('sqs', 'queue'),
  );
}

function schedules({ named }: Places): Statement {
  return allow(
    'Schedules',
    ['CreateSchedule', 'DeleteSchedule', 'GetSchedule', 'UpdateSchedule'].map((action) => `scheduler:${action}`),
    named('scheduler', 'schedule', 'schedule/default/'),
  );
}

/** Objects are only ever taken away, with the bucket. */
function buckets({ named }: Places): Statement {
  return allow(
    'Buckets',
    [
      'AbortMultipartUpload',
      'CreateBucket',
      'DeleteBucket',
      'DeleteBucketPolicy',
      'DeleteObject',
      'DeleteObjectVersion',
      'GetBucketPolicy',
      'GetBucketTagging',
      'GetBucketVersioning',
      'ListBucket',
      'ListBucketMultipartUploads',
      'ListBucketVersions',
      'PutBucketCORS',
      'PutBucketOwnershipControls',
      'PutBucketPolicy',
      'PutBucketPublicAccessBlock',
      'PutBucketTagging',
      'PutBucketVersioning',
      'PutEncryptionConfiguration',
      'PutLifecycleConfiguration',
    ].map((action) => `s3:${action}`),
    [...named('s3', 'bucket')],
  );
}

function publicBuckets({ any, tagged }: Places): Statement[] {
  return [
    allow(
      'DistributionsNew',
      ['cloudfront:CreateDistribution', 'cloudfront:TagResource'],
      any('cloudfront', 'distribution/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'Distributions',
      [
        'DeleteDistribution',
        'GetDistribution',
        'GetDistributionConfig',
        'ListTagsForResource',
        'TagResource',
        'UntagResource',
        'UpdateDistribution',
      ].map((action) => `cloudfront:${action}`),
      any('cloudfront', 'distribution/*'),
      tagged('environment', 'there'),
    ),
    // These cannot be tagged.
    allow(
      'OriginAccess',
      [
        'CreateOriginAccessControl',
        'DeleteOriginAccessControl',
        'GetOriginAccessControl',
        'UpdateOriginAccessControl',
      ].map((action) => `cloudfront:${action}`),
      any('cloudfront', 'origin-access-control/*'),
    ),
  ];
}
