import type { Context, Result } from '../context.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

/** Runs a cron job now and waits for its end. */
export async function trigger(context: Context, { job, env }: { job: string; env: string }): Promise<Result> {
  const opened = await openApplication(context);
  const environment = await existingEnvironment(opened, env);
  await context.report.step(`Run ${job} in ${env}`, () => opened.ports.target.trigger(environment, job));
  return { document: { environment: env, cronJob: job, status: 'done' }, text: `${job} has run in ${env}.` };
}
