import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type Manifest, mediaTypes } from '../../../../images/oci/descriptor.ts';
import { openLayout, type Repository } from '../../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../../pipeline/mod.ts';
import { artifact, type Blob, json, push, randomBlob } from '../../oci/content.ts';

/** Layers of a base image, of which a registry has all and the layout of an application none. */
export interface Base {
  layers: Record<'amd64' | 'arm64', Blob>;
}

export function someBase(size = 50_000): Base {
  return { layers: { amd64: randomBlob(size), arm64: randomBlob(size) } };
}

export async function pushBase(repository: Repository, { layers }: Base): Promise<void> {
  for (const [architecture, layer] of Object.entries(layers))
    await push(repository, platformImage(architecture, [layer]));
}

/** An index over two platforms with a layer of each base and layers of its own, and an SBOM; in a layout without the base. */
export async function application(directory: string, base: Base, own: Blob[]) {
  const layout = openLayout(directory);
  const images = Object.entries(base.layers).map(([architecture, layer]) => ({
    architecture,
    ...platformImage(architecture, [layer, ...own]),
  }));
  for (const image of images) await push(layout, image);
  const index = json(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: images.map(({ architecture, manifest }) => ({
        ...manifest.descriptor,
        platform: { os: 'linux', architecture },
      })),
    },
    mediaTypes.index,
  );
  await layout.putManifest(index.bytes, mediaTypes.index, 'local');
  const sbom = artifact('application/vnd.cyclonedx+json', index, 'what is in it');
  await push(layout, sbom);
  for (const { descriptor } of Object.values(base.layers))
    await rm(join(directory, 'blobs/sha256', descriptor.digest.slice('sha256:'.length)), { force: true });
  return { layout, index, images, sbom, own, digest: index.descriptor.digest };
}

export type Application = Awaited<ReturnType<typeof application>>;

/** Of what a registry gets that has the base and nothing else. */
export function sizeOf({ index, images, sbom, own }: Application): number {
  const parts = [
    index,
    sbom.manifest,
    ...sbom.blobs,
    ...own,
    ...images.flatMap(({ manifest, blobs }) => [manifest, blobs[0]!]),
  ];
  return parts.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}

function platformImage(architecture: string, layers: Blob[]): { manifest: Blob; blobs: Blob[] } {
  const diffIds: Digest[] = layers.map(({ bytes }) => digestOf(bytes));
  const config = json({ os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: diffIds } }, mediaTypes.config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  return { manifest: json(manifest, mediaTypes.manifest), blobs: [config, ...layers] };
}
