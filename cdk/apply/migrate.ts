import { type Outcome, type Plan, type Reporter, unmigrated } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import type { FoundationFacts, Stack } from '../model.ts';
import { migrationsOfTask } from '../rollout/migrate.ts';
import { runTask } from '../rollout/one-off.ts';
import { readSchema, type Schema, writeSchema } from '../schema.ts';
import { areGranted, giveMore } from './grants.ts';

/** The versions that the plan's databases shall have. */
export function headsOf({ databases }: Plan): Schema {
  return Object.fromEntries(databases.map(({ name, head }) => [name, head]));
}

/** Whether the databases are known to be where the plan wants them. Further on is fine: an older release goes back to older code only. */
export function isCurrent(plan: Plan, schema: Schema | undefined): boolean {
  return (
    schema !== undefined && plan.databases.every(({ name, head }) => schema[name] !== undefined && schema[name] >= head)
  );
}

/** What is known after migrations of the plan have run. Databases never go back by themselves. */
export function afterwards(plan: Plan, before: Schema | undefined): Schema {
  const heads = headsOf(plan);
  return Object.fromEntries(
    Object.entries(heads).map(([name, head]) => [name, Math.max(head, before?.[name] ?? unmigrated)]),
  );
}

/** Runs the task that makes databases and migrates them, once. @throws UserError FL4009, FL7130, FL7131 */
export async function migrateOnce(
  aws: Aws,
  plan: Plan,
  { foundation, taskDefinition, tags }: { foundation: FoundationFacts; taskDefinition: string; tags: Stack['tags'] },
  report: Reporter,
): Promise<Outcome['migrations']> {
  const { clients } = aws;
  const { environment } = plan;
  const before = await readSchema(clients, environment);
  return report.step('Apply migrations', async () => {
    await writeSchema(clients, environment);
    if (!(await areGranted(aws, plan))) await giveMore(aws, plan);
    const task = await runTask(aws, { taskDefinition, network: foundation, tags });
    const applied = await migrationsOfTask(aws, task, environment);
    await writeSchema(clients, environment, afterwards(plan, before));
    return applied;
  });
}
