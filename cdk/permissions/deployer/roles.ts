import { allow, type Statement } from '../statement.ts';
import type { DeployerInput, DeployerNeeds } from './input.ts';
import type { Places } from './places.ts';

/** Roles of environments are made, changed and handed on only with the boundary on them, and to the services that need them. */
export function roleStatements(
  { partition, account, boundaries }: DeployerInput,
  { named, under }: Places,
  needs: DeployerNeeds,
): Statement[] {
  const roles = [...named('iam', 'role', 'role/'), ...under('iam', 'role', 'role/')];
  return [
    allow('BoundRoles', ['iam:*RolePolicy', 'iam:CreateRole', 'iam:PutRolePermissionsBoundary'], roles, {
      StringEquals: { 'iam:PermissionsBoundary': [...boundaries] },
    }),
    allow(
      'Roles',
      [
        'DeleteRole',
        'GetRole',
        'GetRolePolicy',
        'ListAttachedRolePolicies',
        'ListRolePolicies',
        'ListRoleTags',
        'TagRole',
        'UntagRole',
        'UpdateAssumeRolePolicy',
        'UpdateRole*',
      ].map((action) => `iam:${action}`),
      roles,
    ),
    allow('HandOn', ['iam:PassRole'], roles, {
      StringEquals: {
        'iam:PassedToService': [
          'ecs-tasks.amazonaws.com',
          'ecs.amazonaws.com',
          ...(needs.cronJobs || needs.sleep ? ['scheduler.amazonaws.com'] : []),
        ],
      },
    }),
    allow('Boundary', ['iam:GetPolicy', 'iam:GetPolicyVersion'], [...boundaries]),
    // Roles that services of AWS have for themselves, once in an account.
    allow(
      'OwnRolesOfServices',
      ['iam:CreateServiceLinkedRole'],
      [`arn:${partition}:iam::${account}:role/aws-service-role/*`],
      {
        StringEquals: {
          'iam:AWSServiceName': [
            'ecs.amazonaws.com',
            'ecs.application-autoscaling.amazonaws.com',
            'elasticloadbalancing.amazonaws.com',
            ...(needs.domain ? [] : ['ops.apigateway.amazonaws.com']),
            ...(needs.databases ? ['rds.amazonaws.com'] : []),
            ...(needs.caches ? ['elasticache.amazonaws.com'] : []),
          ],
        },
      },
    ),
  ];
}
