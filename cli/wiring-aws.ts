import { allowing, lastingNamesIn, openAwsImages, placeIn, trustedBasesIn } from '../cdk/mod.ts';
import type { BaseFinder } from '../images/base-finder.ts';
import { scratchBases, writeProvisioner } from '../images/mod.ts';
import type { Registry } from '../pipeline/mod.ts';
import { awsWritten } from '../pipeline/mod.ts';
import { version } from '../pipeline/version.ts';
import { loadTarget } from '../targets.ts';
import { baseOf } from './base.ts';
import type { Context } from './context.ts';
import { localBuilder, type Store } from './store.ts';
import type { OpenOptions, PlaceParts } from './wiring.ts';

/** Wires what there is of an application in AWS: releases are built here and kept in Amazon ECR. Nothing is asked before it is needed. */
export async function openAws(context: Context, store: Store, options: OpenOptions): Promise<PlaceParts> {
  const { application, config, repository } = store;
  const base = await baseOf(context, config, { needed: true });
  const images = openAwsImages({
    ...placeIn(config),
    env: process.env,
    lasting: lastingNamesIn(config),
    trusted: trustedBasesIn(config),
    provisioner: () => provisionerImage(context, store, base),
    warn: ({ code, message, help }) => context.report.warn(`${code}: ${message}. ${help}`),
  });
  const target = await loadTarget('aws', {
    ...placeIn(config),
    images,
    env: process.env,
    written: (environment) => awsWritten(config, environment),
  });
  return {
    target: allowing(target, options.allowDataLoss),
    builder: localBuilder(repository, context, { hooks: options.hooks ?? true, ...(base && { base: base.find }) }),
    registry: registryOf(),
  };

  /** What was built goes to ECR with its images, unless somebody only looks. */
  function registryOf(): Registry {
    const there = async () => (await images.of(application)).registry;
    return {
      async put(release, mark) {
        await store.registry.put(release, mark);
        if (options.looking) return;
        const to = await images.of(application);
        await context.report.step(`Push to ${to.destination.repository.place}`, async () => {
          const layers = base?.repository();
          await to.push(release, mark, repository, {
            ...(layers && { base: layers }),
            signal: context.interruption.signal,
          });
        });
      },
      get: async (digest) => (options.looking && (await store.registry.get(digest))) || (await there()).get(digest),
      list: async (environment) => (await there()).list(environment),
    };
  }
}

/** The kit's own image, in the same layout as those of the application and on the same base. */
async function provisionerImage({ cacheDirectory }: Context, { config, repository }: Store, base?: BaseFinder) {
  const bases = await (base?.find ?? scratchBases)(config.build.platforms);
  const digest = await writeProvisioner({ layout: repository, bases, tool: version, cache: cacheDirectory });
  const layers = base?.repository();
  return { digest, from: repository, ...(layers && { base: layers }) };
}
