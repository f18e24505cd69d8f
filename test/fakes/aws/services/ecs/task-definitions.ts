import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { AwsError, type Call, type Operation } from '../../model.ts';
import { checkFargateSize } from './fargate.ts';
import type { Definition, State, Where } from './model.ts';
import { arnOf, lastWord } from './names.ts';
import { putTags, tagList } from './tags.ts';

/** ECS Developer Guide, "Amazon ECS service quotas": a task definition has at most so many bytes. */
const most = 64 * 1024;

export function taskDefinitionOperations(state: State): Record<string, Operation> {
  const families = ({ account, region }: Where) =>
    [...state.families].filter(([key]) => key.startsWith(`${account}/${region}/`)).map(([, all]) => all);

  return {
    RegisterTaskDefinition(input: RegisterTaskDefinitionRequest, call) {
      const definition = register(state, input, call);
      return { taskDefinition: definition, tags: tagList(state, definition.taskDefinitionArn) };
    },
    DescribeTaskDefinition({ taskDefinition, include }, call) {
      const found = findDefinition(state, taskDefinition, call);
      const tags = tagList(state, found.taskDefinitionArn);
      return { taskDefinition: found, ...(include?.includes('TAGS') && { tags }) };
    },
    DeregisterTaskDefinition({ taskDefinition }, call) {
      if (!/:\d+$/.test(taskDefinition)) throw new AwsError('ClientException', 'Invalid revision number. Number: null');
      const found = findDefinition(state, taskDefinition, call);
      found.status = 'INACTIVE';
      found.deregisteredAt = new Date(state.world.clock.now());
      return { taskDefinition: found };
    },
    /** "You must deregister a task definition revision before you delete it"; those in use stay until nothing uses them. */
    DeleteTaskDefinitions({ taskDefinitions }: { taskDefinitions: string[] }, call) {
      const gone: Definition[] = [];
      const failures: object[] = [];
      for (const name of taskDefinitions) {
        const found = findDefinition(state, name, call);
        if (found.status === 'ACTIVE') {
          const reason =
            'The specified task definition is still in ACTIVE status. Please deregister the target and try again.';
          failures.push({ arn: found.taskDefinitionArn, reason });
          continue;
        }
        found.status = 'DELETE_IN_PROGRESS';
        gone.push(found);
        if (!isUsed(state, found)) forget(state, found, call);
      }
      return { taskDefinitions: gone, failures };
    },
    ListTaskDefinitions({ familyPrefix, status = 'ACTIVE', sort, maxResults = 100, nextToken }, call) {
      const arns = families(call)
        .flat()
        .filter((one) => one.status === status && (familyPrefix === undefined || one.family === familyPrefix))
        .map((one) => one.taskDefinitionArn);
      if (sort === 'DESC') arns.reverse();
      return page('taskDefinitionArns', arns, maxResults, nextToken);
    },
    ListTaskDefinitionFamilies({ familyPrefix = '', status = 'ACTIVE', maxResults = 100, nextToken }, call) {
      const names = families(call)
        .filter((all) => all[0]?.family.startsWith(familyPrefix))
        .filter((all) => status === 'ALL' || all.some((one) => one.status === 'ACTIVE') === (status === 'ACTIVE'))
        .flatMap((all) => all[0]?.family ?? []);
      return page('families', names, maxResults, nextToken);
    },
  };
}

/** @throws AwsError ClientException, as `RegisterTaskDefinition` refuses */
export function register(state: State, input: RegisterTaskDefinitionRequest, where: Where & Partial<Call>): Definition {
  const { tags, ...rest } = input;
  check(input);
  const { family = '' } = input;
  const all = familyOf(state, where, family);
  const revision = (all.at(-1)?.revision ?? 0) + 1;
  const definition: Definition = {
    ...rest,
    family,
    containerDefinitions: (input.containerDefinitions ?? []).map(withDefaults),
    taskDefinitionArn: arnOf(where, 'task-definition', `${family}:${revision}`),
    revision,
    status: 'ACTIVE',
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: new Date(state.world.clock.now()),
  };
  all.push(definition);
  putTags(state, definition.taskDefinitionArn, tags);
  return definition;
}

/** By ARN, `family:revision`, or `family` for its newest ACTIVE revision. */
export function findDefinition(state: State, name: string, where: Where): Definition {
  const [family = '', revision] = lastWord(name).split(':');
  const all = state.families.get(familyKey(where, family)) ?? [];
  const found = revision
    ? all.find((one) => one.revision === Number(revision))
    : all.findLast((one) => one.status === 'ACTIVE');
  if (!found) throw new AwsError('ClientException', 'Unable to describe task definition.');
  return found;
}

function isUsed({ tasks, services }: State, { taskDefinitionArn }: Definition): boolean {
  const runs = [...tasks.values()].some(
    ({ view }) => view.taskDefinitionArn === taskDefinitionArn && view.lastStatus !== 'STOPPED',
  );
  return (
    runs ||
    [...services.values()].some(
      ({ status, deployments }) =>
        status !== 'INACTIVE' &&
        deployments.some(({ revision }) => revision.definition.taskDefinitionArn === taskDefinitionArn),
    )
  );
}

function forget(state: State, definition: Definition, where: Where): void {
  const all = state.families.get(familyKey(where, definition.family)) ?? [];
  all.splice(all.indexOf(definition), 1);
}

function familyOf(state: State, where: Where, family: string): Definition[] {
  const key = familyKey(where, family);
  const all = state.families.get(key) ?? [];
  state.families.set(key, all);
  return all;
}

