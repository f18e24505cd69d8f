import { type PhysicalKind, physicalName, shortHash } from '../names.ts';
import { allow, document, type PolicyDocument } from './statement.ts';
import { consumeActions } from './task.ts';

/** The policy that no role over a Foundation may exceed; `fairlead bootstrap aws` makes it, and the target looks for it. */
export function boundaryName(foundation: string): string {
  const name = `fairlead-${foundation}-boundary`;
  return /^[\w+=,.@-]{1,128}$/.test(name) ? name : `fairlead-${shortHash([foundation])}-boundary`;
}

export interface BoundaryInput {
  /** In an ARN: `aws` and twelve digits, or what CloudFormation puts them in for. */
  partition: string;
  account: string;
  foundation: string;
  /** Those that stand on the Foundation. */
  applications: readonly string[];
  /** Of images. */
  repositories: readonly string[];
}

/** The most that roles of processes, of ECS and of schedules can ever be allowed, whatever somebody gives them. */
export function boundaryPolicy(input: BoundaryInput): PolicyDocument {
  const { partition, account, foundation, applications, repositories } = input;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`;
  const all = (service: string, kind: PhysicalKind, before = '') =>
    applications.map((name) => arn(service, `${before}${beginning(kind, name)}*`));
  return document([
    allow('Publish', ['sns:Publish'], all('sns', 'topic')),
    allow('Queues', [...consumeActions, 'sqs:SendMessage'], all('sqs', 'queue')),
    allow(
      'Objects',
      [
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:ListBucket',
        's3:PutObject',
      ],
      applications.map((name) => `arn:${partition}:s3:::${beginning('bucket', name)}*`),
    ),
    allow('SignIn', ['ecr:GetAuthorizationToken'], ['*']),
    allow(
      'Pull',
      ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      repositories.map((name) => arn('ecr', `repository/${name}`)),
    ),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], all('logs', 'logGroup', 'log-group:')),
    // Of environments, of people, of the users of the cache, and of the server whose master Amazon RDS keeps.
    allow(
      'ReadSecrets',
      ['secretsmanager:GetSecretValue'],
      [
        ...all('secretsmanager', 'secret', 'secret:'),
        ...applications.map((name) => arn('secretsmanager', `secret:fairlead/${name}/*`)),
        arn('secretsmanager', `secret:${beginning('secret', foundation)}*`),
        arn('secretsmanager', 'secret:rds!db-*'),
      ].filter((one, index, list) => list.indexOf(one) === index),
    ),
    // The schedule of previews that sleep.
    allow(
      'Sleep',
      ['ecs:UpdateService'],
      applications.map((name) => arn('ecs', `service/*/${beginning('service', name)}*`)),
    ),
    // ECS moves the requests of a canary.
    allow(
      'Shift',
      [
        'elasticloadbalancing:DeregisterTargets',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
        'elasticloadbalancing:ModifyListener',
        'elasticloadbalancing:ModifyRule',
        'elasticloadbalancing:RegisterTargets',
      ],
      ['*'],
    ),
  ]);
}

/** How all names of a kind begin that an application has: `shop-`. */
function beginning(kind: PhysicalKind, owner: string): string {
  return physicalName(kind, owner, 'x')
    .replace(/(\.fifo)?$/, '')
    .replace(/x[-_/][0-9a-f]{8}$/, '');
}
