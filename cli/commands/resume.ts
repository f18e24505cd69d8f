import { resume as release } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

/** Ends the hold of a rollback. */
export async function resume(context: Context, { env }: { env: string }): Promise<Result> {
  const opened = await openApplication(context);
  const environment = await existingEnvironment(opened, env);
  const result = await release({ environment }, opened.ports);
  const text = result.kind === 'resumed' ? `${env} takes promotions again.` : `${env} was not held.`;
  return { document: { ...result, environment }, text };
}
