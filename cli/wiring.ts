import { UserError } from '../analyzer/diagnostic.ts';
import { openLayout, type Repository } from '../images/oci/repository/mod.ts';
import { createReleaseRegistry } from '../images/release/mod.ts';
import { createLocalForge, createLocalLock, type ImageSource, type LocalForge, pathsOf } from '../local/mod.ts';
import {
  type Builder,
  type Config,
  type Environment,
  type Ports,
  parseConfig,
  parseEnvironment,
} from '../pipeline/mod.ts';
import { loadTarget } from '../targets.ts';
import { applicationName, readText } from './application.ts';
import type { Context } from './context.ts';
import { version } from './version.ts';

/** An application with everything its use cases touch the world through. */
export interface Opened {
  application: string;
  config: Config;
  /** The same as `ports.forge`, with what an author does to a pull request. */
  forge: LocalForge;
  ports: Ports;
}

/** Wires the ports of this machine; `localSecrets` win in the environment `local`. */
export async function openApplication(context: Context, localSecrets: Record<string, string> = {}): Promise<Opened> {
  const { directory, stateDirectory, report } = context;
  const application = applicationName(directory);
  const config = parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json');
  const repository = localRepository(stateDirectory, application);
  const forge = createLocalForge(stateDirectory, application);
  const ports: Ports = {
    target: await loadTarget(config.target, { stateDirectory, images: localImages(stateDirectory), localSecrets }),
    builder: lazyBuilder(repository, context.cacheDirectory),
    registry: createReleaseRegistry(repository),
    forge,
    lock: createLocalLock(stateDirectory, (message) => report.info(message)),
    clock: { now: () => new Date() },
    report,
  };
  return { application, config, forge, ports };
}

/** Loads the builder, with the compiler and the bundler behind it, when something is built. */
function lazyBuilder(repository: Repository, cache: string | undefined): Builder {
  return {
    async build(...args) {
      const { createBuilder } = await import('../images/mod.ts');
      return createBuilder({ repository, tool: version, cache }).build(...args);
    },
  };
}

/** Where this machine keeps an application's images and releases: an OCI image layout, which other tools read, too. */
function localRepository(stateDirectory: string, application: string): Repository {
  return openLayout(pathsOf(stateDirectory).store(application));
}

function localImages(stateDirectory: string): ImageSource {
  return {
    async unpack(application, image, directory) {
      const { unpack } = await import('../images/unpack.ts');
      await unpack(localRepository(stateDirectory, application), image, directory);
    },
  };
}

/** The environment of that name. @throws UserError FL3001 when the name is not legal, FL5008 when it does not exist */
export async function existingEnvironment({ application, ports }: Opened, name: string): Promise<Environment> {
  const environment = parseEnvironment(application, name);
  if (await ports.target.read(environment)) return environment;
  throw await noSuchEnvironment(environment, ports);
}

/** Says what there is instead. */
export async function noSuchEnvironment({ application, name }: Environment, { target }: Ports): Promise<UserError> {
  const names = (await target.list(application)).map(({ environment }) => environment.name);
  return new UserError({
    code: 'FL5008',
    severity: 'error',
    message: `${application} has no environment ${name}`,
    help:
      names.length > 0 ? `There is ${names.join(', ')}.` : 'Put one up with "fairlead preview" or "fairlead promote".',
  });
}
