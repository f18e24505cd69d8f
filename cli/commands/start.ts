import { start as bringBack } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { summarize } from '../summary.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

/** Starts what an environment ran when it came to a stop. */
export async function start(context: Context, { env }: { env: string }): Promise<Result> {
  const opened = await openApplication(context);
  const environment = await existingEnvironment(opened, env);
  return summarize(await bringBack({ environment, config: opened.config }, opened.ports));
}
