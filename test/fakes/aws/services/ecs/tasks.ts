import { AwsError, type Operation } from '../../model.ts';
import { copied } from './cases.ts';
import { findCluster } from './clusters.ts';
import type { State, TaskRecord } from './model.ts';
import { arnOf, lastWord } from './names.ts';
import { putTags, tagList } from './tags.ts';
import { startTask } from './task.ts';
import { findDefinition, page } from './task-definitions.ts';

export function taskOperations(state: State): Record<string, Operation> {
  const find = (clusterArn: string, name: string): TaskRecord | undefined =>
    [...state.tasks.values()].find(
      ({ view }) => view.clusterArn === clusterArn && lastWord(view.taskArn) === lastWord(name),
    );

  return {
    RunTask(input, call) {
      const cluster = findCluster(state, input.cluster, call);
      const definition = findDefinition(state, input.taskDefinition, call);
      if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
      const network = input.networkConfiguration?.awsvpcConfiguration;
      if (definition.networkMode === 'awsvpc' && !network)
        throw new AwsError(
          'InvalidParameterException',
          "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        );
      const names = (definition.containerDefinitions ?? []).map(({ name }) => name);
      for (const { name } of input.overrides?.containerOverrides ?? [])
        if (!names.includes(name))
          throw new AwsError(
            'InvalidParameterException',
            `Override for container named ${name} is not a container in the TaskDefinition.`,
          );
      const provider = (input.capacityProviderStrategy ?? (input.launchType ? [] : cluster.defaultStrategy))[0]
        ?.capacityProvider;
      const { account, region } = call;
      const tasks = Array.from({ length: input.count ?? 1 }, () => {
        const task = startTask(state, {
          where: { account, region },
          cluster,
          definition,
          group: input.group ?? `family:${definition.family}`,
          ...(input.startedBy && { startedBy: input.startedBy }),
          ...(input.launchType && { launchType: input.launchType }),
          ...(provider && { capacityProvider: provider }),
          ...(network && { network }),
          ...(input.overrides && { overrides: input.overrides }),
          enableExecuteCommand: input.enableExecuteCommand ?? false,
        });
        const inherited = input.propagateTags === 'TASK_DEFINITION' ? tagList(state, definition.taskDefinitionArn) : [];
        putTags(state, task.view.taskArn, [...inherited, ...(input.tags ?? [])]);
        return task;
      });
      return { tasks: tasks.map((task) => viewOf(state, task, true)), failures: [] };
    },
    /** ECS API, "StopTask": the reason is what is shown of it. */
    StopTask({ cluster, task, reason }, call) {
      const found = find(findCluster(state, cluster, call).arn, task);
      if (!found) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
      found.stop(reason ?? 'Task stopped by user', 'UserInitiated');
      return { task: viewOf(state, found, false) };
    },
    DescribeTasks({ cluster, tasks, include }: { cluster?: string; tasks: string[]; include?: string[] }, call) {
      const { arn, name: clusterName } = findCluster(state, cluster, call);
      const found = tasks.map((name) => [name, find(arn, name)] as const);
      return {
        tasks: found.flatMap(([, one]) => (one ? [viewOf(state, one, include?.includes('TAGS') ?? false)] : [])),
        failures: found.flatMap(([name, one]) =>
          one ? [] : [{ arn: arnOf(call, 'task', clusterName, lastWord(name)), reason: 'MISSING' }],
        ),
      };
    },
    ListTasks(input, call) {
      const { arn } = findCluster(state, input.cluster, call);
      const {
        desiredStatus = 'RUNNING',
        family,
        serviceName,
        startedBy,
        launchType,
        maxResults = 100,
        nextToken,
      } = input;
      const arns = [...state.tasks.values()]
        .filter(({ view, definition, deployment }) => {
          if (view.clusterArn !== arn || view.desiredStatus !== desiredStatus) return false;
          if (family !== undefined && definition.family !== family) return false;
          if (serviceName !== undefined && deployment?.service.name !== lastWord(serviceName)) return false;
          if (startedBy !== undefined && view.startedBy !== startedBy) return false;
          return launchType === undefined || view.launchType === launchType;
        })
        .map(({ view }) => view.taskArn);
      return page('taskArns', arns, maxResults, nextToken);
    },
  };
}

function viewOf(state: State, { view }: TaskRecord, withTags: boolean): object {
  return copied({ ...view, ...(withTags && { tags: tagList(state, view.taskArn) }) });
}
