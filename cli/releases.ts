import type { Repository } from '../images/oci/repository/repository.ts';
import { createReleaseRegistry, noSuchRelease, type ReleaseRegistry } from '../images/release/mod.ts';
import type { Digest, KeptRelease, Release } from '../pipeline/mod.ts';
import { applicationName } from './application.ts';
import type { Context } from './context.ts';
import { openStore } from './store.ts';

/** What the commands that read releases have in common. */
export interface PlaceOptions {
  /** `HOST[/PREFIX]`. @default this machine's own store */
  registry?: string | undefined;
}

/** Where the releases of one application are kept. */
export interface ReleasePlace {
  application: string;
  repository: Repository;
  registry: ReleaseRegistry;
}

/** Works with the releases on this machine, or with those in a registry. */
export async function withReleases<T>(
  context: Context,
  { registry }: PlaceOptions,
  work: (place: ReleasePlace) => Promise<T>,
): Promise<T> {
  if (registry === undefined) return work(openStore(context));
  const application = applicationName(context.directory);
  // What speaks with registries takes a while to load.
  const { openDestination } = await import('../images/registries/mod.ts');
  const { repository, close } = await openDestination(registry, application, {
    env: process.env,
    warn: ({ code, message, help }) => context.report.warn(`${code}: ${message}. ${help}`),
  });
  try {
    return await work({ application, repository, registry: createReleaseRegistry(repository) });
  } finally {
    await close();
  }
}

/** The release that a digest, or the first digits of one, stands for. @throws UserError FL2105, FL2106 */
export async function readRelease({ repository, registry }: ReleasePlace, text: string): Promise<Release> {
  const digest = await registry.find(text);
  const release = await registry.get(digest);
  if (release) return release;
  throw noSuchRelease(digest, repository.place);
}

/** The environments that run a release now, by its digest. */
export async function runningWhere(context: Context): Promise<(digest: Digest) => string[]> {
  const { openApplication } = await import('./wiring.ts');
  const { application, ports } = await openApplication(context);
  const all = await ports.target.list(application);
  return (digest) => all.filter(({ release }) => release === digest).map(({ environment }) => environment.name);
}

/** For what and when a release was kept: `production`, or `no environment`. */
export function markOf({ environment }: Pick<KeptRelease, 'environment'>): string {
  return environment ?? 'no environment';
}
