import { join } from 'node:path';
import { parseEnvironment, planEnvironment } from '../../../pipeline/mod.ts';
import type { Context, Result } from '../../context.ts';
import { openApplication } from '../../wiring.ts';
import { cloudOf } from './open.ts';

/** Writes what would be applied, in the cloud's own format, for other tools and for whoever wants to leave. */
export async function synth(context: Context, { env, output }: { env: string; output: string }): Promise<Result> {
  const opened = await openApplication(context, { looking: true });
  const { application, config, ports } = opened;
  const cloud = cloudOf(opened);
  const environment = parseEnvironment(application, env);
  const { plan } = await planEnvironment({ environment, root: context.directory, config }, ports);
  const files = await cloud.synthesize(plan, output);
  return {
    document: { environment, directory: output, files },
    text: [`${env} of ${application}:`, ...files.map((file) => `  ${join(output, file)}`)].join('\n'),
  };
}
