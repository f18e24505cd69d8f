import { defaultBase, resolveBase } from '../../images/base/mod.ts';
import { parseBaseName, renderBaseName } from '../../images/base/name.ts';
import type { Layout } from '../../images/oci/repository/mod.ts';
// Not from its mod.ts, which builds and so loads what bundles, too.
import { writeProvisioner } from '../../images/provisioner.ts';
import type { Sources } from '../../images/registries/mod.ts';
import { scratchBases } from '../../images/scratch-bases.ts';
import type { BaseImage, Release } from '../../pipeline/mod.ts';
import { version } from '../../pipeline/version.ts';
import { awsError } from '../errors.ts';
import type { BuiltImage } from './mod.ts';

export interface ProvisionerOptions {
  /** Where it is written. */
  layout: Layout;
  /** `os/architecture`, each. */
  platforms: readonly string[];
  /** Images that it may lie on, besides the kit's own. */
  trusted: readonly string[];
  sources: Sources;
  /** A directory for what was read before. @default nothing is kept */
  cache?: string;
}

/**
 * Makes the kit's own image that provisions databases on what a release lies on, which the tasks that run it have in common then. It
 * gets the secret of a database server, and the release says of itself what it lies on: so it must be an image that somebody else named.
 * @throws UserError FL7123
 */
export async function makeProvisioner(
  { content: { base } }: Pick<Release, 'content'>,
  { layout, platforms, trusted, sources, cache }: ProvisionerOptions,
): Promise<BuiltImage> {
  const write = (bases: Parameters<typeof writeProvisioner>[0]['bases']) =>
    writeProvisioner({ layout, bases, tool: version, ...(cache !== undefined && { cache }) });
  if (!base) return { digest: await write(await scratchBases(platforms)), from: layout };
  requireTrusted(base, trusted);
  const { repository, image, digest, entrypoint, libc, bases } = await resolveBase({
    lock: undefined,
    config: { base: `${base.image}@${base.digest}` },
    platforms,
    open: (registry) => sources.open(registry),
    ...(cache !== undefined && { cache }),
  });
  const written = await write({ image: { image, digest }, entrypoint, libc, platforms: [...bases.values()] });
  return { digest: written, from: layout, base: repository };
}

function requireTrusted({ image }: BaseImage, trusted: readonly string[]): void {
  const known = [defaultBase, ...trusted].map(placeOf);
  if (known.includes(placeOf(image))) return;
  throw awsError(
    'FL7123',
    `the release lies on ${renderBaseName(parseBaseName(image))}, and nobody here has named that image for the program that makes databases`,
    'If that is meant, name the image as `build.base` in fairlead.json. A preview of a fork takes only the image that the kit comes with.',
  );
}

/** Whatever its tag: that moves. */
function placeOf(image: string): string {
  const { registry, name } = parseBaseName(image);
  return `${registry}/${name}`;
}
