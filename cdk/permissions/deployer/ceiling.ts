import { allow, document, type PolicyDocument } from '../statement.ts';
import type { DeployerInput } from './input.ts';

/** Services that environments are made of. */
const services = [
  'acm',
  'apigateway',
  'application-autoscaling',
  'cloudformation',
  'cloudfront',
  'cloudwatch',
  'ec2',
  'ecr',
  'ecs',
  'elasticache',
  'elasticloadbalancing',
  'kms',
  'logs',
  'rds',
  'route53',
  's3',
  'scheduler',
  'secretsmanager',
  'servicediscovery',
  'servicequotas',
  'sns',
  'sqs',
  'ssm',
  'tag',
];

/** What no deployer can ever do more than, whatever is attached to it: the services it works with, and of IAM only bound roles. */
export function deployerCeiling({
  partition,
  account,
  boundaries,
}: Pick<DeployerInput, 'partition' | 'account' | 'boundaries'>): PolicyDocument {
  const role = (name: string) => `arn:${partition}:iam::${account}:role/${name}`;
  return document([
    allow(
      'Services',
      services.map((service) => `${service}:*`),
      ['*'],
    ),
    allow('BoundRoles', ['iam:*RolePolicy', 'iam:CreateRole', 'iam:PutRolePermissionsBoundary'], [role('*')], {
      StringEquals: { 'iam:PermissionsBoundary': [...boundaries] },
    }),
    allow(
      'Roles',
      [
        'iam:DeleteRole',
        'iam:Get*',
        'iam:List*',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole*',
      ],
      [role('*'), ...boundaries],
    ),
    allow('HandOn', ['iam:PassRole'], [role('*')], {
      StringEquals: {
        'iam:PassedToService': ['ecs-tasks.amazonaws.com', 'ecs.amazonaws.com', 'scheduler.amazonaws.com'],
      },
    }),
    allow('OwnRolesOfServices', ['iam:CreateServiceLinkedRole'], [role('aws-service-role/*')]),
  ]);
}
