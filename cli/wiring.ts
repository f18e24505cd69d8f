import { join } from 'node:path';
import { UserError } from '../analyzer/diagnostic.ts';
import { createStore } from '../images/store.ts';
import { createLocalForge, createLocalLock, type LocalForge } from '../local/mod.ts';
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
  const store = createStore(join(stateDirectory, 'store'));
  const forge = createLocalForge(stateDirectory, application);
  const ports: Ports = {
    target: await loadTarget(config.target, { stateDirectory, store, localSecrets }),
    builder: lazyBuilder(store, context.cacheDirectory),
    registry: store,
    forge,
    lock: createLocalLock(stateDirectory, (message) => report.info(message)),
    clock: { now: () => new Date() },
    report,
  };
  return { application, config, forge, ports };
}

/** Loads the builder, with the compiler and the bundler behind it, when something is built. */
function lazyBuilder(store: ReturnType<typeof createStore>, cache: string | undefined): Builder {
  return {
    async build(...args) {
      const { createBuilder } = await import('../images/mod.ts');
      return createBuilder({ store, cache }).build(...args);
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
