import type { ProvisionEvent, ProvisionRequest } from '../../runtime/wire.ts';
import type { Aws } from '../aws.ts';
import { isMissing } from '../errors.ts';
import type { FoundationFacts } from '../model.ts';
import { endingOf } from './ending.ts';
import { runTask } from './one-off.ts';
import { taskLog } from './task-log.ts';

const variable = 'FAIRLEAD_PROVISION';

/** The task that made the databases of an environment, and where it runs. */
export interface Provisioning {
  /** The output `ProvisionTaskDefinition`. */
  taskDefinition: string;
  network: FoundationFacts;
  tags: Record<string, string>;
}

/**
 * Runs the task that makes databases and roles with another order: to take away what nobody uses any more, or everything. Answers the
 * names of the databases on their servers; none when the task definition is gone.
 */
export async function provision(
  aws: Pick<Aws, 'clients' | 'time'>,
  { taskDefinition, network, tags }: Provisioning,
  action: Exclude<ProvisionRequest['action'], 'create'>,
): Promise<string[]> {
  const ecs = await aws.clients.ecs();
  const described = await ecs.describeTaskDefinition({ taskDefinition }).catch((error: unknown) => {
    // Taken out of use and gone, as when it is dropped for the second time: so was what it made.
    if (isMissing(error) || /Unable to describe/.test(String(error))) return undefined;
    throw error;
  });
  const orders = (described?.taskDefinition?.containerDefinitions ?? []).flatMap(({ name, environment = [] }) => {
    const text = environment.find((one) => one.name === variable)?.value;
    if (name === undefined || text === undefined) return [];
    return [{ name, request: { ...(JSON.parse(text) as ProvisionRequest), action } }];
  });
  if (orders.length === 0) return [];
  const task = await runTask(aws, {
    taskDefinition,
    network,
    tags,
    overrides: orders.map(({ name, request }) => ({
      name,
      environment: [{ name: variable, value: JSON.stringify(request) }],
    })),
  });
  const ending = endingOf(task);
  if (ending) {
    const lines = ending.container ? await taskLog(aws, task, ending.container) : [];
    const failed = lines.map(provisionEventFrom).findLast((event) => event?.event === 'failed');
    throw new Error(failed?.event === 'failed' ? failed.message : ending.reason);
  }
  return orders.flatMap(({ request }) => request.databases.map(({ physical }) => physical));
}

export function provisionEventFrom(line: string): ProvisionEvent | undefined {
  try {
    const value = JSON.parse(line) as ProvisionEvent | null;
    return value && typeof value === 'object' && typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
