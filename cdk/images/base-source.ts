import { defaultBase, parseBaseName } from '../../images/base/name.ts';
import type { ImageSource } from '../../images/oci/repository/mod.ts';
import type { Sources } from '../../images/registries/mod.ts';
import type { BaseImage } from '../../pipeline/mod.ts';
import { awsError } from '../errors.ts';

/**
 * Where the layers of a release's base are. A release may come from a job where anything may have run, so it cannot send us to any
 * registry it likes: only to the kit's own, to those that `trusted` names, and to the one that images go to.
 * @param trusted names of images, such as `build.base` of fairlead.json
 * @throws UserError FL7120
 */
export async function baseSource(
  base: BaseImage,
  { sources, trusted, own }: { sources: Sources; trusted: readonly string[]; own: string },
): Promise<ImageSource> {
  const { registry, name } = parseBaseName(base.image);
  const known = [own, ...[defaultBase, ...trusted].map((image) => parseBaseName(image).registry)];
  if (!known.includes(registry))
    throw awsError(
      'FL7120',
      `the release lies on ${base.image}, which is in a registry that nobody here has named`,
      'If that is meant, name the image as `build.base` in fairlead.json of the commit that deploys.',
    );
  const source = await sources.open(registry);
  return source.repository(name);
}
