import type { Environment, Repair, Reporter } from '../../pipeline/mod.ts';
import { refuseForeign } from '../../pipeline/refusals/ownership.ts';
import type { Aws } from '../aws.ts';
import { ownerOf, wordsIn } from '../deployed.ts';
import { type AppOutputs, tagNames } from '../model.ts';
import { foundationStackName, stackName } from '../names.ts';
import { notThere } from '../not-there.ts';
import { clusterOf } from '../read.ts';
import { answerPauses } from '../rollout/pauses.ts';
import { describeServices, isSteady, servicesOf } from '../rollout/services.ts';
import { classOf } from '../settings.ts';
import { listResources, readStack } from '../stacks/read.ts';
import { leadRequests } from '../stacks/routes.ts';
import { repairStack } from './repair.ts';

/**
 * Takes an environment, and what lies under it, out of states in which nobody can deploy. Empty when nothing was wrong.
 * @throws UserError FL7125 when it is not there, FL4020 when it is somebody else's
 */
export async function repairEnvironment(aws: Aws, environment: Environment, report: Reporter): Promise<Repair[]> {
  const { clients, account, repository } = aws;
  const name = stackName(environment);
  const stack = await readStack(clients, name);
  if (!stack) throw notThere(environment, account.id);
  refuseForeign(ownerOf(stack), repository, wordsIn(account.id));
  const foundation = stack.tags[tagNames.foundation];
  return [
    ...(foundation ? await repairStack(aws, foundationStackName(foundation, classOf(environment.type)), report) : []),
    ...(await repairStack(aws, name, report)),
    ...(await repairServices(aws, name, report)),
  ];
}

/** What ECS is left with when a job is gone, although the stack is well. */
async function repairServices(aws: Aws, name: string, report: Reporter): Promise<Repair[]> {
  const { clients } = aws;
  const stack = await readStack(clients, name);
  if (!stack) return [];
  const repairs: Repair[] = [];
  const ecs = await clients.ecs();
  if (await answerPauses(clients, name, 'ROLLBACK'))
    repairs.push({ wrong: `a release waits for a job that is gone`, done: 'refused it: the former one answers' });
  if ((await leadRequests(clients, name)).length > 0)
    repairs.push({ wrong: 'requests were led to tasks that are gone', done: 'led them to those that run' });
  const resources = await listResources(clients, name);
  const cluster = clusterOf(resources);
  const wanted = servicesOf((stack.outputs as Partial<AppOutputs>).Services);
  if (cluster === undefined) return repairs;
  const services = await describeServices(clients, cluster, wanted);
  const asleep = Object.values(services).every(({ desiredCount }) => desiredCount === 0);
  for (const [process, { serviceName, desiredCount }] of Object.entries(services)) {
    // All of them at nothing is an environment that sleeps.
    if (asleep || (desiredCount ?? 0) > 0) continue;
    await ecs.updateService({ cluster, service: serviceName!, desiredCount: 1 });
    repairs.push({ wrong: `the service of ${process} was scaled to nothing by hand`, done: 'started one task again' });
  }
  if (repairs.length > 0) await report.step('Wait for the processes', () => waitSteady(aws, cluster, wanted));
  return repairs;
}

/** Looks, at one a second. */
const patience = 600;

async function waitSteady({ clients, time }: Aws, cluster: string, wanted: Record<string, string>): Promise<void> {
  for (let left = patience; left > 0; left--) {
    if (Object.values(await describeServices(clients, cluster, wanted)).every(isSteady)) return;
    await time.wait(1_000);
  }
}
