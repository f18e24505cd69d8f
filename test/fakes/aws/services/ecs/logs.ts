import type { LogConfiguration } from '@aws-sdk/client-ecs';
import { StopError } from '../../containers/model.ts';
import { wordsOf } from '../../containers/pull.ts';
import { AwsError, type World } from '../../model.ts';
import { type Caller, callAs } from '../as-role.ts';

/**
 * Where a container's lines go. ECS Developer Guide, "Send Amazon ECS logs to CloudWatch" (awslogs): the stream is
 * `prefix/container/task`, made by the execution role.
 * @throws StopError when there is no such group, or the role may not write to it
 */
export async function openLog(
  world: World,
  by: Caller,
  configuration: LogConfiguration | undefined,
  { container, task }: { container: string; task: string },
): Promise<(line: string) => void> {
  const { 'awslogs-group': group, 'awslogs-stream-prefix': prefix } = configuration?.options ?? {};
  if (configuration?.logDriver !== 'awslogs' || !group || !world.services.has('logs')) return () => undefined;
  const stream = `${prefix ? `${prefix}/` : ''}${container}/${task}`;
  const names = { logGroupName: group, logStreamName: stream };
  try {
    if (configuration.options?.['awslogs-create-group'] === 'true') await madeGroup(world, by, group);
    await callAs(world, by, 'logs', 'CreateLogStream', names);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceAlreadyExistsException') return writer(world, by, names);
    throw new StopError(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create ' +
        `Cloudwatch log stream: ${wordsOf(error)} : exit status 1`,
    );
  }
  return writer(world, by, names);
}

async function madeGroup(world: World, by: Caller, logGroupName: string): Promise<void> {
  try {
    await callAs(world, by, 'logs', 'CreateLogGroup', { logGroupName });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
  }
}

/** Lines that cannot be written are lost, as with the driver itself: the container goes on. */
function writer(world: World, by: Caller, names: object): (line: string) => void {
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    const logEvents = [{ timestamp: world.clock.now(), message }];
    last = last.then(() => callAs(world, by, 'logs', 'PutLogEvents', { ...names, logEvents })).catch(() => undefined);
  };
}
