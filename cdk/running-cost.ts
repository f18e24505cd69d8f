import type { RunningCost } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { costOf } from './cost/cost.ts';
import { type AppOutputs, tagNames } from './model.ts';
import { foundationStackName } from './names.ts';
import { serviceStates } from './read.ts';
import { servicesOf } from './rollout/services.ts';
import { listResources, readTemplate, type StackState } from './stacks/read.ts';

/** What an environment costs as it is now: by the tasks that really run. */
export async function runningCost({ clients, account }: Aws, stack: StackState): Promise<RunningCost> {
  const { [tagNames.foundation]: foundation, [tagNames.type]: type } = stack.tags;
  const [environment, under, resources] = await Promise.all([
    readTemplate(clients, stack.name),
    foundation && type ? readTemplate(clients, foundationStackName(foundation, type as 'preview')) : undefined,
    listResources(clients, stack.name),
  ]);
  const states = await serviceStates(clients, resources, servicesOf((stack.outputs as Partial<AppOutputs>).Services));
  const counts = new Map(Object.values(states).map((one) => [one.serviceArn, one.desiredCount ?? 0]));
  const tasks = Object.fromEntries(
    resources.flatMap(({ logicalId, physicalId }) => {
      const count = counts.get(physicalId);
      return count === undefined ? [] : [[logicalId, count]];
    }),
  );
  return costOf({
    region: account.region,
    tasks,
    ...(environment && { environment }),
    ...(under && { foundation: under }),
  });
}
