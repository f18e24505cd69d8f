import { readLock } from '../images/base/lock.ts';
import type { BaseFinder } from '../images/base-finder.ts';
import { readBuildSettings } from '../images/encore-app.ts';
import type { Config } from '../pipeline/mod.ts';
import type { Context } from './context.ts';

/**
 * What the application's images lie on. Undefined for nothing: then an image needs a machine that has Node itself, as this one does.
 * So it is where no base was chosen, unless one is `needed`, and where `scratch` was.
 * @throws UserError FL2501 when no digest is pinned
 */
export async function baseOf(
  context: Context,
  config: Config,
  { needed = false }: { needed?: boolean } = {},
): Promise<BaseFinder | undefined> {
  const [lock, { baseImage, warnings }] = await Promise.all([
    readLock(context.directory),
    readBuildSettings(context.directory),
  ]);
  for (const { code, message } of warnings) context.report.warn(`${code}: ${message}`);
  const base = config.build.base ?? baseImage;
  if (base === 'scratch' || (!needed && lock === undefined && base === undefined)) return undefined;
  const { openBase } = await import('../images/base-finder.ts');
  return openBase({ ...context, env: process.env }, { lock, config: { base } });
}
