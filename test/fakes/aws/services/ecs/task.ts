import type { Container, ContainerDefinition, TaskOverride } from '@aws-sdk/client-ecs';
import { type Exit, type HealthCheck, StopError } from '../../containers/model.ts';
import { wordsOf } from '../../containers/pull.ts';
import { AwsError } from '../../model.ts';
import { type Caller, requestId, sessionOf } from '../as-role.ts';
import type { Interfaces, NetworkInterface } from '../ec2/interfaces.ts';
import { openLog } from './logs.ts';
import type { Cluster, Definition, DeploymentRecord, State, StopCode, TaskRecord, Where } from './model.ts';
import { arnOf, lastWord, taskId } from './names.ts';
import { resolveSecrets } from './secrets.ts';
import { timing } from './timing.ts';

export interface TaskRequest {
  where: Where;
  cluster: Cluster;
  definition: Definition;
  group: string;
  startedBy?: string;
  launchType?: string;
  capacityProvider?: string;
  platformVersion?: string;
  network?: { subnets?: string[]; securityGroups?: string[]; assignPublicIp?: string };
  overrides?: TaskOverride;
  enableExecuteCommand?: boolean;
  deployment?: DeploymentRecord;
}

/** What a service does with its tasks on their way. */
export interface TaskHooks {
  /** When the containers run, before the task is RUNNING: its targets and instances are registered. */
  activate?(task: TaskRecord): void;
  /** Before the containers stop: they are deregistered. */
  deactivate?(task: TaskRecord): Promise<void>;
  /** After each change of it. */
  changed?(task: TaskRecord): void;
}

const sessionLength = 6 * 3_600_000;

/** Starts a task; all that follows happens by itself. ECS Developer Guide, "Task lifecycle". */
export function startTask(state: State, request: TaskRequest, hooks: TaskHooks = {}): TaskRecord {
  const { world } = state;
  const { where, cluster, definition, overrides } = request;
  const id = taskId(world.random);
  const taskArn = arnOf(where, 'task', cluster.name, id);
  const stopping = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const now = () => new Date(world.clock.now());
  const view: TaskRecord['view'] = {
    taskArn,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.taskDefinitionArn,
    group: request.group,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    createdAt: now(),
    cpu: overrides?.cpu ?? definition.cpu,
    memory: overrides?.memory ?? definition.memory,
    ...(request.startedBy && { startedBy: request.startedBy }),
    ...(request.capacityProvider
      ? { capacityProviderName: request.capacityProvider, launchType: 'FARGATE' as const }
      : { launchType: (request.launchType ?? 'FARGATE') as 'FARGATE' }),
    platformVersion:
      request.platformVersion && request.platformVersion !== 'LATEST' ? request.platformVersion : '1.4.0',
    platformFamily: 'Linux',
    connectivity: 'CONNECTED',
    enableExecuteCommand: request.enableExecuteCommand ?? false,
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...overrides },
    attachments: [],
    attributes: [],
    version: 1,
    containers: (definition.containerDefinitions ?? []).map((container) =>
      containerView(container, taskArn, where, world.random.text(8)),
    ),
  };
  const task: TaskRecord = {
    where,
    definition,
    view,
    running: new Map(),
    targets: [],
    instances: [],
    ended,
    ...(request.deployment && { deployment: request.deployment }),
    stop(reason, code) {
      if (stopping.signal.aborted) return;
      Object.assign(view, { desiredStatus: 'STOPPED', stoppedReason: reason, stopCode: code, stoppingAt: now() });
      stopping.abort();
      changed();
    },
  };
  const changed = () => {
    view.version = (view.version ?? 0) + 1;
    hooks.changed?.(task);
  };
  state.tasks.set(taskArn, task);
  void live().finally(end);
  return task;

  async function live(): Promise<void> {
    try {
      await world.clock.sleep(timing.provision, { signal: stopping.signal });
      plugIn();
      view.connectivityAt = now();
      to('PENDING');
      const { over } = await runContainers(task, state, request, stopping.signal, changed);
      hooks.activate?.(task);
      view.startedAt = now();
      to('RUNNING');
      const why = await Promise.race([over, aborted(stopping.signal)]);
      if (why) task.stop(...why);
    } catch (error) {
      if (!stopping.signal.aborted) task.stop(reasonOf(error), 'TaskFailedToStart');
    }
    await windDown();
  }

  async function windDown(): Promise<void> {
    if (view.startedAt && (task.targets.length > 0 || task.instances.length > 0)) {
      to('DEACTIVATING');
      await hooks.deactivate?.(task);
    }
    to('STOPPING');
    await stopContainers(task);
    view.executionStoppedAt = now();
    for (const container of view.containers ?? []) container.lastStatus = 'STOPPED';
    to('DEPROVISIONING');
    await world.clock.sleep(timing.deprovision);
    await unplug(state, view);
    view.stoppedAt = now();
    to('STOPPED');
    world.clock.sleep(timing.stopped, { background: true }).then(
      () => state.tasks.delete(taskArn),
      () => undefined,
    );
  }

  function to(status: string): void {
    view.lastStatus = status;
    changed();
  }

  function plugIn(): void {
    const subnetId = request.network?.subnets?.[0];
    const ec2 = interfacesOf(state);
    if (!ec2 || !subnetId) return;
    attach(
      ec2.plug(where, {
        subnetId,
        securityGroups: request.network?.securityGroups ?? [],
        description: `arn:aws:ecs:${where.region}:${where.account}:attachment/${requestId(world)}`,
        requester: 'ecs',
        publicIp: request.network?.assignPublicIp === 'ENABLED',
      }),
    );
  }

  function attach({ id: interfaceId, privateIp, subnetId }: NetworkInterface): void {
    task.address = privateIp;
    view.attachments = [
      {
        id: requestId(world),
        type: 'ElasticNetworkInterface',
        status: 'ATTACHED',
        details: [
          { name: 'subnetId', value: subnetId },
          { name: 'networkInterfaceId', value: interfaceId },
          { name: 'privateIPv4Address', value: privateIp },
        ],
      },
    ];
    for (const container of view.containers ?? [])
      container.networkInterfaces = [{ attachmentId: view.attachments[0]?.id, privateIpv4Address: privateIp }];
  }
}

