import { join } from 'node:path';
import {
  type AwsImages,
  allowing,
  lastingNamesIn,
  makeProvisioner,
  openAwsImages,
  placeIn,
  trustedBasesIn,
} from '../cdk/mod.ts';
import type { Handover as OpenedHandover } from '../images/handover/mod.ts';
import { openLayout } from '../images/oci/repository/mod.ts';
import { awsWritten, type Builder, type Config, parseConfig, type Registry, UserError } from '../pipeline/mod.ts';
import { loadTarget } from '../targets.ts';
import type { Opening, Place, Runner } from './runner.ts';

type World = Pick<Runner, 'run' | 'env' | 'report'>;

/** What is known of an application that environments in AWS are of; without it what is there can be seen and removed. */
type About = Pick<Opening, 'config' | 'isolated'>;

/** Environments in the account that the job has signed in to, and where their images are. */
export async function openAwsTarget(place: Place, world: World, about: About = {}) {
  const { run, env, report } = world;
  const config = about.config ?? parseConfig('{}', 'fairlead.json');
  const at = { ...placeIn(config), ...(place.region !== undefined && { region: place.region }) };
  // What is in a fork is not believed when it names what gets the secret of a database server.
  const trusted = about.isolated ? [] : trustedBasesIn(config);
  const images = openAwsImages({
    ...at,
    env,
    lasting: lastingNamesIn(config),
    trusted,
    provisioner: (release, sources) =>
      makeProvisioner(release, {
        ...{ sources, trusted, platforms: config.build.platforms },
        layout: openLayout(join(run.temp, 'fairlead-provisioner')),
        cache: join(run.temp, 'fairlead-base'),
      }),
    warn: ({ code, message, help }) => report.warn(`${code}: ${message}. ${help}`),
  });
  const { owner, name } = run.repository;
  const target = await loadTarget('aws', {
    ...{ ...at, env, images, repository: `${owner}/${name}` },
    written: (environment) => awsWritten(config, environment),
  });
  return { target, images };
}

/** @throws UserError FL6038 */
export async function openAws(opening: Opening, world: World) {
  const { application, handover, looking = false } = opening;
  if (opening.registry !== undefined) throw otherRegistry(opening.registry);
  const config: Config | undefined = handover?.config ?? opening.config;
  const { target, images } = await openAwsTarget(opening, world, { ...opening, ...(config && { config }) });
  const built = handover as OpenedHandover | undefined;
  return {
    target: allowing(target, opening.allowDataLoss),
    registry: registryOf({ application, images, built, looking, report: world.report }),
    ...(built && { builder: asHandedOver(built) }),
  };
}

/** Its images stay in the handover until the release is kept. */
function asHandedOver({ release }: OpenedHandover): Builder {
  return { build: async () => release };
}

interface Kept {
  application: string;
  images: AwsImages;
  built: OpenedHandover | undefined;
  /** Whether nothing is sent anywhere. */
  looking: boolean;
  report: World['report'];
}

/** Releases in Amazon ECR, beside their images; what was handed over goes there. */
function registryOf({ application, images, built, looking, report }: Kept): Registry {
  const there = async () => (await images.of(application)).registry;
  return {
    async put(release, mark) {
      if (looking) return;
      const to = await images.of(application);
      if (!built) return to.registry.put(release, mark);
      await report.step(`Push to ${to.destination.repository.place}`, () => to.push(release, mark, built.layout));
    },
    get: async (digest) => (digest === built?.release.digest ? built.release : (await there()).get(digest)),
    list: async (environment) => (await there()).list(environment),
  };
}

function otherRegistry(registry: string): UserError {
  return new UserError({
    code: 'FL6038',
    severity: 'error',
    message: `the input \`registry\` is ${JSON.stringify(registry)}, and the target aws keeps releases in the Amazon ECR of its own account`,
    help: 'Remove `registry` from `with:` in the workflow.',
  });
}
