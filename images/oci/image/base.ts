import { UserError } from '../../../pipeline/mod.ts';
import type { Descriptor, ImageConfig, Platform } from '../descriptor.ts';

/** What an image is put on: by reference, so none of its layers is read. */
export interface Base {
  platform: Platform;
  config: ImageConfig;
  /** Those of its manifest, lowest first. */
  layers: readonly Descriptor[];
}

/** Nothing at all, as `FROM scratch`. */
export function scratch(platform: Platform): Base {
  return { platform, config: { ...platform, rootfs: { type: 'layers', diff_ids: [] } }, layers: [] };
}

const layerType =
  /^application\/vnd\.(oci\.image\.layer\.v1\.tar|docker\.image\.rootfs\.diff\.tar)(\+gzip|\.gzip|\+zstd)?$/;

/** @throws UserError FL2308 when manifest, config and platform of a base do not belong together, or it has layers of another kind */
export function checkBase({ platform, config, layers }: Base): void {
  const problem = problemOfBase({ platform, config, layers });
  if (problem === undefined) return;
  throw new UserError({
    code: 'FL2308',
    severity: 'error',
    message: `the base image cannot be built on: ${problem}`,
    help: 'Name another base image for this platform.',
  });
}

function problemOfBase({ platform, config, layers }: Base): string | undefined {
  const { os, architecture } = config;
  if (os !== platform.os || architecture !== platform.architecture)
    return `it is for ${os}/${architecture}, not for ${platform.os}/${platform.architecture}`;
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== layers.length)
    return `its config knows ${diffIds.length} layers, its manifest ${layers.length}`;
  const odd = layers.find(({ mediaType }) => !layerType.test(mediaType));
  return odd && `it has a layer of the type ${odd.mediaType}`;
}
