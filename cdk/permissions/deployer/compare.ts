import { allow, type Statement } from '../statement.ts';
import type { DeployerInput } from './input.ts';
import { placesOf } from './places.ts';

/**
 * What a preview's deployer reads of the environments that live on: reviewers are shown what merging changes there, and what it
 * costs. Reads only, and no secret.
 */
export function comparing(input: DeployerInput): Statement[] {
  if (input.scope !== 'previews') return [];
  const { stacks, under, pairs } = placesOf({ ...input, scope: 'lasting' });
  const { partition, account } = input;
  return [
    allow('CompareStacks', ['cloudformation:GetTemplate', 'cloudformation:ListStackResources'], stacks()),
    allow('CompareServices', ['ecs:DescribeServices'], under('ecs', 'cluster', 'service/', '/*')),
    allow(
      'CompareSchemas',
      ['ssm:GetParameter'],
      pairs().map(
        ({ application, environment }) =>
          `arn:${partition}:ssm:*:${account}:parameter/fairlead/${application}/${environment}/schema`,
      ),
    ),
  ];
}
