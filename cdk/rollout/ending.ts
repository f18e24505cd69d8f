import type { Container, Task } from '@aws-sdk/client-ecs';

/** How a task ended that should not have. */
export interface Ending {
  /** The container whose log tells more; absent when none ever ran. */
  container?: string;
  /** `it ended with code 3`. */
  reason: string;
}

/** Whether a container ends first and well in a task that starts: those make databases ready. */
export function isInit(name: string | undefined): boolean {
  return name !== undefined && /^(provision(-\d+)?|migrate)$/.test(name);
}

/** Why a stopped task is a failure; undefined when it was stopped by somebody, or did what it had to do. */
export function endingOf(task: Task): Ending | undefined {
  if (task.lastStatus !== 'STOPPED') return undefined;
  const containers = task.containers ?? [];
  const failed =
    containers.find((one) => isInit(one.name) && hasFailed(one)) ??
    (task.stopCode === 'EssentialContainerExited' ? containers.find(hasFailed) : undefined);
  if (failed) return { container: failed.name!, reason: reasonOf(failed) };
  if (task.stopCode === 'TaskFailedToStart') return { reason: `it could not be started: ${task.stoppedReason}` };
  if (task.stopCode === 'EssentialContainerExited') {
    const ended = containers.find(({ name, exitCode }) => exitCode === 0 && !isInit(name));
    // A task that has nothing else to do than its init containers has done it.
    if (!ended) return undefined;
    return { container: ended.name!, reason: 'it ended by itself' };
  }
  if (/health check/i.test(task.stoppedReason ?? '')) {
    const ill = containers.find(({ healthStatus }) => healthStatus === 'UNHEALTHY') ?? containers.at(-1);
    return { ...(ill && { container: ill.name! }), reason: `it did not answer: ${task.stoppedReason}` };
  }
  return undefined;
}

function hasFailed({ exitCode, reason }: Container): boolean {
  return (exitCode !== undefined && exitCode !== 0) || (exitCode === undefined && reason !== undefined);
}

function reasonOf({ exitCode, reason }: Container): string {
  if (exitCode === undefined) return `it could not be started: ${reason}`;
  // 128 and the number of the signal, as shells count; ECS sends 9 when the memory is used up.
  if (/OutOfMemory/.test(reason ?? '')) return 'it needs more memory than it has, and was ended for that';
  if (exitCode === 137) return 'it was ended by SIGKILL';
  return `it ended with code ${exitCode}`;
}
