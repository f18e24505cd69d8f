import type { Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import type { AppOutputs, FoundationFacts, Stack } from '../model.ts';
import { answerPause, pauseOf } from '../rollout/canary.ts';
import { endCreation } from '../rollout/end-creation.ts';
import { cancelUpdate, settleBack } from '../rollout/pauses.ts';
import { describeServices, primaryOf, servicesOf } from '../rollout/services.ts';
import { taskLog } from '../rollout/task-log.ts';
import { type Former, formerOf, RolloutFailed, Watch } from '../rollout/watch.ts';
import { firstCause } from '../stacks/first-cause.ts';
import { listResources, type StackState } from '../stacks/read.ts';
import { StackFailed, updateStack } from '../stacks/update.ts';

export interface RollOut {
  stack: Stack;
  foundation: FoundationFacts;
  /** Of the environment before, as far as there was one. */
  outputs: Partial<AppOutputs>;
  express: boolean;
  healthTimeout: number;
  /** Whether the first task that fails decides. */
  hasty: boolean;
  allowDataLoss: readonly string[];
  verify?: ((url: string) => Promise<void>) | undefined;
}

export interface RolledOut {
  state: StackState;
  started: string[];
  kept: string[];
  /** Whether a canary was tried out on the way. */
  verified: boolean;
}

/** What `verify` threw while a canary was under way. */
export class Refused extends Error {
  constructor(cause: unknown) {
    super('the new release was refused', { cause });
  }
}

/** Milliseconds between two looks at services. */
const interval = 1_000;

/** What is looked at while a stack changes. */
export interface Guarded {
  stack: Pick<Stack, 'name' | 'meanings' | 'template'>;
  cluster: string;
  /** Names of services by process, as they are to be. */
  services: Record<string, string>;
  /** Of the environment before, as far as there was one. */
  outputs: Partial<AppOutputs>;
  healthTimeout: number;
  hasty: boolean;
  verify?: ((url: string) => Promise<void>) | undefined;
}

/**
 * Brings the stack to its template and its services to the stack, and looks at both all the while.
 * @throws StackFailed, RolloutFailed, Refused; what has been changed may be so still
 */
export async function rollOut(aws: Aws, request: RollOut, report: Reporter): Promise<RolledOut> {
  const { stack, foundation, outputs, healthTimeout, hasty, verify } = request;
  const cluster = foundation.clusterName;
  const wanted = servicesOf(String(stack.template.Outputs?.Services?.Value ?? '{}'));
  const former = await formerOf(aws.clients, cluster, { ...servicesOf(outputs.Services), ...wanted });
  const { state, verified } = await changeGuarded(
    aws,
    { stack, cluster, services: wanted, outputs, healthTimeout, hasty, verify },
    {
      former,
      change: async () => {
        const { express, allowDataLoss } = request;
        return (await updateStack(aws, stack, report, { express, allowDataLoss })).stack;
      },
      afterwards: (changed) => bringToStack(aws, cluster, wanted, changed),
    },
    report,
  );
  const after = await describeServices(aws.clients, cluster, wanted);
  const isNew = (process: string) => after[process]?.taskDefinition !== former[process]?.taskDefinition;
  const processes = Object.keys(wanted).sort();
  return {
    state,
    started: processes.filter(isNew),
    kept: processes.filter((process) => !isNew(process)),
    verified,
  };
}

/**
 * Changes a stack, answers the pauses of its services meanwhile, and resolves when all of them are as they should be.
 * @throws StackFailed, RolloutFailed, Refused
 */
export async function changeGuarded(
  aws: Aws,
  guarded: Guarded,
  {
    former,
    change,
    afterwards = async () => {},
  }: {
    former: Record<string, Former>;
    change: () => Promise<StackState>;
    /** Between the end of the change and the end of the wait for services. */
    afterwards?: (state: StackState) => Promise<void>;
  },
  report: Reporter,
): Promise<{ state: StackState; verified: boolean }> {
  const { cluster, services, healthTimeout, hasty, stack } = guarded;
  const watch = new Watch(aws, { cluster, services, former, healthTimeout, hasty }, report);
  const canary = new CanaryGuard(aws, guarded);
  const look = async () => {
    const steady = await watch.look();
    await canary.look();
    return steady;
  };
  const state = await whileWatching(aws, { change, look, watch }, stack, report);
  await afterwards(state);
  while (!(await look())) await aws.time.wait(interval);
  return { state, verified: canary.passed };
}

/** Does the work and looks again and again; what a look throws ends the work, by taking the change back. */
async function whileWatching(
  aws: Aws,
  { change, look, watch }: { change: () => Promise<StackState>; look: () => Promise<unknown>; watch: Watch },
  stack: Guarded['stack'],
  report: Reporter,
): Promise<StackState> {
  let ended = false;
  const working = change().finally(() => {
    ended = true;
  });
  const watching = (async () => {
    while (!ended) {
      await look();
      if (!ended) await aws.time.wait(interval);
    }
  })();
  const [changed, watched] = await Promise.allSettled([
    working,
    watching.catch(async (error: unknown) => {
      if (error instanceof RolloutFailed) error.output ??= await outputOf(aws, error);
      if (!ended && !(error instanceof Refused)) await takeBack(aws, stack, report);
      await settleBack(aws, stack.name);
      throw error;
    }),
  ]);
  // What a look has seen says more than that the stack has gone back.
  if (watched.status === 'rejected') throw watched.reason;
  if (changed.status === 'fulfilled') return changed.value;
  // CloudFormation may have been the quicker one to notice.
  await look().catch((error: unknown) => {
    if (error instanceof RolloutFailed) throw error;
  });
  const { reason } = changed;
  const cause = reason instanceof StackFailed ? firstCause(reason.events) : undefined;
  if (cause?.type !== 'AWS::ECS::Service') throw reason;
  if (!watch.failure) await watch.lookBack();
  throw watch.failure ?? reason;
}

/** What a process that failed has written. A first release takes its log along when it goes. */
export async function outputOf(aws: Aws, { task, ending }: RolloutFailed): Promise<string[]> {
  return task && ending.container !== undefined ? taskLog(aws, task, ending.container) : [];
}

/** An update goes back to what there was; a first creation has nothing to go back to, and cannot be cancelled. */
async function takeBack(aws: Aws, stack: Guarded['stack'], report: Reporter): Promise<void> {
  if (await endCreation(aws, stack, report)) return;
  await cancelUpdate(aws, stack.name);
}

/** Services that are on another revision than the stack says, such as after a run that was killed, or that were put to sleep. */
async function bringToStack(
  { clients }: Aws,
  cluster: string,
  wanted: Record<string, string>,
  { name }: StackState,
): Promise<void> {
  const ecs = await clients.ecs();
  const resources = await listResources(clients, name);
  const revisions = new Set(
    resources.filter(({ type }) => type === 'AWS::ECS::TaskDefinition').map(({ physicalId }) => physicalId),
  );
  const found = await describeServices(clients, cluster, wanted);
  for (const [process, service] of Object.entries(found)) {
    const asleep = (service.desiredCount ?? 0) === 0;
    const current = primaryOf(service)?.taskDefinition ?? service.taskDefinition;
    if (!asleep && (revisions.size === 0 || revisions.has(current))) continue;
    const family = familyOf(current);
    const right = [...revisions].find((arn) => arn !== undefined && familyOf(arn) === family);
    await ecs.updateService({
      cluster,
      service: wanted[process]!,
      ...(right !== undefined && right !== current && { taskDefinition: right }),
      ...(asleep && { desiredCount: 1 }),
    });
  }
}

/** `arn:…:task-definition/<family>:<revision>`. */
function familyOf(arn = ''): string {
  return arn.slice(arn.indexOf('/') + 1, arn.lastIndexOf(':'));
}

/** Tries the new release out at every pause of its deployment, and says whether it may go on. */
class CanaryGuard {
  readonly #aws: Aws;
  readonly #guarded: Guarded;
  readonly #answered = new Set<string>();
  /** Whether it was tried out with a part of the requests, and passed. */
  passed = false;

  constructor(aws: Aws, guarded: Guarded) {
    [this.#aws, this.#guarded] = [aws, guarded];
  }

  async look(): Promise<void> {
    if (!this.#hasCanary()) return;
    const { clients } = this.#aws;
    const { cluster, services } = this.#guarded;
    for (const service of Object.values(services)) {
      const pause = await pauseOf(clients, cluster, service);
      const step = pause && `${pause.hook} at ${pause.traffic} %`;
      if (!step || this.#answered.has(step)) continue;
      this.#answered.add(step);
      try {
        await this.#verify(pause.traffic);
      } catch (error) {
        await answerPause(clients, pause, 'ROLLBACK');
        throw new Refused(error);
      }
      await answerPause(clients, pause, 'CONTINUE');
    }
  }

  /** Before it has any traffic at the URL that leads to it alone; a first release has no URL yet, and is tried out at the end. */
  async #verify(traffic: number): Promise<void> {
    const { verify, outputs } = this.#guarded;
    const url = traffic === 0 ? outputs.CanaryUrl : outputs.Url;
    if (!verify || url === undefined) return;
    await verify(url);
    this.passed = traffic > 0;
  }

  #hasCanary(): boolean {
    return Object.values(this.#guarded.stack.template.Resources).some(
      ({ Type, Properties }) =>
        Type === 'AWS::ECS::Service' && /"CANARY"|"LINEAR"|"BLUE_GREEN"/.test(JSON.stringify(Properties ?? {})),
    );
  }
}
