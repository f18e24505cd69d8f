import { readLock } from '../images/base/lock.ts';
import { openBase } from '../images/base-finder.ts';
import { readBuildSettings } from '../images/encore-app.ts';
import { handoverLayout, writeHandover } from '../images/handover/mod.ts';
import { createBuilder } from '../images/mod.ts';
import type { Config, Digest, Release, Reporter } from '../pipeline/mod.ts';
import { version } from '../pipeline/version.ts';

export interface HandoverBuild {
  /** The application's directory, absolute. */
  root: string;
  config: Config;
  /** Where the handover goes. */
  directory: string;
  /** Images for this machine lie on nothing; for containers they need a base, unless `scratch` was chosen. */
  target: string;
  cache: string;
  env: Readonly<Record<string, string | undefined>>;
  report: Reporter;
}

/** Builds an application into a handover. */
export async function buildHandover(build: HandoverBuild): Promise<{ handover: Digest; release: Release }> {
  const { root, config, directory, cache, env, report } = build;
  const base = build.target === 'local' ? undefined : await baseOf(build);
  try {
    const builder = createBuilder({
      ...{ repository: handoverLayout(directory), tool: version, cache, env },
      ...(base && { base: (platforms: readonly string[]) => base.find(platforms) }),
    });
    const release = await builder.build(root, config, report);
    return { release, handover: await writeHandover(directory, { release, root, now: new Date() }) };
  } finally {
    await base?.close();
  }
}

async function baseOf({ root, config, cache, env, report }: HandoverBuild) {
  const [lock, { baseImage, warnings }] = await Promise.all([readLock(root), readBuildSettings(root)]);
  for (const { code, message } of warnings) report.warn(`${code}: ${message}`);
  const base = config.build.base ?? baseImage;
  if (base === 'scratch') return undefined;
  return openBase({ cacheDirectory: cache, env }, { lock, config: { base } });
}
