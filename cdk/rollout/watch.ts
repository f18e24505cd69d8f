import type { Service, Task } from '@aws-sdk/client-ecs';
import type { Reporter } from '../../pipeline/mod.ts';
import type { Clients } from '../clients.ts';
import type { Time } from '../time.ts';
import { type Ending, endingOf, isInit } from './ending.ts';
import { describeServices, isSteady, primaryOf, tasksOf } from './services.ts';
import { taskLog } from './task-log.ts';

/** What a service was before anything changed. */
export interface Former {
  deployment?: string | undefined;
  taskDefinition?: string | undefined;
}

export interface WatchRequest {
  cluster: string;
  /** Names of services by process. */
  services: Record<string, string>;
  /** By process; absent: it was not there. */
  former: Record<string, Former>;
  /** Milliseconds that a process has to answer from when it runs. */
  healthTimeout: number;
  /** Whether the first task that fails decides, rather than ECS after several. */
  hasty: boolean;
}

/** A process of a new release that does not come up. */
export class RolloutFailed extends Error {
  readonly process: string;
  readonly ending: Ending;
  /** Whose log tells more. */
  readonly task: Task | undefined;
  /** What it wrote, where that was read before the log went. */
  output: string[] | undefined;

  constructor(process: string, ending: Ending, task?: Task) {
    super(`${process}: ${ending.reason}`);
    [this.process, this.ending, this.task] = [process, ending, task];
  }
}

/** More time than a process has, where ECS itself gives up on tasks and something may be slow besides the process. */
const patience = 60_000;

/** Tasks that fail until a release counts as failed: as many as the circuit breaker of ECS takes, which a canary does not have. */
const tries = 3;

/** Looks at services while they are changed, and tells what ECS does. Remembers what it has seen. */
export class Watch {
  readonly #aws: { clients: Clients; time: Time };
  readonly #request: WatchRequest;
  readonly #report: Reporter;
  /** By task: when its process was first seen to run. Milliseconds since 1970. */
  readonly #running = new Map<string, number>();
  /** By process: what is being rolled out. */
  readonly #seen = new Map<string, { deployment: string; taskDefinition: string }>();
  /** By process: the last of its tasks that failed. */
  readonly #failed = new Map<string, RolloutFailed>();
  readonly #told = new Set<string>();
  /** Processes that were looked at. */
  readonly #greeted = new Set<string>();
  /** By task definition: whether its process has a health check. */
  readonly #checks = new Map<string, boolean>();