/** Its interface, its images, its secrets, its logs, and then its containers in their order. Resolves when all run; answers what ends the task. */
async function runContainers(
  task: TaskRecord,
  state: State,
  { definition, where, overrides, deployment }: TaskRequest,
  signal: AbortSignal,
  changed: () => void,
): Promise<{ over: Promise<[string, StopCode]> }> {
  const { world, containers } = state;
  const { view } = task;
  const id = lastWord(view.taskArn);
  task.address ??= addressOf(state);
  const roleArn = overrides?.executionRoleArn ?? definition.executionRoleArn;
  const by: Caller | undefined = roleArn
    ? { ...where, principal: sessionOf(roleArn, id, world.clock.now() + sessionLength) }
    : undefined;
  const nobody: Caller = {
    ...where,
    principal: { kind: 'service', account: where.account, service: 'ecs-tasks.amazonaws.com' },
  };
  const definitions = definition.containerDefinitions ?? [];
  const secrets = new Map<string, Record<string, string>>();
  for (const { name = '', secrets: wanted = [] } of definitions)
    secrets.set(name, wanted.length > 0 ? await resolveSecrets(world, by ?? nobody, wanted) : {});
  view.pullStartedAt = new Date(world.clock.now());
  for (const { name, image = '' } of definitions) {
    const pulled = await containers.pull(image, {
      ...where,
      family: definition.family,
      ...(by && { principal: by.principal }),
    });
    const container = viewOf(view.containers, name);
    if (pulled.digest) container.imageDigest = pulled.digest;
  }
  await world.clock.sleep(timing.pull, { signal });
  view.pullStoppedAt = new Date(world.clock.now());

  const { promise: over, resolve: finish } = Promise.withResolvers<[string, StopCode]>();
  const begun = new Map(definitions.map(({ name = '' }) => [name, Promise.withResolvers<void>()]));
  const exits = new Map(definitions.map(({ name = '' }) => [name, Promise.withResolvers<Exit>()]));
  const wells = new Map(definitions.map(({ name = '' }) => [name, Promise.withResolvers<void>()]));
  const results = definitions.map((container) => begin(container));
  // An essential container that ends before the others run ends the task.
  await Promise.race([Promise.all(results), aborted(signal), over]);
  signal.throwIfAborted();
  return { over };

  async function begin(container: ContainerDefinition): Promise<void> {
    const { name = '', essential = true } = container;
    const shown = viewOf(view.containers, name);
    for (const { containerName = '', condition } of container.dependsOn ?? []) {
      await begun.get(containerName)?.promise;
      if (condition === 'HEALTHY') await Promise.race([wells.get(containerName)?.promise, unwell(containerName, name)]);
      if (condition !== 'SUCCESS' && condition !== 'COMPLETE') continue;
      const exit = await exits.get(containerName)?.promise;
      if (condition === 'SUCCESS' && exit?.code !== 0) throw unresolved(containerName, name, shown);
    }
    signal.throwIfAborted();
    const log = await openLog(world, by ?? nobody, container.logConfiguration, { container: name, task: id });
    const override = overrides?.containerOverrides?.find((one) => one.name === name);
    const check = checkOf(container);
    const running = await containers.start({
      task: {
        arn: view.taskArn,
        ...where,
        family: definition.family,
        revision: definition.revision,
        address: task.address ?? '',
        ...(deployment && { service: deployment.service.name }),
        ...roleOf(overrides?.taskRoleArn ?? definition.taskRoleArn),
      },
      name,
      image: container.image ?? '',
      ...(shown.imageDigest && { digest: shown.imageDigest }),
      ...(container.entryPoint && { entryPoint: container.entryPoint }),
      ...((override?.command ?? container.command) && { command: override?.command ?? container.command ?? [] }),
      ...(container.workingDirectory && { workingDirectory: container.workingDirectory }),
      environment: {
        ...variables(container.environment),
        ...variables(override?.environment),
        ...secrets.get(name),
      },
      ...(check && { healthCheck: check }),
      ports: (container.portMappings ?? []).flatMap(({ containerPort }) => containerPort ?? []),
      log,
    });
    task.running.set(name, running);
    shown.lastStatus = 'RUNNING';
    shown.runtimeId = `${id}-${world.random.text(10, '0123456789')}`;
    begun.get(name)?.resolve();
    running.onHealth((health) => {
      shown.healthStatus = health;
      if (health === 'HEALTHY') wells.get(name)?.resolve();
      view.healthStatus = healthOf(view.containers ?? [], definitions);
      changed();
    });
    void running.exited.then((exit) => {
      Object.assign(shown, { lastStatus: 'STOPPED', exitCode: exit.code, ...(exit.reason && { reason: exit.reason }) });
      exits.get(name)?.resolve(exit);
      if (essential) finish(['Essential container in task exited', 'EssentialContainerExited']);
      changed();
    });
    await world.clock.sleep(timing.start, { signal });
  }

  async function unwell(name: string, waiting: string): Promise<never> {
    await exits.get(name)?.promise;
    throw unresolved(name, waiting, viewOf(view.containers, waiting));
  }
}

