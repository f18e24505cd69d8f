import { AwsError, type Operation } from '../../model.ts';
import type { Cluster, State, Where } from './model.ts';
import { arnOf, lastWord } from './names.ts';
import { putTags, tagList } from './tags.ts';
import { page } from './task-definitions.ts';

export function clusterOperations(state: State): Record<string, Operation> {
  return {
    CreateCluster: (input, call) => ({ cluster: view(state, makeCluster(state, input, call)) }),
    DescribeClusters({ clusters = ['default'] }: { clusters?: string[] }, call) {
      const found = clusters.map((name) => [name, lookUp(state, name, call)] as const);
      return {
        clusters: found.flatMap(([, one]) => (one ? [view(state, one)] : [])),
        failures: found.flatMap(([name, one]) =>
          one ? [] : [{ arn: arnOf(call, 'cluster', lastWord(name)), reason: 'MISSING' }],
        ),
      };
    },
    ListClusters({ maxResults = 100, nextToken }, call) {
      const arns = [...state.clusters.values()]
        .filter(({ where, status }) => isSame(where, call) && status === 'ACTIVE')
        .map(({ arn }) => arn);
      return page('clusterArns', arns, maxResults, nextToken);
    },
    PutClusterCapacityProviders({ cluster, capacityProviders, defaultCapacityProviderStrategy }, call) {
      const found = findCluster(state, cluster, call);
      Object.assign(found, { capacityProviders, defaultStrategy: defaultCapacityProviderStrategy ?? [] });
      return { cluster: view(state, found) };
    },
    DeleteCluster({ cluster }, call) {
      const found = findCluster(state, cluster, call);
      removeCluster(state, found);
      return { cluster: view(state, found) };
    },
  };
}

export function makeCluster(
  state: State,
  // biome-ignore lint/suspicious/noExplicitAny: CreateCluster's input, and that of the resource in lower case.
  input: Record<string, any>,
  where: Where,
): Cluster {
  const name: string = input.clusterName ?? 'default';
  if (!/^[a-zA-Z][\w-]{0,254}$/.test(name))
    throw new AwsError(
      'InvalidParameterException',
      'Identifier contains invalid characters. Identifiers must be 1-255 characters.',
    );
  const arn = arnOf(where, 'cluster', name);
  const { account, region } = where;
  const known = state.clusters.get(arn);
  const cluster: Cluster = {
    arn,
    name,
    where: { account, region },
    status: 'ACTIVE',
    capacityProviders: input.capacityProviders ?? known?.capacityProviders ?? [],
    defaultStrategy: input.defaultCapacityProviderStrategy ?? known?.defaultStrategy ?? [],
    settings: input.settings ?? known?.settings ?? [{ name: 'containerInsights', value: 'disabled' }],
  };
  state.clusters.set(arn, cluster);
  putTags(state, arn, input.tags);
  return cluster;
}

/** ECS API, "DeleteCluster". */
export function removeCluster({ services, tasks }: State, cluster: Cluster): void {
  if ([...services.values()].some((one) => one.cluster === cluster && one.status !== 'INACTIVE'))
    throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
  if (
    [...tasks.values()].some(
      ({ view: { clusterArn, lastStatus } }) => clusterArn === cluster.arn && lastStatus !== 'STOPPED',
    )
  )
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  cluster.status = 'INACTIVE';
}

/** @throws AwsError ClusterNotFoundException */
export function findCluster(state: State, name: string | undefined, where: Where): Cluster {
  const found = lookUp(state, name ?? 'default', where);
  if (found?.status !== 'ACTIVE') throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return found;
}

function lookUp({ clusters }: State, name: string, where: Where): Cluster | undefined {
  return clusters.get(name.startsWith('arn:') ? name : arnOf(where, 'cluster', name));
}

export const isSame = (a: Where, b: Where): boolean => a.account === b.account && a.region === b.region;

function view(state: State, cluster: Cluster): object {
  const tasks = [...state.tasks.values()].filter((one) => one.view.clusterArn === cluster.arn);
  const services = [...state.services.values()].filter((one) => one.cluster === cluster && one.status !== 'INACTIVE');
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: tasks.filter(({ view: { lastStatus } }) => lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter(({ view: { lastStatus = '' } }) => ['PROVISIONING', 'PENDING'].includes(lastStatus))
      .length,
    activeServicesCount: services.length,
    statistics: [],
    tags: tagList(state, cluster.arn),
    settings: cluster.settings,
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultStrategy,
  };
}
