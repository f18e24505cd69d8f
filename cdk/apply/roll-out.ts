import type { Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import type { AppOutputs, FoundationFacts, Stack } from '../model.ts';
import { answerPause, pauseOf } from '../rollout/canary.ts';
import { cancelUpdate, settleBack } from '../rollout/pauses.ts';
import { describeServices, primaryOf, servicesOf } from '../rollout/services.ts';
import { type Former, formerOf, RolloutFailed, Watch, type WatchRequest } from '../rollout/watch.ts';
import { listResources, type StackState } from '../stacks/read.ts';
import { type Updated, updateStack } from '../stacks/update.ts';

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

/**
 * Brings the stack to its template and its services to the stack, and looks at both all the while.
 * @throws StackFailed, RolloutFailed, Refused; what has been changed may be so still
 */
export async function rollOut(aws: Aws, request: RollOut, report: Reporter): Promise<RolledOut> {
  const { stack, foundation, outputs } = request;
  const cluster = foundation.clusterName;
  const wanted = servicesOf(String(stack.template.Outputs?.Services?.Value ?? '{}'));
  const before = servicesOf(outputs.Services);
  const former = await formerOf(aws.clients, cluster, { ...before, ...wanted });
  const watch = new Watch(aws, watchRequest(request, wanted, former), report);
  const canary = new CanaryGuard(aws, cluster, request);
  const { state } = await whileWatching(
    aws,
    () => updateStack(aws, stack, report, { express: request.express, allowDataLoss: request.allowDataLoss }),
    async () => {
      await watch.look();
      await canary.look(wanted);
    },
    stack.name,
  );
  await bringToStack(aws, cluster, wanted, state);
  for (;;) {
    const steady = await watch.look();
    await canary.look(wanted);
    if (steady) break;
    await aws.time.wait(interval);
  }
  const after = await describeServices(aws.clients, cluster, wanted);
  const isNew = (process: string) => after[process]?.taskDefinition !== former[process]?.taskDefinition;
  const processes = Object.keys(wanted).sort();
  return {
    state,
    started: processes.filter(isNew),
    kept: processes.filter((process) => !isNew(process)),
    verified: canary.passed,
  };
}

function watchRequest(
  { foundation, healthTimeout, hasty }: RollOut,
  services: Record<string, string>,
  former: Record<string, Former>,
): WatchRequest {
  return { cluster: foundation.clusterName, services, former, healthTimeout, hasty };
}

/** Does the work and looks again and again; what a look throws ends the work, by taking the change back. */
async function whileWatching(
  aws: Aws,
  work: () => Promise<Updated>,
  look: () => Promise<void>,
  stack: string,
): Promise<{ state: StackState }> {
  let ended = false;
  const working = work().finally(() => {
    ended = true;
  });
  const watching = (async () => {
    while (!ended) {
      await look();
      if (!ended) await aws.time.wait(interval);
    }
  })();
  const [updated, watched] = await Promise.allSettled([
    working,
    watching.catch(async (error: unknown) => {
      if (!ended && !(error instanceof Refused)) await cancelUpdate(aws, stack);
      await settleBack(aws, stack);
      throw error;
    }),
  ]);
  // What a look has seen says more than that the stack has gone back.
  if (watched.status === 'rejected') throw watched.reason;
  if (updated.status === 'rejected') {
    // CloudFormation may have been the quicker one to notice.
    await look().catch((error: unknown) => {
      if (error instanceof RolloutFailed) throw error;
    });
    throw updated.reason;
  }
  return { state: updated.value.stack };
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
  readonly #cluster: string;
  readonly #request: RollOut;
  readonly #answered = new Set<string>();
  /** Whether it was tried out with a part of the requests, and passed. */
  passed = false;

  constructor(aws: Aws, cluster: string, request: RollOut) {
    [this.#aws, this.#cluster, this.#request] = [aws, cluster, request];
  }

  async look(services: Record<string, string>): Promise<void> {
    if (!this.#hasCanary()) return;
    const { clients } = this.#aws;
    for (const service of Object.values(services)) {
      const pause = await pauseOf(clients, this.#cluster, service);
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
    const { verify, outputs } = this.#request;
    const url = traffic === 0 ? outputs.CanaryUrl : outputs.Url;
    if (!verify || url === undefined) return;
    await verify(url);
    this.passed = traffic > 0;
  }

  #hasCanary(): boolean {
    return Object.values(this.#request.stack.template.Resources).some(
      ({ Type, Properties }) =>
        Type === 'AWS::ECS::Service' && /"CANARY"|"LINEAR"|"BLUE_GREEN"/.test(JSON.stringify(Properties ?? {})),
    );
  }
}
