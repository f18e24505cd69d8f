import { UserError } from '../analyzer/diagnostic.ts';
import type { Workbench } from '../images/mod.ts';
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

export interface OpenOptions {
  /** Values that win in the environment `local`. */
  localSecrets?: Record<string, string>;
  /** Whether the build hooks of `encore.app` run. @default true */
  hooks?: boolean;
  /** What former builds left for the next ones, of builds for this machine. @default each build begins anew */
  workbench?: Workbench;
  /** Whether environments are on this machine, whatever else is said. @default false */
  here?: boolean;
  /** Whether releases are kept on this machine alone: for what only looks. @default false */
  looking?: boolean;
  /** Data stores that may be lost, by the names of their resources. @default none */
  allowDataLoss?: readonly string[];
}

/** Wires the ports of the place where the application's environments are. */
export async function openApplication(context: Context, options: OpenOptions = {}): Promise<Opened> {
  const { stateDirectory, report } = context;
  const store = openStore(context);
  const { application, config } = store;
  const place = options.here ? 'local' : (context.cloud ?? config.target);
  const forge = createLocalForge(stateDirectory, application, place);
  const parts = await (place === 'aws'
    ? (await import('./wiring-aws.ts')).openAws(context, store, options)
    : openHere(context, store, options));
  const ports: Ports = {
    ...parts,
    forge,
    lock: createLocalLock(stateDirectory, (message) => report.info(message)),
    clock: { now: () => new Date() },
    prober: httpProber,
    report,
  };
  return { ...store, forge, ports };
}

/** What differs from place to place. */
export type PlaceParts = Pick<Ports, 'target' | 'builder' | 'registry'>;

async function openHere(
  context: Context,
  { repository, registry }: Store,
  { localSecrets = {}, hooks = true, workbench }: OpenOptions,
): Promise<PlaceParts> {
  const { stateDirectory } = context;
  // As every program takes it that knows OpenTelemetry.
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector } = process.env;
  const images = storedImages(stateDirectory);
  return {
    target: await loadTarget('local', { stateDirectory, images, localSecrets, ...(collector && { collector }) }),
    builder: localBuilder(repository, context, { hooks, workbench }),
    registry,
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
