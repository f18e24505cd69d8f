import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type ReadEntry } from 'tar';
import { type Digest, UserError } from '../pipeline/mod.ts';
import { workingDirectory } from './layer-maker.ts';
import type { Descriptor, Index, Manifest } from './oci/descriptor.ts';
import type { Repository } from './oci/repository/mod.ts';
import { ownLayers } from './process-image.ts';

/**
 * Writes what an image has in its working directory into `directory`, which exists: for a machine with Node of its own. Of
 * an index the image for this machine is taken, or the first when none is, since JavaScript runs on all. Its base is left
 * out.
 * @throws UserError FL2101 when it is not there, FL2102 when it is no archive of files, and what the repository refuses
 */
export async function unpack(repository: Repository, image: Digest, directory: string): Promise<void> {
  const strip = workingDirectory.split('/').length - 1;
  for (const layer of await layersOf(repository, image)) {
    // Without `strict` a file that cannot be written is a warning.
    const files = extract({
      cwd: directory,
      strip,
      preserveOwner: false,
      strict: true,
      onReadEntry: withoutPrivileges,
    });
    try {
      await pipeline(Readable.from(repository.readBlob(layer)), files);
    } catch (error) {
      throw isSystemError(error) || error instanceof UserError ? error : damaged(repository, image, error);
    }
  }
}

/** A file that runs as its owner, whoever starts it, is nothing that an application has. */
function withoutPrivileges(entry: ReadEntry): void {
  if (entry.mode !== undefined) entry.mode &= 0o777;
}

/** What an archive brings about by itself, in a directory that was empty: a link to nothing, a file in place of a directory. */
const ownFaults = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENAMETOOLONG']);

/** What the disk says, unlike what is wrong with the archive. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && !ownFaults.has((error as NodeJS.ErrnoException).code ?? '');
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

function damaged({ place }: Repository, digest: Digest, cause: unknown): UserError {
  return new UserError(
    {
      code: 'FL2102',
      severity: 'error',
      message: `the image ${digest} in ${place} cannot be laid out: ${cause instanceof Error ? cause.message : cause}`,
      help: 'Build and deploy the release again from its sources.',
    },
    { cause },
  );
}

function missing({ place }: Repository, digest: Digest): UserError {
  return new UserError({
    code: 'FL2101',
    severity: 'error',
    message: `the image ${digest} is not in ${place}`,
    help: 'Build and deploy the release again from its sources.',
  });
}
