import type { Plan, Reporter } from '../../pipeline/mod.ts';
import { canonicalDigest } from '../../pipeline/release.ts';
import type { Aws } from '../aws.ts';
import { isSignedOut, saying } from '../errors.ts';
import { databaseName, ownerName, roleName, usedBy } from '../infra-config.ts';
import { readNote, removeNote, writeNote } from '../notes.ts';
import { type Provisioning, provision } from '../rollout/provision.ts';
import { tasksOf } from '../rollout/services.ts';

type Place = Pick<Aws, 'clients' | 'time'>;

/** Stands for which role may do what in which database. */
export function grantsOf(plan: Plan): string {
  const users = (databases: Plan['databases']) =>
    plan.processes.filter((process) => usedBy(databases, process).length > 0).map(({ name }) => roleName(plan, name));
  return canonicalDigest({
    owner: ownerName(plan),
    roles: users(plan.databases).sort(),
    databases: plan.databases
      .map((database) => ({ name: databaseName(plan, database.name), users: users([database]).sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

/** Whether roles are known to have exactly what the plan gives them. */
export async function areGranted({ clients }: Pick<Place, 'clients'>, plan: Plan): Promise<boolean> {
  return (await readNote(clients, plan.environment, 'grants')) === grantsOf(plan);
}

/** Before anything is given: from now on there may be more than one release uses. */
export async function giveMore({ clients }: Pick<Place, 'clients'>, plan: Plan): Promise<void> {
  await removeNote(clients, plan.environment, 'grants');
}

/**
 * Takes from roles what the plan does not give them, once the tasks of former releases have ended. That it could not is only told: the
 * release runs, and the next deployment tries again.
 * @param isFirst whether there is nothing to take away, since nobody was given anything before
 */
export async function settleGrants(
  aws: Place,
  plan: Plan,
  {
    isFirst,
    cluster,
    services,
    provisioning,
  }: { isFirst: boolean; cluster: string; services: Record<string, string>; provisioning: Provisioning },
  report: Reporter,
): Promise<void> {
  if (await areGranted(aws, plan)) return;
  try {
    if (!isFirst)
      await report.step('Take back what nobody uses of the databases', async () => {
        await waitForFormer(aws, cluster, services);
        await provision(aws, provisioning, 'settle');
      });
    await writeNote(aws.clients, plan.environment, 'grants', grantsOf(plan));
  } catch (error) {
    if (isSignedOut(error)) throw error;
    report.warn(
      `Some processes may still do more with databases than their code uses: ${saying(error)}. The next deployment tries again.`,
    );
  }
}

/** Looks that it is waited at most, at one a second: longer than ECS lets a task take to end. */
const patience = 150;

/** Until no task ends any more: it may be finishing what it was asked for. */
async function waitForFormer(
  { clients, time }: Place,
  cluster: string,
  services: Record<string, string>,
): Promise<void> {
  for (let left = patience; left > 0; left--) {
    const tasks = (await Promise.all(Object.values(services).map((name) => tasksOf(clients, cluster, name)))).flat();
    if (!tasks.some(({ desiredStatus, lastStatus }) => desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED')) return;
    await time.wait(1_000);
  }
}
