import type { ProvisionRequest } from '../../runtime/wire.ts';
import type { Aws } from '../aws.ts';
import { isMissing } from '../errors.ts';
import type { FoundationFacts } from '../model.ts';
import { endingOf } from '../rollout/ending.ts';
import { provisionEventFrom } from '../rollout/migrate.ts';
import { runTask } from '../rollout/one-off.ts';
import { taskLog } from '../rollout/task-log.ts';

const variable = 'FAIRLEAD_PROVISION';

/**
 * Drops the databases and roles of an environment, by the same task that made them with another order. Answers what is gone.
 * @param taskDefinition the output `ProvisionTaskDefinition`
 */
export async function dropDatabases(
  aws: Pick<Aws, 'clients' | 'time'>,
  { taskDefinition, network, tags }: { taskDefinition: string; network: FoundationFacts; tags: Record<string, string> },
): Promise<string[]> {
  const ecs = await aws.clients.ecs();
  const described = await ecs.describeTaskDefinition({ taskDefinition }).catch((error: unknown) => {
    // Taken out of use and gone, as at the second try: so was what it made.
    if (isMissing(error) || /Unable to describe/.test(String(error))) return undefined;
    throw error;
  });
  const containers = described?.taskDefinition?.containerDefinitions ?? [];
  const overrides = containers.flatMap(({ name, environment = [] }) => {
    const text = environment.find((one) => one.name === variable)?.value;
    if (name === undefined || text === undefined) return [];
    const request: ProvisionRequest = { ...(JSON.parse(text) as ProvisionRequest), action: 'drop' };
    return [{ name, environment: [{ name: variable, value: JSON.stringify(request) }], databases: request.databases }];
  });
  if (overrides.length === 0) return [];
  const task = await runTask(aws, {
    taskDefinition,
    network,
    tags,
    overrides: overrides.map(({ name, environment }) => ({ name, environment })),
  });
  const ending = endingOf(task);
  if (ending) {
    const lines = ending.container ? await taskLog(aws, task, ending.container) : [];
    const failed = lines.map(provisionEventFrom).findLast((event) => event?.event === 'failed');
    throw new Error(failed?.event === 'failed' ? failed.message : ending.reason);
  }
  return overrides.flatMap(({ databases }) => databases.map(({ physical }) => `database ${physical}`));
}
