import type { BuilderOptions } from '../images/mod.ts';
// Not from their mod.ts, which would load what speaks with registries and what puts up environments, too.
import type { Layout } from '../images/oci/repository/layout/layout.ts';
import { createReleaseRegistry, type ReleaseRegistry } from '../images/release/mod.ts';
import { storeOf } from '../local/store.ts';
import { type Builder, type Config, parseConfig } from '../pipeline/mod.ts';
import { version } from '../pipeline/version.ts';
import { applicationName, readText } from './application.ts';
import type { Context } from './context.ts';

/** An application, and what this machine keeps of it. */
export interface Store {
  application: string;
  config: Config;
  /** Its images and releases: an OCI image layout, which other tools read, too. */
  repository: Layout;
  registry: ReleaseRegistry;
}

export function openStore({ directory, stateDirectory }: Context): Store {
  const application = applicationName(directory);
  const config = parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json');
  const repository = storeOf(stateDirectory, application);
  return { application, config, repository, registry: createReleaseRegistry(repository) };
}

export interface BuildersChoice {
  /** @default no base */
  base?: BuilderOptions['base'];
  /** Whether the build hooks of `encore.app` run. @default true */
  hooks?: boolean;
  /** @default each build begins anew */
  workbench?: BuilderOptions['workbench'];
}

/** Builds into `repository`. Loads the builder, with the bundler behind it, when something is built. */
export function localBuilder(
  repository: Layout,
  { cacheDirectory, interruption }: Pick<Context, 'cacheDirectory' | 'interruption'>,
  { base, hooks = true, workbench }: BuildersChoice = {},
): Builder {
  return {
    async build(...args) {
      const { createBuilder } = await import('../images/mod.ts');
      const options = {
        repository,
        tool: version,
        cache: cacheDirectory,
        signal: interruption.signal,
        workbench,
        ...(base && { base }),
        ...(hooks && { env: process.env }),
      };
      return createBuilder(options).build(...args);
    },
  };
}
