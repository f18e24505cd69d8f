import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ImageConfig, Index, Manifest } from '../../images/oci/descriptor.ts';
import { openRegistry, type Repository } from '../../images/oci/repository/mod.ts';

/** In bytes, of the layers that are not the base's. */
export interface ImageSize {
  compressed: number;
  unpacked: number;
}

/** What an image for linux/amd64 has above `base`, a layer by the digest of its tar. */
export async function sizeAbove(
  base: string,
  host: string,
  { repository: name, tag }: { repository: string; tag: string },
): Promise<ImageSize> {
  const registry = openRegistry(host);
  try {
    const repository = registry.repository(name);
    const { layers, config } = await readImage(repository, tag);
    const { rootfs } = JSON.parse(await textOf(repository, config)) as ImageConfig;
    const size: ImageSize = { compressed: 0, unpacked: 0 };
    for (const [index, layer] of layers.entries()) {
      if (rootfs.diff_ids[index] === base) continue;
      size.compressed += layer.size;
      for await (const chunk of Readable.from(repository.readBlob(layer)).pipe(createGunzip()))
        size.unpacked += chunk.length;
    }
    return size;
  } finally {
    await registry.close();
  }
}

async function readImage(repository: Repository, reference: string): Promise<Manifest> {
  const stored = await repository.manifest(reference);
  if (stored === undefined) throw new Error(`${repository.place} has no ${reference}`);
  const manifest = JSON.parse(Buffer.from(stored.bytes).toString()) as Manifest | Index;
  if ('layers' in manifest) return manifest;
  const own = manifest.manifests.find(({ platform }) => platform?.architecture === 'amd64');
  return readImage(repository, own!.digest);
}

async function textOf(repository: Repository, content: Manifest['config']): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of repository.readBlob(content)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
