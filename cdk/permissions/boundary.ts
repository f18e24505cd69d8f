import { UserError } from '../../pipeline/user-error.ts';
import type { EnvironmentClass } from '../model.ts';
import { shortHash } from '../names.ts';
import type { DeployerInput } from './deployer/input.ts';
import { limits, sizeOf } from './deployer/pack.ts';
import { placesOf } from './deployer/places.ts';
import { allow, document, type PolicyDocument, type Statement } from './statement.ts';
import { consumeActions } from './task.ts';

type Scope = DeployerInput['scope'];

/** Which of the two boundaries of a Foundation holds for environments of a class. */
export function scopeOf(type: EnvironmentClass): Scope {
  return type === 'preview' ? 'previews' : 'lasting';
}

/** The policy that no role over a Foundation may exceed; `fairlead bootstrap aws` makes it, and the target looks for it. */
export function boundaryName(foundation: string, scope: Scope): string {
  const name = `fairlead-${foundation}-${scope}-boundary`;
  return /^[\w+=,.@-]{1,128}$/.test(name) ? name : `fairlead-${shortHash([foundation])}-${scope}-boundary`;
}

export interface BoundaryInput {
  /** In an ARN: `aws` and twelve digits, or what CloudFormation puts them in for. */
  partition: string;
  account: string;
  scope: Scope;
  foundation: string;
  /** Those that stand on the Foundation. */
  applications: readonly string[];
  /** Names of the environments that live on. @default production */
  environments?: readonly string[];
  /** Of images. */
  repositories: readonly string[];
}

/**
 * The most that roles of processes, of ECS and of schedules can ever be allowed, whatever somebody gives them: what the environments of
 * one scope have. So whoever may make roles for previews gets at nothing of production by one.
 * @throws UserError FL7303 for more applications than one policy has room for
 */
export function boundaryPolicy(input: BoundaryInput): PolicyDocument {
  const { partition, account, scope, foundation, applications, environments, repositories } = input;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`;
  const { named, under, pairs } = placesOf({
    partition,
    account,
    scope,
    applications: applications.map((name) => ({ name, foundation })),
    ...(environments && { environments }),
  });
  const types = scope === 'previews' ? ['preview'] : ['development', 'production'];
  const ofPeople = [
    ...pairs().map(({ application, environment }) => `${application}/env/${environment}/*`),
    ...applications.flatMap((application) => types.map((type) => `${application}/type/${type}/*`)),
  ];
  return fitting(foundation, [
    allow('Publish', ['sns:Publish'], named('sns', 'topic')),
    allow('Queues', [...consumeActions, 'sqs:SendMessage'], named('sqs', 'queue')),
    allow(
      'Objects',
      [
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:ListBucket',
        's3:PutObject',
      ],
      named('s3', 'bucket'),
    ),
    allow('SignIn', ['ecr:GetAuthorizationToken'], ['*']),
    allow(
      'Pull',
      ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      repositories.map((name) => arn('ecr', `repository/${name}`)),
    ),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], named('logs', 'logGroup', 'log-group:')),
    // Of environments, of people, and of the users of the cache.
    allow(
      'ReadSecrets',
      ['secretsmanager:GetSecretValue'],
      [
        ...named('secretsmanager', 'secret', 'secret:'),
        ...ofPeople.map((name) => arn('secretsmanager', `secret:fairlead/${name}`)),
        ...under('secretsmanager', 'secret', 'secret:').map((one) => `${String(one).replace(/-\*$/, '')}/cache*`),
      ],
    ),
    // Amazon RDS gives these names of its own, and says in a tag whose master a secret is of.
    allow('ReadMasters', ['secretsmanager:GetSecretValue'], [arn('secretsmanager', 'secret:rds!db-*')], {
      ArnLike: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': under('rds', 'server', 'db:') },
    }),
    ...(scope === 'previews'
      ? [allow('Sleep', ['ecs:UpdateService'], named('ecs', 'service', 'service/*/'))]
      : // ECS moves the requests of a canary.
        [
          allow(
            'Shift',
            [
              'elasticloadbalancing:*Targets',
              'elasticloadbalancing:Describe*',
              'elasticloadbalancing:ModifyListener',
              'elasticloadbalancing:ModifyRule',
            ],
            ['*'],
          ),
        ]),
  ]);
}

/** A role has one boundary, which is one policy: it cannot be divided. */
function fitting(foundation: string, statements: Statement[]): PolicyDocument {
  const size = sizeOf(statements);
  if (size > limits.characters)
    throw new UserError({
      code: 'FL7303',
      severity: 'error',
      message: `the boundary of all that stands on ${foundation} would be ${size} characters long, and IAM takes ${limits.characters}`,
      help: 'Let some of the applications stand on a Foundation of their own, with `aws.foundation` in fairlead.json.',
    });
  return document(statements);
}
