import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  type ImageSettings,
  imageOf,
  indexOf,
  type Layer,
  openLayer,
  scratch,
} from '../../../../images/oci/image/mod.ts';
import type { Repository } from '../../../../images/oci/repository/mod.ts';

/**
 * A layer with this Node as `/bin/node` and the libraries it loads, in a file in `directory`: what a base image needs to
 * have. Linux only. Made outside of the test's context, in which compressing takes four times as long.
 */
export async function nodeBase(directory: string): Promise<Layer> {
  const script = resolve(import.meta.dirname, 'build-node-base.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, directory]);
  return JSON.parse(stdout) as Layer;
}

/**
 * Puts a base image of one layer into a repository. It says to be for two platforms, as base images are: the layer is this
 * machine's for either, and no other machine ever runs it.
 */
export async function pushBase(
  repository: Repository,
  tag: string,
  layer: Layer,
  settings: ImageSettings = { entrypoint: ['/bin/node'], user: '0:0', workingDirectory: '/' },
): Promise<void> {
  await repository.writeBlob(layer.descriptor, openLayer(layer));
  const images = ['amd64', 'arm64'].map((architecture) =>
    imageOf({ base: scratch({ os: 'linux', architecture }), layers: [{ ...layer, createdBy: 'node' }], settings }),
  );
  for (const { config, manifest } of images) {
    await repository.writeBlob(config.descriptor, () => config.bytes);
    await repository.putManifest(manifest.bytes, manifest.descriptor.mediaType);
  }
  const index = indexOf(images);
  await repository.putManifest(index.bytes, index.descriptor.mediaType, tag);
}
