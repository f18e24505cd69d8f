import type { Foresight, Plan, Reporter } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { draw } from './draw.ts';
import { foresee } from './foresee/foresee.ts';
import { readSchema } from './schema.ts';

/** What applying the plan would do to resources. */
export async function foreseePlan(aws: Aws, plan: Plan, report: Reporter): Promise<Foresight> {
  const { clients, time, account } = aws;
  const drawn = await report.step('Write the templates', () => draw(aws, plan));
  const schema = (await readSchema(clients, plan.environment)) ?? {};
  return report.step('Compare with what is there', () => foresee({ clients, time, account, plan, ...drawn, schema }));
}