const familyKey = ({ account, region }: Where, family: string) => `${account}/${region}/${family}`;

/** ECS API, "ContainerDefinition": what it gets that does not say. */
function withDefaults(container: ContainerDefinition): ContainerDefinition {
  const { healthCheck } = container;
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    portMappings: (container.portMappings ?? []).map((port) => ({
      ...port,
      hostPort: port.hostPort ?? port.containerPort,
      protocol: port.protocol ?? 'tcp',
    })),
    ...(healthCheck && {
      healthCheck: {
        command: healthCheck.command,
        interval: healthCheck.interval ?? 30,
        timeout: healthCheck.timeout ?? 5,
        retries: healthCheck.retries ?? 3,
        ...(healthCheck.startPeriod !== undefined && { startPeriod: healthCheck.startPeriod }),
      },
    }),
  };
}

function check(input: RegisterTaskDefinitionRequest): void {
  const { family = '', containerDefinitions = [], requiresCompatibilities = [], networkMode } = input;
  if (!/^[\w-]{1,255}$/.test(family))
    refuse(
      'Family should not exceed 255 characters. Allowed characters are letters (uppercase and lowercase), numbers, underscores, and hyphens.',
    );
  if (containerDefinitions.length === 0) refuse('Container list cannot be empty.');
  if (Buffer.byteLength(JSON.stringify(input)) > most)
    refuse(`Actual length: '${JSON.stringify(input).length}'. Max allowed length is '${most}' bytes.`);
  if (requiresCompatibilities.includes('FARGATE')) {
    checkFargateSize(input.cpu, input.memory);
    if (networkMode !== 'awsvpc') refuse('Fargate only supports network mode ‘awsvpc’.');
  }
  const names = containerDefinitions.map(({ name = '' }) => name);
  for (const name of names)
    if (!/^[\w-]{1,255}$/.test(name))
      refuse(
        'Invalid container name. Container names should not exceed 255 characters and can contain letters, numbers, underscores and hyphens.',
      );
  if (new Set(names).size < names.length) refuse('Container names must be unique within a task definition.');
  if (!containerDefinitions.some(({ essential }) => essential ?? true))
    refuse('At least one container must be marked essential in the task definition.');
  for (const container of containerDefinitions) checkContainer(container, input);
  checkOrder(containerDefinitions);
}

function checkContainer(
  container: ContainerDefinition,
  { containerDefinitions = [], ...task }: RegisterTaskDefinitionRequest,
): void {
  const { name, image, secrets = [], environment = [], stopTimeout, logConfiguration, healthCheck } = container;
  if (!image) refuse(`Container.image should not be null or empty.`);
  const isOnFargate = task.requiresCompatibilities?.includes('FARGATE');
  for (const one of secrets)
    if (!one.name || !one.valueFrom) refuse('Both name and valueFrom are required for secrets.');
  if (isOnFargate && secrets.length > 0 && !task.executionRoleArn)
    refuse("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.");
  if (isOnFargate && logConfiguration?.logDriver === 'awslogs' && !task.executionRoleArn)
    refuse('Fargate requires task definition to have execution role ARN to support log driver awslogs.');
  if (logConfiguration?.logDriver === 'awslogs' && !logConfiguration.options?.['awslogs-group'])
    refuse('Log driver awslogs requires options: awslogs-group');
  const twice = secrets.find((secret) => environment.some((one) => one.name === secret.name));
  if (twice)
    refuse(
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${twice.name}'.`,
    );
  if (isOnFargate && stopTimeout !== undefined && stopTimeout > 120)
    refuse('Invalid setting for container. The maximum stopTimeout for Fargate tasks is 120 seconds.');
  if (healthCheck && !['CMD', 'CMD-SHELL', 'NONE'].includes(healthCheck.command?.[0] ?? ''))
    refuse("Health check command must start with 'CMD' or 'CMD-SHELL'.");
  for (const { containerName, condition } of container.dependsOn ?? []) {
    const other = containerDefinitions.find((one) => one.name === containerName);
    if (!other) refuse(`Container '${name}' depends on container '${containerName}', which does not exist.`);
    if ((condition === 'SUCCESS' || condition === 'COMPLETE') && (other?.essential ?? true))
      refuse(
        `A container that another container depends on with the condition ${condition} cannot be essential: '${containerName}'.`,
      );
    if (condition === 'HEALTHY' && !other?.healthCheck)
      refuse(`Container '${containerName}' must have a health check, since '${name}' waits until it is HEALTHY.`);
  }
}

function checkOrder(containers: readonly ContainerDefinition[]): void {
  const waitsFor = new Map(
    containers.map(({ name = '', dependsOn = [] }) => [name, dependsOn.map((one) => one.containerName ?? '')]),
  );
  const visit = (name: string, path: string[]) => {
    if (path.includes(name)) refuse('Cycle found in container dependency graph.');
    for (const next of waitsFor.get(name) ?? []) visit(next, [...path, name]);
  };
  for (const name of waitsFor.keys()) visit(name, []);
}

function refuse(message: string): never {
  throw new AwsError('ClientException', message);
}

/** Lists of the API answer a part, and a token for what follows. */
export function page<T>(key: string, all: readonly T[], size: number, token?: string): Record<string, unknown> {
  const from = token ? Number(token) : 0;
  const end = from + size;
  return { [key]: all.slice(from, end), ...(end < all.length && { nextToken: String(end) }) };
}