/** The words of the ECS agent (amazon-ecs-agent, `dependencygraph`), which the container is shown with; the task did not start. */
function unresolved(dependency: string, waiting: string, shown: Container): StopError {
  shown.reason = `dependency graph: failed to resolve container ordering dependency [${dependency}] for target [${waiting}] as dependency did not exit successfully.`;
  return new StopError('Task failed to start');
}

async function stopContainers({ running, definition, view }: TaskRecord): Promise<void> {
  const seconds = (name: string) =>
    definition.containerDefinitions?.find((one) => one.name === name)?.stopTimeout ?? 30;
  await Promise.all([...running].map(([name, one]) => one.stop(seconds(name))));
  await Promise.all([...running.values()].map(({ exited }) => exited));
  for (const [name, { exited }] of running) viewOf(view.containers, name).exitCode ??= (await exited).code;
}

/** ECS API, "HealthCheck": "HEALTHY: all essential containers within the task have passed"; one that has not makes it UNHEALTHY. */
function healthOf(
  shown: readonly Container[],
  definitions: readonly ContainerDefinition[],
): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  const checked = definitions.filter(({ essential = true, healthCheck }) => essential && healthCheck);
  const all = checked.map(({ name }) => shown.find((one) => one.name === name)?.healthStatus);
  if (all.includes('UNHEALTHY')) return 'UNHEALTHY';
  return all.length > 0 && all.every((one) => one === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}

export const hasHealthCheck = ({ containerDefinitions = [] }: Definition): boolean =>
  containerDefinitions.some(({ essential = true, healthCheck }) => essential && healthCheck !== undefined);

function checkOf({ healthCheck }: ContainerDefinition): HealthCheck | undefined {
  if (!healthCheck?.command || healthCheck.command[0] === 'NONE') return undefined;
  const { command, interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = healthCheck;
  return { command, interval, timeout, retries, startPeriod };
}

function containerView(
  { name = '', image, cpu, memory }: ContainerDefinition,
  taskArn: string,
  where: Where,
  id: string,
): Container {
  return {
    containerArn: arnOf(where, 'container', ...taskArn.split('/').slice(1), id),
    taskArn,
    name,
    ...(image && { image }),
    lastStatus: 'PENDING',
    healthStatus: 'UNKNOWN',
    networkBindings: [],
    networkInterfaces: [],
    cpu: String(cpu ?? 0),
    ...(memory !== undefined && { memory: String(memory) }),
  };
}

const variables = (list: readonly { name?: string | undefined; value?: string | undefined }[] = []) =>
  Object.fromEntries(list.map(({ name = '', value = '' }) => [name, value]));

const roleOf = (role: string | undefined) => (role ? { role } : {});

function viewOf(containers: readonly Container[] | undefined, name: string | undefined): Container {
  const found = containers?.find((one) => one.name === name);
  if (!found) throw new Error(`the task has no container ${name}`);
  return found;
}

function interfacesOf({ world }: State): Interfaces | undefined {
  return (world.services.get('ec2') as { interfaces?: Interfaces } | undefined)?.interfaces;
}

/** Of a task that names no subnet there is. */
function addressOf({ world: { random } }: State): string {
  const byte = () => Math.floor(random.next() * 254) + 1;
  return `10.255.${byte()}.${byte()}`;
}

async function unplug(state: State, { attachments = [] }: TaskRecord['view']): Promise<void> {
  for (const attachment of attachments) {
    const id = attachment.details?.find(({ name }) => name === 'networkInterfaceId')?.value;
    if (id) await interfacesOf(state)?.unplug(id);
    attachment.status = 'DELETED';
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof StopError) return error.message;
  if (error instanceof AwsError)
    return `Unexpected EC2 error while attempting to Create Network Interface in subnet: ${wordsOf(error)}`;
  return `InternalError: ${error instanceof Error ? error.message : error}`;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
