import type { Context, Result } from '../../context.ts';
import { openCloud } from './open.ts';

/** No process of the environment runs until it is woken. */
export async function sleep(context: Context, { env }: { env: string }): Promise<Result> {
  const { opened, cloud, environment } = await openCloud(context, env);
  await opened.ports.lock.hold(environment, () => cloud.sleep(environment, context.report));
  return { document: { environment, asleep: true }, text: `${env} sleeps; its data stays. fairlead wake --env ${env}` };
}

/** Its processes run again. */
export async function wake(context: Context, { env }: { env: string }): Promise<Result> {
  const { opened, cloud, environment } = await openCloud(context, env);
  await opened.ports.lock.hold(environment, () => cloud.wake(environment, context.report));
  const url = (await opened.ports.target.read(environment))?.url;
  return {
    document: { environment, asleep: false, url },
    text: url === undefined ? `${env} is awake` : `${env} is awake at ${url}`,
  };
}