  constructor(aws: { clients: Clients; time: Time }, request: WatchRequest, report: Reporter) {
    [this.#aws, this.#request, this.#report] = [aws, request, report];
  }

  /** Whether all services are as they should be. @throws RolloutFailed when one of them will not be */
  async look(): Promise<boolean> {
    const { cluster, services } = this.#request;
    const found = await describeServices(this.#aws.clients, cluster, services);
    let done = Object.keys(services).every((process) => found[process] !== undefined);
    for (const [process, service] of Object.entries(found)) {
      this.#tell(process, service);
      await this.#examine(process, service);
      if (!isSteady(service)) done = false;
    }
    return done;
  }

  async #examine(process: string, service: Service): Promise<void> {
    const former = this.#request.former[process];
    const primary = primaryOf(service);
    const seen = this.#seen.get(process);
    if (primary?.id && primary.id !== former?.deployment && !seen)
      this.#seen.set(process, { deployment: primary.id, taskDefinition: primary.taskDefinition ?? '' });
    const mine = this.#seen.get(process);
    if (!mine) return;
    await this.#examineTasks(process, service, mine.deployment);
    const { deployments = [] } = service;
    const own = deployments.find(({ id }) => id === mine.deployment);
    const away = primary?.id !== mine.deployment && primary?.taskDefinition === former?.taskDefinition;
    if (own?.rolloutState === 'FAILED' || (away && own?.status !== 'PRIMARY'))
      this.#giveUp(process, own?.rolloutStateReason);
    if (isSteady(service) && (service.desiredCount ?? 0) === 0 && former?.taskDefinition !== mine.taskDefinition)
      throw new RolloutFailed(process, { reason: 'it was scaled to nothing meanwhile' });
  }

  async #examineTasks(process: string, service: Service, deployment: string): Promise<void> {
    const { hasty, healthTimeout, cluster } = this.#request;
    const tasks = await tasksOf(this.#aws.clients, cluster, service.serviceName!);
    const now = this.#aws.time.now().getTime();
    let failures = 0;
    const checked = await this.#hasCheck(service);
    for (const task of tasks.filter(({ startedBy }) => startedBy === deployment)) {
      const ending = endingOf(task);
      if (ending) failures += 1;
      if (ending && failures >= (hasty ? 1 : tries)) throw new RolloutFailed(process, ending, task);
      if (ending) await this.#remember(process, ending, task);
      const waited = checked ? this.#waited(task, now) : 0;
      if (waited <= healthTimeout + (hasty ? 0 : patience)) continue;
      const container = essentialOf(task);
      const reason = `it did not answer within ${healthTimeout} ms`;
      throw new RolloutFailed(process, { reason, ...(container && { container }) }, task);
    }
  }

  /** A first release takes its log along when CloudFormation takes it away, which may be before anybody else gives it up. */
  async #remember(process: string, ending: Ending, task: Task): Promise<void> {
    if (this.#failed.get(process)?.task?.taskArn === task.taskArn) return;
    const failure = new RolloutFailed(process, ending, task);
    this.#failed.set(process, failure);
    if (this.#request.former[process] === undefined && ending.container !== undefined)
      failure.output = await taskLog(this.#aws, task, ending.container);
  }

  /** Of an image that says nothing of its health, the load balancer and ECS alone know. */
  async #hasCheck({ taskDefinition }: Service): Promise<boolean> {
    if (taskDefinition === undefined) return false;
    const known = this.#checks.get(taskDefinition);
    if (known !== undefined) return known;
    const ecs = await this.#aws.clients.ecs();
    const described = await ecs.describeTaskDefinition({ taskDefinition });
    const containers = described.taskDefinition?.containerDefinitions ?? [];
    const has = containers.some(({ name, healthCheck }) => !isInit(name) && healthCheck !== undefined);
    this.#checks.set(taskDefinition, has);
    return has;
  }

  /** Milliseconds that a task runs without being healthy. */
  #waited(task: Task, now: number): number {
    const container = task.containers?.find(({ name }) => name === essentialOf(task));
    if (task.lastStatus !== 'RUNNING' || container?.lastStatus !== 'RUNNING') return 0;
    if (container.healthStatus === 'HEALTHY') return 0;
    const begun = this.#running.get(task.taskArn!) ?? now;
    this.#running.set(task.taskArn!, begun);
    return now - begun;
  }

  /** The last process that was seen to fail, whoever else noticed it first. */
  get failure(): RolloutFailed | undefined {
    return [...this.#failed.values()].at(-1);
  }

  /** Sees what has come, failed and gone between two looks: tasks of a newer revision than the former. */
  async lookBack(): Promise<void> {
    const { cluster, services, former } = this.#request;
    const found = await describeServices(this.#aws.clients, cluster, services);
    for (const [process, { serviceName }] of Object.entries(found)) {
      const before = revisionOf(former[process]?.taskDefinition);
      for (const task of await tasksOf(this.#aws.clients, cluster, serviceName!)) {
        const ending = endingOf(task);
        if (ending && revisionOf(task.taskDefinitionArn) > before) await this.#remember(process, ending, task);
      }
    }
  }

  #giveUp(process: string, why: string | undefined): never {
    throw (
      this.#failed.get(process) ?? new RolloutFailed(process, { reason: `ECS gave up: ${why ?? 'it gives no reason'}` })
    );
  }

  /** What ECS says of a service, once each; what it said before anything changed is no news. */
  #tell(process: string, { events = [] }: Service): void {
    const old = this.#request.former[process] !== undefined && !this.#greeted.has(process);
    this.#greeted.add(process);
    for (const { id, message = '' } of events.toReversed()) {
      if (id === undefined || this.#told.has(id)) continue;
      this.#told.add(id);
      if (!old && !/has reached a steady state/.test(message)) this.#report.info(`${process}: ${message}`);
    }
  }
}

/** Of the ARN of a task definition, which ends in it; 0 without one. */
function revisionOf(arn: string | undefined): number {
  return Number(arn?.split(':').at(-1) ?? 0);
}

/** The container that the process is: the one that the others make ready. */
function essentialOf(task: Task): string | undefined {
  return task.containers?.find(({ name }) => !isInit(name))?.name;
}

/** What services are before a change. */
export async function formerOf(
  clients: Clients,
  cluster: string,
  services: Record<string, string>,
): Promise<Record<string, Former>> {
  const found = await describeServices(clients, cluster, services);
  return Object.fromEntries(
    Object.entries(found).map(([process, service]) => [
      process,
      { deployment: primaryOf(service)?.id, taskDefinition: service.taskDefinition },
    ]),
  );
}
