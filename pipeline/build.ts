import { UserError } from '../analyzer/diagnostic.ts';
import type { Config } from './config.ts';
import type { Ports } from './ports.ts';
import type { Release } from './release.ts';

export interface BuildRequest {
  application: string;
  /** The name of the environment it is for. @default none in particular */
  environment?: string;
  root: string;
  config: Config;
}

/**
 * Turns the sources under `root` into a release that is kept, built for every allocation the configuration knows.
 * @throws UserError FL3006 when the sources are another application's, and whatever is wrong with them.
 */
export async function build(
  { application, environment, root, config }: BuildRequest,
  { builder, registry, clock, report }: Pick<Ports, 'builder' | 'registry' | 'clock' | 'report'>,
): Promise<Release> {
  const release = await builder.build(root, config, report);
  const found = release.content.graph.application;
  if (found !== application) {
    throw new UserError({
      code: 'FL3006',
      severity: 'error',
      message: `the sources are of the application ${JSON.stringify(found)}, not of ${JSON.stringify(application)}`,
      help: 'Run the command in the directory of the application it is meant for.',
    });
  }
  await registry.put(release, { ...(environment !== undefined && { environment }), at: clock.now() });
  return release;
}
