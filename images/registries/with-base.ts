import { type Digest, UserError } from '../../pipeline/mod.ts';
import type { ByteStream, CallOptions, Content, CopySource, ImageSource, Repository } from '../oci/repository/mod.ts';
import { registryError } from './errors.ts';

/** The images of `from`, with the blobs that it lacks from `base`, where they are read when they are needed. */
export function withBase(from: Repository, base: ImageSource): CopySource {
  return {
    place: from.place,
    registry: from.registry,
    name: from.name,
    manifest: (reference, options) => from.manifest(reference, options),
    referrers: (digest, artifactType, options) => from.referrers(digest, artifactType, options),
    readBlob: (content, options) => readBlob(from, base, content, options),
  };
}

async function* readBlob(from: Repository, base: ImageSource, content: Content, options?: CallOptions): ByteStream {
  if (await from.hasBlob(content.digest, options)) return yield* from.readBlob(content, options);
  try {
    yield* base.readBlob(content, options);
  } catch (error) {
    throw isMissing(error) ? baseIsMissing(content.digest, base, error) : error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof UserError && error.diagnostics.some(({ code }) => code === 'FL2203');
}

function baseIsMissing(digest: Digest, base: ImageSource, cause: unknown): UserError {
  return registryError(
    'FL2220',
    `${base.place} does not have the layer ${digest} of the base image any more`,
    'Take a newer base with `fairlead images update`, or push the old one there again.',
    cause,
  );
}
