import type { World } from '../model.ts';
import type { Reach } from '../services/ecs/load-balancing.ts';
import { type Containers, type Exit, type HealthCheck, type Launch, type Running, StopError } from './model.ts';
import { checkPull } from './pull.ts';

/** How a container of a test behaves, on the virtual clock. Empty: it runs on, and is healthy. */
export interface Script {
  /** Why it cannot be pulled: `CannotPullContainerError: …`. */
  pullError?: string;
  /** Milliseconds until its health check and its load balancer find it well. @default 0 */
  healthyAfter?: number | 'never';
  /** Milliseconds until it is no longer well. */
  unhealthyAfter?: number;
  /** Milliseconds until it ends by itself. @default it runs on */
  exitsAfter?: number;
  /** @default 0 */
  exitCode?: number;
  /** Ends with 137 for want of memory. */
  outOfMemory?: boolean;
  /** SIGTERM is not heard. */
  ignoresSigterm?: boolean;
  /** Lines that it writes when it starts. */
  logs?: string[];
  /** What it answers to requests. @default the image */
  body?: string;
}

/** Decides for each container when it is started. */
export type ScriptOf = (launch: Launch) => Script;

/** "Essential container in task exited" by SIGKILL and by SIGTERM, as shells count. */
const killed = 137;
const terminated = 143;

export function createScriptedContainers(world: World, scriptOf: ScriptOf = () => ({})): Containers {
  const { clock } = world;
  return {
    pull: (image, pull) => checkPull(world, image, pull),
    async start(launch) {
      const script = scriptOf(launch);
      if (script.pullError) throw new StopError(script.pullError);
      for (const line of script.logs ?? []) launch.log(line);
      return play(script, launch, clock);
    },
    dispose: async () => undefined,
  };
}

function play(script: Script, launch: Launch, clock: World['clock']): Running {
  const startedAt = clock.now();
  const ended = new AbortController();
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  const end = (exit: Exit) => {
    ended.abort();
    resolve(exit);
  };
  /** What goes on by itself hastens no clock; but for the end, which somebody waits for. */
  const after = (milliseconds: number, work: () => void, background: boolean) => {
    clock.sleep(milliseconds, { signal: ended.signal, background }).then(work, () => undefined);
  };
  if (script.outOfMemory)
    after(
      script.exitsAfter ?? 0,
      () => end({ code: killed, reason: 'OutOfMemoryError: Container killed due to memory usage' }),
      false,
    );
  else if (script.exitsAfter !== undefined) after(script.exitsAfter, () => end({ code: script.exitCode ?? 0 }), false);
  const isWell = () => {
    const age = clock.now() - startedAt;
    const { healthyAfter = 0, unhealthyAfter = Number.POSITIVE_INFINITY } = script;
    return !ended.signal.aborted && healthyAfter !== 'never' && age >= healthyAfter && age < unhealthyAfter;
  };
  return {
    exited,
    onHealth(listener) {
      const { healthCheck } = launch;
      if (!healthCheck) return;
      const { well, ill } = changes(script, healthCheck);
      if (well !== undefined) after(well, () => listener('HEALTHY'), false);
      if (ill !== undefined) after(ill, () => listener('UNHEALTHY'), well === undefined);
    },
    async stop(seconds) {
      if (ended.signal.aborted) return;
      if (script.ignoresSigterm) {
        await clock.sleep(seconds * 1000);
        end({ code: killed });
      } else end({ code: terminated });
    },
    reach: (): Reach | undefined =>
      ended.signal.aborted
        ? undefined
        : { kind: 'scripted', status: isWell() ? 200 : 503, body: script.body ?? launch.image },
  };
}

/**
 * When the health of a container changes, in milliseconds after its start. ECS API, "HealthCheck": a check each interval; within the start
 * period failures do not count, and so many in a row after it make the container unhealthy.
 */
function changes(script: Script, check: HealthCheck): { well?: number; ill?: number } {
  const interval = check.interval * 1000;
  const { healthyAfter = 0, unhealthyAfter } = script;
  const firstCheckFrom = (time: number) => Math.max(1, Math.ceil(time / interval)) * interval;
  const patience = firstCheckFrom(check.startPeriod * 1000) + (check.retries - 1) * interval;
  const well = healthyAfter === 'never' ? Number.POSITIVE_INFINITY : firstCheckFrom(healthyAfter);
  if (well > patience) return { ill: patience, ...(Number.isFinite(well) && { well }) };
  return unhealthyAfter === undefined
    ? { well }
    : { well, ill: firstCheckFrom(unhealthyAfter) + (check.retries - 1) * interval };
}
