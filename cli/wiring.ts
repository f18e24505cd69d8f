import { UserError } from '../analyzer/diagnostic.ts';
import { createLocalForge, createLocalLock, type LocalForge } from '../local/mod.ts';
import { storedImages } from '../local/store.ts';
import { type Environment, httpProber, type Ports, parseEnvironment } from '../pipeline/mod.ts';
import { loadTarget } from '../targets.ts';
import type { Context } from './context.ts';
import { localBuilder, openStore, type Store } from './store.ts';

/** An application with everything its use cases touch the world through. */
export interface Opened extends Store {
  /** The same as `ports.forge`, with what an author does to a pull request. */
  forge: LocalForge;
  ports: Ports;
}

/** Wires the ports of this machine; `localSecrets` win in the environment `local`. */
export async function openApplication(
  context: Context,
  { localSecrets = {}, hooks = true }: { localSecrets?: Record<string, string>; hooks?: boolean } = {},
): Promise<Opened> {
  const { stateDirectory, report } = context;
  const store = openStore(context);
  const { application, config, repository, registry } = store;
  const forge = createLocalForge(stateDirectory, application);
  const ports: Ports = {
    target: await loadTarget(config.target, { stateDirectory, images: storedImages(stateDirectory), localSecrets }),
    builder: localBuilder(repository, context, { hooks }),
    registry,
    forge,
    lock: createLocalLock(stateDirectory, (message) => report.info(message)),
    clock: { now: () => new Date() },
    prober: httpProber,
    report,
  };
  return { ...store, forge, ports };
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
