import type { Service } from '@aws-sdk/client-ecs';
import type { Deployed } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { ownerOf } from './deployed.ts';
import { unless } from './errors.ts';
import { type AppOutputs, tagNames } from './model.ts';
import { describeServices, primaryOf, servicesOf } from './rollout/services.ts';
import { readSchema } from './schema.ts';
import { listResources, listStacks, type StackState } from './stacks/read.ts';
import { phaseOf } from './stacks/status.ts';

/** The stacks of environments, of one application or all. */
export async function environmentStacks(aws: Pick<Aws, 'clients'>, application?: string): Promise<StackState[]> {
  const stacks = await listStacks(aws.clients, tagNames.environment);
  return stacks.filter(({ tags }) => application === undefined || tags[tagNames.application] === application);
}

/** What CloudFormation has, against what really runs. Undefined when the stack is no environment's. */
export async function look(aws: Pick<Aws, 'clients'>, stack: StackState): Promise<Deployed | undefined> {
  const owner = ownerOf(stack);
  if (!owner) return undefined;
  const { environment, repository } = owner;
  const outputs = stack.outputs as Partial<AppOutputs>;
  const [running, schema] = await Promise.all([
    processesOf(aws, stack, outputs),
    // What cannot be read is not told; that keeps nobody from seeing the environment.
    unless(readSchema(aws.clients, environment), () => true),
  ]);
  const { Release: release, Url: url } = outputs;
  const answers = release !== undefined && running.right;
  const { [tagNames.expires]: expires } = stack.tags;
  return {
    environment,
    ...(answers && { release }),
    ...(answers && url !== undefined && { url }),
    state: stateOf(stack, answers, running),
    processes: release === undefined ? [] : running.processes,
    ...(schema && { schema }),
    updated: stack.updated.toISOString(),
    ...(repository !== undefined && { repository }),
    ...(expires !== undefined && { expires }),
  };
}

interface RunningProcesses {
  processes: Deployed['processes'];
  /** Whether all of them are what the stack says, as far as they run. */
  right: boolean;
  asleep: boolean;
}

async function processesOf(
  { clients }: Pick<Aws, 'clients'>,
  stack: StackState,
  { Services }: Partial<AppOutputs>,
): Promise<RunningProcesses> {
  const wanted = servicesOf(Services);
  if (Object.keys(wanted).length === 0) return { processes: [], right: true, asleep: false };
  const resources = await listResources(clients, stack.name);
  const revisions = resources.filter(({ type }) => type === 'AWS::ECS::TaskDefinition').map((one) => one.physicalId);
  const services = await serviceStates(clients, resources, wanted);
  const all = Object.keys(wanted).sort();
  return {
    processes: all.map((name) => ({ name, state: processState(services[name]) })),
    right: all.every((name) => {
      const service = services[name];
      return service !== undefined && revisions.includes(primaryOf(service)?.taskDefinition ?? service.taskDefinition);
    }),
    asleep: all.every((name) => services[name]?.desiredCount === 0),
  };
}

/** The cluster is told by the services' own ids: `arn:…:service/<cluster>/<service>`. */
export async function serviceStates(
  clients: Aws['clients'],
  resources: readonly { type: string; physicalId?: string }[],
  wanted: Record<string, string>,
): Promise<Record<string, Service>> {
  const cluster = clusterOf(resources);
  return cluster === undefined ? {} : describeServices(clients, cluster, wanted);
}

export function clusterOf(resources: readonly { type: string; physicalId?: string }[]): string | undefined {
  const id = resources.find(({ type, physicalId }) => type === 'AWS::ECS::Service' && physicalId)?.physicalId;
  return id?.split('/')[1];
}

function processState(service: Service | undefined): Deployed['processes'][number]['state'] {
  if (!service || (service.desiredCount ?? 0) === 0) return 'stopped';
  return (service.runningCount ?? 0) > 0 ? 'running' : 'restarting';
}

function stateOf({ status }: StackState, answers: boolean, { asleep }: RunningProcesses): Deployed['state'] {
  if (!answers || !['steady', 'tidying'].includes(phaseOf(status))) return 'incomplete';
  return asleep ? 'stopped' : 'running';
}
