import type { Task } from '@aws-sdk/client-ecs';
import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';
import { minute, poll, type Time } from '../time.ts';

/** Where a container writes. */
export interface LogPlace {
  group: string;
  /** The stream is `<prefix>/<container>/<id of the task>`. */
  prefix: string;
}

/** How often it is looked again for lines that AWS has not passed on yet. */
const looks = 5;

/** Where the containers of a task definition write, by their names. */
export async function logPlaces(clients: Clients, taskDefinition: string): Promise<Record<string, LogPlace>> {
  const ecs = await clients.ecs();
  const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition });
  return Object.fromEntries(
    (found?.containerDefinitions ?? []).flatMap(({ name, logConfiguration }) => {
      const { 'awslogs-group': group, 'awslogs-stream-prefix': prefix } = logConfiguration?.options ?? {};
      return name !== undefined && group !== undefined && prefix !== undefined ? [[name, { group, prefix }]] : [];
    }),
  );
}

/** All lines that a container of a task has written, at least `least` of them unless they do not come. */
export async function taskLog(
  { clients, time }: { clients: Clients; time: Time },
  { taskArn, taskDefinitionArn }: Pick<Task, 'taskArn' | 'taskDefinitionArn'>,
  container: string,
  least = 1,
): Promise<string[]> {
  const place = (await logPlaces(clients, taskDefinitionArn!))[container];
  if (!place) return [];
  const stream = `${place.prefix}/${container}/${taskArn!.split('/').at(-1)}`;
  let left = looks;
  return poll(
    async () => {
      const lines = await readStream(clients, place.group, stream);
      left -= 1;
      return lines.length >= least || left === 0 ? lines : undefined;
    },
    time,
    { what: `the log of ${container}`, within: 10 * minute, from: 300, to: 2_000 },
  );
}

async function readStream(clients: Clients, logGroupName: string, logStreamName: string): Promise<string[]> {
  const logs = await clients.logs();
  const lines: string[] = [];
  let nextToken: string | undefined;
  for (;;) {
    const page = await unlessMissing(
      logs.getLogEvents({ logGroupName, logStreamName, startFromHead: true, ...(nextToken && { nextToken }) }),
    );
    lines.push(...(page?.events ?? []).map(({ message = '' }) => message.replace(/\r?\n$/, '')));
    // The same token again says that there is no more.
    if (!page?.nextForwardToken || page.nextForwardToken === nextToken) return lines;
    nextToken = page.nextForwardToken;
  }
}
