import { boundaryName } from '../boundary.ts';
import { allow, type Statement } from '../statement.ts';
import type { DeployerInput } from './input.ts';
import { placesOf } from './places.ts';

/**
 * What a preview's deployer reads of the environments that live on: reviewers are shown what merging changes there, and what it
 * costs. Reads only, and of secrets only whether they are there.
 */
export function comparing(input: DeployerInput): Statement[] {
  if (input.scope !== 'previews') return [];
  const { stacks, under, pairs, foundations } = placesOf({ ...input, scope: 'lasting' });
  const { partition, account } = input;
  const arns = (service: string, resource: (application: string, environment: string) => string) =>
    pairs().map(
      ({ application, environment }) =>
        `arn:${partition}:${service}:*:${account}:${resource(application, environment)}`,
    );
  return [
    allow('CompareStacks', ['cloudformation:GetTemplate', 'cloudformation:ListStackResources'], stacks()),
    allow('CompareServices', ['ecs:DescribeServices'], under('ecs', 'cluster', 'service/', '/*')),
    // Without it, a role would be shown as if it lost its boundary.
    allow(
      'CompareBoundaries',
      ['iam:GetPolicy'],
      foundations().map((one) => `arn:${partition}:iam::${account}:policy/${boundaryName(one, 'lasting')}`),
    ),
    allow(
      'CompareSchemas',
      ['ssm:GetParameter'],
      arns('ssm', (application, environment) => `parameter/fairlead/${application}/${environment}/schema`),
    ),
    allow(
      'CompareSecrets',
      ['secretsmanager:DescribeSecret'],
      arns('secretsmanager', (application, environment) => `secret:fairlead/${application}/env/${environment}/*`),
    ),
  ];
}
