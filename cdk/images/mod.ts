import type { ImageSource, Repository } from '../../images/oci/repository/mod.ts';
import { pushRelease } from '../../images/push-release.ts';
import { openSources, type Pushed, type PushOptions, push, type Sources } from '../../images/registries/mod.ts';
import { createReleaseRegistry, type ReleaseRegistry } from '../../images/release/mod.ts';
import { type Diagnostic, type Digest, type Mark, type Release, shortDigest } from '../../pipeline/mod.ts';
import { readAccount } from '../account.ts';
import { type Env, openClients } from '../clients.ts';
import { translated } from '../errors.ts';
import type { Account } from '../model.ts';
import { baseSource } from './base-source.ts';
import { type EcrDestination, openRepository, repositoryUri } from './repository.ts';

export interface AwsImagesOptions {
  /** The environment of the user: keys of AWS, endpoints, proxies. */
  env: Env;
  /** @default what `env` or the profile says */
  region?: string;
  /** Of the one account that is meant. @default any */
  account?: string;
  /** Makes the kit's own image that provisions databases for a release: its digest, and the layout that has it. Asked when it is needed. */
  provisioner: (release: Release, sources: Sources) => Promise<BuiltImage>;
  /** Names of environments whose images never expire. @default production */
  lasting?: readonly string[];
  /** Images that releases may lie on, besides the kit's own, such as `build.base`. @default none */
  trusted?: readonly string[];
  warn?: (diagnostic: Diagnostic) => void;
  now?: () => number;
}

export interface BuiltImage {
  digest: Digest;
  from: Repository;
  /** Has the layers of the base that `from` lacks. */
  base?: ImageSource;
}

/** The images and releases of applications in the Amazon ECR of one account. */
export interface AwsImages {
  /** Makes the repository when it is missing. */
  of(application: string): Promise<ApplicationImages>;
  /** What images are called, or will be; makes and sends nothing. */
  names(application: string): Promise<Pick<ApplicationImages, 'reference' | 'provisioner'>>;
  /** Ends the connections. */
  close(): Promise<void>;
}

export interface ApplicationImages {
  destination: EcrDestination;
  registry: ReleaseRegistry;
  /** `HOST/NAME@sha256:…`. */
  reference(digest: Digest): string;
  /** Brings a release with its images. `base` has the layers of what it lies on; @default the registry that it names, if it is known. */
  push(release: Release, mark: Mark, from: Repository, options?: PushTo): Promise<Pushed>;
  /** Of `digests`, those that are not there. */
  missing(digests: readonly Digest[]): Promise<Digest[]>;
  /** The image that provisions databases for a release, brought here when it is missing. */
  provisioner(release: Release): Promise<string>;
}

export type PushTo = Pick<PushOptions, 'signal' | 'onProgress'> & { base?: ImageSource };

/** Nothing is asked before it is needed. */
export function openAwsImages(options: AwsImagesOptions): AwsImages {
  const { env, region, lasting = [], trusted = [], warn, now = Date.now } = options;
  const clients = openClients(env, region);
  const sources = openSources({ env: { ...env } });
  const opened = new Map<string, Promise<ApplicationImages>>();
  const account = once(() => inWords(readAccount(clients, options.account)));
  const built = onceFor((release) => options.provisioner(release, sources));

  async function open(application: string): Promise<ApplicationImages> {
    const at: Account = await account();
    const destination = await openRepository({ application, account: at, env, lasting, now, warn });
    const { repository, uri } = destination;
    const reference = (digest: Digest) => `${uri}@${digest}`;
    return {
      destination,
      registry: createReleaseRegistry(repository),
      reference,
      async push(release, mark, from, { base, ...rest } = {}) {
        const { base: image } = release.content;
        const layers = base ?? (image && (await baseSource(image, { sources, trusted, own: repository.registry })));
        const { onProgress, signal } = rest;
        return pushRelease({
          release,
          mark,
          from,
          base: layers,
          to: destination,
          ...(onProgress && { onProgress }),
          signal,
        });
      },
      async missing(digests) {
        const there = await Promise.all(digests.map((digest) => repository.manifest(digest)));
        return digests.filter((_, index) => there[index] === undefined);
      },
      provisioner: onceFor(async (release) => {
        const { digest, from, base } = await built(release);
        // No rule lets it expire: its tag begins with no environment.
        await push({ from, base, to: repository, images: [{ digest, tags: [`provisioner-${shortDigest(digest)}`] }] });
        return reference(digest);
      }),
    };
  }

  return {
    of(application) {
      const images = opened.get(application) ?? inWords(open(application));
      opened.set(application, images);
      images.catch(() => opened.delete(application));
      return images;
    },
    async names(application) {
      const uri = await repositoryUri(clients, application, await account());
      const reference = (digest: Digest) => `${uri}@${digest}`;
      return { reference, provisioner: async (release) => reference((await built(release)).digest) };
    },
    async close() {
      for (const images of await Promise.allSettled(opened.values()))
        if (images.status === 'fulfilled') await images.value.destination.close();
      await Promise.all([clients.close(), sources.close()]);
    },
  };
}

/** The same, with what AWS throws in words for the user. */
async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translated(error);
  }
}

/** Once for each release. */
function onceFor<T>(work: (release: Release) => Promise<T>): (release: Release) => Promise<T> {
  const done = new Map<Digest, () => Promise<T>>();
  return (release) => {
    const ask = done.get(release.digest) ?? once(() => work(release));
    done.set(release.digest, ask);
    return ask();
  };
}

/** What fails is tried again the next time. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}
