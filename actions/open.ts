import { createGitHubForge } from '../github/forge.ts';
import { handoverBuilder, type Handover as OpenedHandover } from '../images/handover/mod.ts';
import { createReleaseRegistry } from '../images/release/mod.ts';
import { storedImages, storeOf } from '../local/store.ts';
import { type Builder, type Forge, httpProber, type Lock, type Ports, type Target } from '../pipeline/mod.ts';
import { loadTarget } from '../targets.ts';
import { requireIdentity } from './identity.ts';
import type { Opening, Place, Runner } from './runner.ts';
import { stateDirectoryOf } from './state-directory.ts';

type World = Pick<Runner, 'run' | 'env' | 'api' | 'report' | 'clock'>;

/** The forge of the repository whose workflow runs. */
export function openForge({ run, api, report }: Pick<World, 'run' | 'api' | 'report'>): Forge {
  const { owner, name: repo } = run.repository;
  const grantedIn = `the job in ${run.workflow}`;
  return createGitHubForge({ api, owner, repo, commit: run.sha, report, logUrl: run.url, grantedIn });
}

/** @throws UserError FL4018, FL6030 */
export async function openTarget(place: Place, world: World): Promise<Target> {
  const { target } = place;
  requireIdentity(target, world);
  if (target === 'aws') return (await (await import('./open-aws.ts')).openAwsTarget(place, world)).target;
  const stateDirectory = stateDirectoryOf(world.env);
  const { owner, name } = world.run.repository;
  const options = { stateDirectory, images: storedImages(stateDirectory), repository: `${owner}/${name}` };
  // Whether there is one of that name is checked where targets are known.
  return loadTarget(target as 'local', options);
}

/** @throws UserError FL4018, FL6030, FL6038 */
export async function openPorts(opening: Opening, world: World): Promise<Ports> {
  requireIdentity(opening.target, world);
  const parts = await (opening.target === 'aws'
    ? (await import('./open-aws.ts')).openAws(opening, world)
    : openHere(opening, world));
  const { target } = parts;
  return {
    builder: nothingBuilt,
    ...parts,
    forge: openForge(world),
    lock: await lockOf(target, world),
    clock: world.clock,
    prober: httpProber,
    report: world.report,
  };
}

async function openHere(opening: Opening, world: World) {
  const { application, handover } = opening;
  const store = storeOf(stateDirectoryOf(world.env), application);
  return {
    target: await openTarget(opening, world),
    ...(handover && { builder: handoverBuilder(handover as OpenedHandover, store) }),
    registry: createReleaseRegistry(store),
  };
}

/**
 * On this machine other processes than workflows may be at work. Everywhere else the concurrency group of the job is the lock: one
 * for each environment, in the order of asking.
 */
async function lockOf({ name }: Target, { env, report }: World): Promise<Lock> {
  if (name !== 'local') return { hold: (_environment, work) => work() };
  const { createLocalLock } = await import('../local/mod.ts');
  return createLocalLock(stateDirectoryOf(env), (message) => report.info(message));
}

/** Jobs without a handover plan and remove what is there, and bring back what is kept. */
const nothingBuilt: Builder = {
  build: () => Promise.reject(new Error('this job was handed nothing over to put up')),
};
