import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { mean } from '../draft.ts';
import { iam } from '../library.ts';
import type { Meaning } from '../model.ts';
import { document, type Statement } from '../permissions/statement.ts';
import type { Scope } from './scope.ts';

interface RoleOptions {
  /** In the physical name, after application and environment. */
  parts: string[];
  /** Of AWS: who takes the role, `ecs-tasks.amazonaws.com`. */
  principal: string;
  statements: Statement[];
  /** Whether AWS says for which account it takes the role. @default true */
  saysAccount?: boolean;
  meaning: Meaning;
}

/** A role that one service of AWS may take, in this account only, and that does not go beyond the boundary. */
export function role(
  scope: Scope,
  id: string,
  { parts, principal, statements, saysAccount = true, meaning }: RoleOptions,
): CfnRole {
  const { account, boundary } = scope.input;
  return mean(
    scope,
    new iam.CfnRole(scope.scope, id, {
      roleName: scope.name('role', ...parts),
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: principal },
            Action: 'sts:AssumeRole',
            ...(saysAccount && { Condition: { StringEquals: { 'aws:SourceAccount': account.id } } }),
          },
        ],
      },
      ...(boundary !== undefined && { permissionsBoundary: boundary }),
      ...(statements.length > 0 && {
        policies: [{ policyName: 'graph', policyDocument: document(statements) }],
      }),
    }),
    meaning,
  );
}
