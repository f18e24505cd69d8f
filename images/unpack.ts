import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { type Digest, UserError } from '../pipeline/mod.ts';
import { workingDirectory } from './layer-maker.ts';
import type { Descriptor, Index, Manifest } from './oci/descriptor.ts';
import type { Repository } from './oci/repository/mod.ts';
import { ownLayers } from './process-image.ts';

/**
 * Writes what an image has in its working directory into `directory`, which exists: for a machine with Node of its own. Of
 * an index the image for this machine is taken, or the first when none is, since JavaScript runs on all. Its base is left
 * out.
 * @throws UserError FL2101 when it is not there, and what the repository refuses
 */
export async function unpack(repository: Repository, image: Digest, directory: string): Promise<void> {
  for (const layer of await layersOf(repository, image)) {
    const files = extract({ cwd: directory, strip: workingDirectory.split('/').length - 1, preserveOwner: false });
    await pipeline(Readable.from(repository.readBlob(layer)), files);
  }
}

async function layersOf(repository: Repository, digest: Digest): Promise<Descriptor[]> {
  const found = await repository.manifest(digest);
  if (!found) throw missing(repository, digest);
  const document = JSON.parse(Buffer.from(found.bytes).toString()) as Index | Manifest;
  if (!('manifests' in document)) return document.layers.slice(-ownLayers);
  const chosen = document.manifests.find(isForThisMachine) ?? document.manifests[0];
  if (chosen === undefined) throw missing(repository, digest);
  return layersOf(repository, chosen.digest);
}

function isForThisMachine({ platform }: Descriptor): boolean {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  return platform?.os === process.platform && platform.architecture === architecture;
}

function missing({ place }: Repository, digest: Digest): UserError {
  return new UserError({
    code: 'FL2101',
    severity: 'error',
    message: `the image ${digest} is not in ${place}`,
    help: 'Build and deploy the release again from its sources.',
  });
}
