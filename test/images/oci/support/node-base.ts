import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
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

/** Not in a test's own directory: it takes seconds to make, and is the same until Node is another. */
const kept = resolve(import.meta.dirname, '../../../../node_modules/.cache/fairlead-tests');

/**
 * A layer with this Node as `/bin/node` and the libraries it loads, in a file: what a base image needs to have. Linux only.
 * Made outside of the test's context, in which compressing takes four times as long.
 */
export async function nodeBase(): Promise<Layer> {
  const directory = join(kept, `node-${process.version}-${process.arch}`);
  const description = join(directory, 'layer.json');
  const known = await readFile(description, 'utf8').catch(() => undefined);
  if (known !== undefined) return keptIn(directory, known);
  await mkdir(directory, { recursive: true });
  const script = resolve(import.meta.dirname, 'build-node-base.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, directory]);
  const draft = `${description}.${process.pid}`;
  await writeFile(draft, stdout);
  await rename(draft, description);
  return keptIn(directory, stdout);
}

/** The repository may have moved since. */
function keptIn(directory: string, text: string): Layer {
  const layer = JSON.parse(text) as Layer & { content: { file: string } };
  return { ...layer, content: { file: join(directory, basename(layer.content.file)) } };
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
