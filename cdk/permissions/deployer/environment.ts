import { allow, type Statement } from '../statement.ts';
import type { DeployerInput, DeployerNeeds } from './input.ts';
import type { Places } from './places.ts';

/**
 * What it takes to put environments up, look after them, and take them down again. Where a statement is about things of ours alone, its
 * actions are said by their verbs or objects, so that policies stay short; none of them reads what is in a store.
 */
export function environmentStatements(input: DeployerInput, places: Places, needs: DeployerNeeds): Statement[] {
  const { partition, account, scope, applications } = input;
  const { named, under, any, tagged, pairs } = places;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`;
  return [
    allow('Stacks', ['cloudformation:*'], places.stacks()),
    // What is on no resource, or only reads: the state of the account, which is looked at before anything changes.
    allow(
      'Look',
      [
        'application-autoscaling:Describe*',
        'cloudformation:DescribeStackDriftDetectionStatus',
        'cloudformation:DescribeStacks',
        'cloudformation:ListStacks',
        'cloudwatch:DescribeAlarms',
        'ec2:Describe*',
        'ecs:DescribeTaskDefinition',
        'ecs:ListTaskDefinitionFamilies',
        'ecs:ListTaskDefinitions',
        'elasticloadbalancing:Describe*',
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
      ['ecs:*Service*', 'ecs:TagResource', 'ecs:UntagResource'],
      ['service', 'service-deployment', 'service-revision'].flatMap((kind) =>
        under('ecs', 'cluster', `${kind}/`, '/*'),
      ),
    ),
    allow('Tasks', ['ecs:DescribeTasks', 'ecs:StopTask', 'ecs:TagResource'], under('ecs', 'cluster', 'task/', '/*')),
    // ECS has container instances for it, of which Fargate has none.
    allow('TasksLook', ['ecs:ListTasks'], ['*'], { ArnLike: { 'ecs:cluster': under('ecs', 'cluster', 'cluster/') } }),
    allow(
      'TaskDefinitions',
      ['ecs:*TaskDefinition*', 'ecs:RunTask', 'ecs:TagResource'],
      named('ecs', 'family', 'task-definition/', ':*'),
    ),
    // ECS has no resource for it.
    allow('OldRevisions', ['ecs:DeregisterTaskDefinition'], ['*']),
    allow(
      'TargetGroupsNew',
      ['elasticloadbalancing:AddTags', 'elasticloadbalancing:CreateTargetGroup'],
      any('elasticloadbalancing', 'targetgroup/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'TargetGroups',
      ['elasticloadbalancing:*Tags', 'elasticloadbalancing:*Target*'],
      any('elasticloadbalancing', 'targetgroup/*'),
      tagged('environment', 'there'),
    ),
    allow(
      'Routes',
      ['elasticloadbalancing:*Rule*', 'elasticloadbalancing:*Tags'],
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
        'servicediscovery:*Instance*',
        'servicediscovery:*Service',
        'servicediscovery:*TagResource',
        'servicediscovery:ListTagsForResource',
      ],
      any('servicediscovery', 'service/*', 'namespace/*'),
      tagged('environment', 'there'),
    ),
    allow(
      'Logs',
      [
        'logs:*LogGroup',
        'logs:*RetentionPolicy',
        'logs:*Tag*',
        'logs:DescribeLogStreams',
        'logs:FilterLogEvents',
        'logs:GetLogEvents',
      ],
      named('logs', 'logGroup', 'log-group:'),
    ),
    // Not their values.
    allow(
      'MadeSecrets',
      ['secretsmanager:*Secret', 'secretsmanager:*agResource'],
      named('secretsmanager', 'secret', 'secret:'),
    ),
    // Whether there is a value, and which version it is; never the value. People set those with credentials of their own.
    allow(
      'SecretsOfPeople',
      ['secretsmanager:DescribeSecret'],
      pairs().flatMap(({ application, environment }) => [
        arn('secretsmanager', `secret:fairlead/${application}/env/${environment}/*`),
        arn('secretsmanager', `secret:fairlead/${application}/type/*`),
      ]),
    ),
    allow(
      'Notes',
      ['ssm:*Parameter', 'ssm:*Parameters', 'ssm:AddTagsToResource'],
      pairs().map(({ application, environment }) => arn('ssm', `parameter/fairlead/${application}/${environment}/*`)),
    ),
    allow('Scaling', ['application-autoscaling:*'], any('application-autoscaling', 'scalable-target/*'), {
      StringEquals: { 'application-autoscaling:service-namespace': 'ecs' },
    }),
    allow('Alarms', ['cloudwatch:*Alarm*', 'cloudwatch:*Tag*'], named('cloudwatch', 'alarm', 'alarm:')),
    // ECR cannot tell images of previews from those of production in one repository: only who looks after production takes any away.
    ...(scope === 'lasting'
      ? [
          allow(
            'OldImages',
            ['ecr:BatchDeleteImage'],
            applications.map(({ name }) => arn('ecr', `repository/fairlead/${name}`)),
          ),
        ]
      : []),
    ...(needs.topics ? topics(places) : []),
    // Also what it takes to set off a cron job: a message.
    ...(needs.topics || needs.cronJobs
      ? [allow('Queues', ['sqs:*Queue*', 'sqs:SendMessage'], named('sqs', 'queue'))]
      : []),
    ...(needs.cronJobs || needs.sleep
      ? [allow('Schedules', ['scheduler:*Schedule'], named('scheduler', 'schedule', 'schedule/default/'))]
      : []),
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
      paths('/apis', '/apis/*/stages', '/tags/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'Apis',
      ['DELETE', 'GET', 'PATCH', 'POST', 'PUT', 'TagResource', 'UntagResource'].map((verb) => `apigateway:${verb}`),
      paths('/apis/*', '/tags/*'),
      tagged('environment', 'there'),
    ),
    allow('ApisLook', ['apigateway:GET'], paths('/apis', '/apis/*', '/vpclinks', '/vpclinks/*')),
  ];
}

function topics({ named }: Places): Statement[] {
  return [
    allow(
      'Topics',
      ['sns:*Tag*', 'sns:*Topic*', 'sns:GetDataProtectionPolicy', 'sns:Subscribe'],
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

/** Objects are only ever taken away, with the bucket. */
function buckets({ named }: Places): Statement {
  return allow(
    'Buckets',
    [
      's3:*Bucket*',
      's3:*EncryptionConfiguration',
      's3:*LifecycleConfiguration',
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    ],
    named('s3', 'bucket'),
  );
}

function publicBuckets({ any, tagged }: Places): Statement[] {
  return [
    allow(
      'DistributionsNew',
      ['cloudfront:CreateDistribution*', 'cloudfront:TagResource'],
      any('cloudfront', 'distribution/*'),
      tagged('environment', 'made'),
    ),
    allow(
      'Distributions',
      ['cloudfront:*Distribution*', 'cloudfront:*Tag*'],
      any('cloudfront', 'distribution/*'),
      tagged('environment', 'there'),
    ),
    // These cannot be tagged.
    allow('OriginAccess', ['cloudfront:*OriginAccessControl'], any('cloudfront', 'origin-access-control/*')),
  ];
}
