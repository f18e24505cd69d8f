import type { Call, Wish } from '../../model.ts';
import { arnOf, lastWord } from './names.ts';

type Input = Record<string, string | undefined>;

/** On which resources. Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container Service". */
export function ecsWishes(operation: string, input: Input, call: Call): Wish[] {
  const cluster = lastWord(input.cluster ?? 'default');
  const action = `ecs:${operation}`;
  const context = { 'ecs:cluster': arnOf(call, 'cluster', cluster) };
  const on = (resource: string): Wish[] => [{ action, resource, context }];
  const definition = (name = '*') =>
    arnOf(call, 'task-definition', /:\d+$/.test(name) ? lastWord(name) : `${lastWord(name)}:*`);
  const services = (names: string[]): Wish[] =>
    names.map((name) => ({ action, resource: arnOf(call, 'service', cluster, lastWord(name)), context }));
  switch (operation) {
    case 'RunTask':
      return on(definition(input.taskDefinition));
    case 'RegisterTaskDefinition':
      return [
        ...on(definition(input.family)),
        ...[input.taskRoleArn, input.executionRoleArn].flatMap((role) =>
          role
            ? [
                {
                  action: 'iam:PassRole',
                  resource: role,
                  context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
                },
              ]
            : [],
        ),
      ];
    case 'StopTask':
      return on(arnOf(call, 'task', cluster, lastWord(input.task ?? '*')));
    case 'DescribeTasks':
      return ((input.tasks ?? []) as string[]).map((name) => ({
        action,
        resource: arnOf(call, 'task', cluster, lastWord(name)),
        context,
      }));
    case 'CreateService':
      return services([input.serviceName ?? '*']);
    case 'UpdateService':
    case 'DeleteService':
    case 'ListServiceDeployments':
      return services([input.service ?? '*']);
    case 'DescribeServices':
      return services((input.services ?? []) as string[]);
    case 'ContinueServiceDeployment':
    case 'StopServiceDeployment':
      return [{ action, resource: input.serviceDeploymentArn ?? '*' }];
    case 'DescribeServiceDeployments':
      return ((input.serviceDeploymentArns ?? []) as string[]).map((resource) => ({ action, resource }));
    case 'DescribeServiceRevisions':
      return ((input.serviceRevisionArns ?? []) as string[]).map((resource) => ({ action, resource }));
    case 'DescribeClusters':
      return ((input.clusters ?? ['default']) as string[]).map((name) => ({
        action,
        resource: arnOf(call, 'cluster', lastWord(name)),
      }));
    case 'DeleteCluster':
    case 'PutClusterCapacityProviders':
    case 'ListTasks':
    case 'ListServices':
      return on(operation === 'ListTasks' || operation === 'ListServices' ? '*' : arnOf(call, 'cluster', cluster));
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource':
      return on(input.resourceArn ?? '*');
    case 'DeleteTaskDefinitions':
      return ((input.taskDefinitions ?? []) as string[]).map((name) => ({ action, resource: definition(name) }));
    default:
      return [{ action, resource: '*' }];
  }
}
